"""What the API advises is said in the words of the command line."""

import re
from pathlib import Path

import mediastead
from mediastead.cli.calling import LISTS, Refused


def test_every_list_that_the_api_advises_has_its_command() -> None:
    sources = Path(mediastead.__file__).parent.rglob("*.py")
    advised = {path for source in sources for path in re.findall(r"\blist (/v1/[a-z/-]*[a-z])", source.read_text())}
    assert advised
    assert advised <= LISTS.keys()
    said = str(Refused({"detail": "There is nothing with the number 9 in the trash; list /v1/trash."}))
    assert said == "There is nothing with the number 9 in the trash; `mediastead trash list` lists what there is."
