"""What a person has a host do otherwise than usual: checked before it is kept, so that no job and no disc finds it out."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from .hosts.errors import InvalidCommands
from .stages.rip import OWN_NAMES
from .stages.scripts import SCRIPT_NAMES, ScriptCommand
from .stages.templates import BadTemplate, filled

Argv = Annotated[list[str], Meta(min_length=1, max_length=200)]


class OwnStage(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of a stage."""

    script: ScriptCommand | None = None
    tools: dict[str, str] = {}
    """Where programs lie, by their names."""


class OwnRip(OwnStage, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of the rip: also what takes one title from a disc."""

    dvd: Argv | None = None
    bluray: Argv | None = None


class OwnReading(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of what reads discs and opens drives (`discs.tools.Tools`), each with `{source}`."""

    lsdvd: Argv | None = None
    makemkvcon: Argv | None = None
    eject: Argv | None = None
    limit_seconds: Annotated[float, Meta(ge=1, le=86_400)] = 300.0


SHAPES: dict[str, type[Struct]] = {"read": OwnReading, "rip": OwnRip, "remux": OwnStage, "transcode": OwnStage}


def check_commands(commands: Mapping[Any, Any]) -> None:
    """Raises `InvalidCommands`, which says what is wrong with them and where."""
    for stage, said in commands.items():
        try:
            own = msgspec.convert(said, SHAPES[stage], strict=False)
        except msgspec.ValidationError as error:
            fields = ", ".join(SHAPES[stage].__struct_fields__)
            raise InvalidCommands(f"{error} (of {stage}, which may have: {fields})") from None
        if isinstance(own, OwnStage) and own.script is not None:
            words = [*own.script.argv, *own.script.environment.values(), *own.script.results]
            _must_fill(f"{stage}.script", words, SCRIPT_NAMES)
        if isinstance(own, OwnRip):
            for kind, template in (("dvd", own.dvd), ("bluray", own.bluray)):
                _must_fill(f"{stage}.{kind}", template or (), OWN_NAMES)


def _must_fill(where: str, words: Any, names: tuple[str, ...]) -> None:
    try:
        for word in words:
            # A value that begins with no dash: what a disc is called is not known yet.
            if word:
                filled([word], dict.fromkeys(names, "x"))
    except BadTemplate as error:
        raise InvalidCommands(f"{error} (in {where})") from None
