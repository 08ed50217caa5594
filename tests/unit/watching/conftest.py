"""Only Linux tells what changes in folders as these tests expect it."""

import sys

collect_ignore = [] if sys.platform.startswith("linux") else ["test_tree.py"]
