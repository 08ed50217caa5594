"""Importing this makes ready what reads names: the process that workers are forked from does so once for all of them."""

import gc

from .guess import guess_name

# guessit compiles its rules with the first name.
guess_name("The Warm Up (1999) 1080p.mkv")
# Nothing of it is garbage, and a worker that looked through it would copy it page by page.
gc.freeze()
