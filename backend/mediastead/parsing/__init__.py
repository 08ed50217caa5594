"""What a path says: titles, years, numbers, ids and roles are read from the names on it and from NFO files beside it."""

from .guess import PARSER_VERSION, Guess, Guessed
from .line import as_facts, as_line
from .nfo import NfoFacts, NfoKind, read_nfo
from .nfo_names import NfoName, holds_one_film, nfo_names
from .parsed import ParsedPath, ParsedType, Role, TitleGuess
from .parser import Parser
from .paths import names_to_guess, parse_path

__all__ = [
    "PARSER_VERSION",
    "Guess",
    "Guessed",
    "NfoFacts",
    "NfoKind",
    "NfoName",
    "ParsedPath",
    "ParsedType",
    "Parser",
    "Role",
    "TitleGuess",
    "as_facts",
    "as_line",
    "holds_one_film",
    "names_to_guess",
    "nfo_names",
    "parse_path",
    "read_nfo",
]
