"""README, guides and the code say the same."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec
import pytest

from mediastead.cli.main import mediastead
from mediastead.settings import SETTINGS, Settings

TOP = Path(__file__).parents[3]
DOCUMENTS = sorted(
    [TOP / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")] + list((TOP / "docs").rglob("*.md"))
)
SETTINGS_TABLE = re.compile(r"<!-- settings: begin .*?-->\n(.*)<!-- settings: end -->", re.DOTALL)


def settings_table() -> str:
    """What the guide for administrators must say of the settings."""
    rows = ["| variable | default | while it runs | what for |", "|---|---|---|---|"]
    defaults = {field.name: field.default for field in msgspec.structs.fields(Settings)}
    for key, setting in SETTINGS.items():
        default = defaults[key]
        shown = "" if default is None or default is msgspec.NODEFAULT else f"`{default}`"
        limits = setting.allowed if setting.allowed.startswith(("one of", "a number", "a whole number")) else ""
        what = f"{setting.description} {limits.capitalize()}".rstrip(". ") + "."
        rows.append(f"| `{setting.variable}` | {shown} | {'yes' if setting.editable else ''} | {what} |")
    return "\n".join(rows) + "\n"


def commands_in(text: str) -> Iterator[list[str]]:
    """The words of each `mediastead ...` in code."""
    for code in re.findall(r"```sh\n(.*?)```|`([^`\n]+)`", text, re.DOTALL):
        for line in "".join(code).splitlines():
            if match := re.search(r"(?:^|\s|/)mediastead ([a-z][^#|;&]*)", line):
                yield match[1].split()


def test_the_guide_has_the_settings_of_the_code() -> None:
    """`make docs` runs it so that it writes them."""
    guide = TOP / "docs/administration.md"
    found = SETTINGS_TABLE.search(guide.read_text("utf-8"))
    assert found
    if "MEDIASTEAD_TEST_WRITE_DOCUMENTS" in os.environ:
        guide.write_text(guide.read_text("utf-8").replace(found[1] + "<!--", settings_table() + "<!--"), "utf-8")
    else:
        assert found[1] == settings_table(), "run make docs"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_in_it_exists(document: Path) -> None:
    for words in commands_in(document.read_text("utf-8")):
        command: click.Command = mediastead
        given = [word for word in words if not word.startswith("...")]
        while given and isinstance(command, click.Group) and not given[0].startswith("-"):
            found = command.get_command(click.Context(command), given.pop(0))
            assert found, f"mediastead {' '.join(words)}"
            command = found
        known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        unknown = {word for word in given if word.startswith("--")} - known - {"--help"}
        assert not unknown, f"mediastead {' '.join(words)}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_in_it_leads_somewhere(document: Path) -> None:
    text = document.read_text("utf-8")
    for target in re.findall(r"\]\(([^)#\s]*)(?:#[^)]*)?\)", text):
        assert not target or target.startswith("https://") or (document.parent / target).exists(), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_make_target_in_it_exists(document: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (TOP / "Makefile").read_text("utf-8"), re.MULTILINE))
    wanted = set(re.findall(r"(?:^|`)make ([a-z-]+)", document.read_text("utf-8"), re.MULTILINE))
    assert wanted <= targets


def test_the_architecture_names_every_room() -> None:
    rooms = {path.parent.name for path in (TOP / "backend/mediastead").glob("*/__init__.py")}
    named = set(re.findall(r"`([a-z]+)/`", (TOP / "docs/architecture.md").read_text("utf-8")))
    assert rooms <= named


def test_the_readme_shows_the_attribution_that_tmdb_asks_for() -> None:
    assert "This product uses the TMDB API but is not endorsed or certified by TMDB." in (TOP / "README.md").read_text(
        "utf-8"
    )
