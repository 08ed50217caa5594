"""What a path says: titles, years, numbers, ids and roles are read from the names on it and from NFO files beside it."""

from .guess import PARSER_VERSION, Guess, Guessed
from .line import as_facts, as_line
from .nfo import NfoFacts, NfoKind, nfo_names, read_nfo
from .parsed import ParsedPath, ParsedType, Role, TitleGuess
from .parser import Parser
from .paths import names_to_guess, parse_path

__all__ = [
    "PARSER_VERSION",
    "Guess",
    "Guessed",
    "NfoFacts",
    "NfoKind",
    "ParsedPath",
    "ParsedType",
    "Parser",
    "Role",
    "TitleGuess",
    "as_facts",
    "as_line",
    "names_to_guess",
    "nfo_names",
    "parse_path",
    "read_nfo",
]
