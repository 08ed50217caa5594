"""How a library's files are to be called: `mediastead library set NAME --naming`."""

from typing import Any

from .calling import Api
from .moves_shown import say_wrapped
from .output import print_json, say


async def name_files(api: Api, library: dict[str, Any], naming: str, preview: bool, as_json: bool) -> None:
    """Set it, or with `preview` only show what it makes of known titles."""
    named = await api.put(f"/v1/libraries/{library['id']}/naming", {"naming": naming, "preview": preview})
    if as_json:
        print_json(named)
        return
    said = "would be called" if preview else "are to be called"
    say(f"Files in {library['name']} {said} (by {naming if len(naming) < 20 else 'this template'}):")
    for example in named["examples"]:
        say(f"  {example['what']}:")
        say_wrapped(example["path"], "    ")
    if named["changed"]:
        say(f'No file was touched; `mediastead organize plan "{library["name"]}"` shows what would move.')
