"""Languages as discs and tools write them, in the way that the rest of the application does."""

from functools import cache

from babelfish import Error, Language  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType] - it has none


@cache
def language(code: str | None) -> str | None:
    """`en` of `en`, `eng`; `de` of `ger` and `deu`: what BCP 47 says. None where it is none, as `xx`, `und` and `\\0\\0`."""
    code = (code or "").strip("\0 ").lower()
    ways = {2: ("alpha2",), 3: ("alpha3t", "alpha3b")}.get(len(code), ())
    if code in ("und", "zxx"):
        return None
    for way in ways:
        try:
            found = Language.fromcode(code, way)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        except (Error, ValueError):
            continue
        try:
            return str(found.alpha2)  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
        except (Error, ValueError):
            return str(found.alpha3)  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
    return None
