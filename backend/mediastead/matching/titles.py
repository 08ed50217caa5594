"""How titles are compared: spelling is folded away step by step, and the step at which two agree is what it is worth."""

import re
import unicodedata
from collections import Counter
from enum import StrEnum
from functools import lru_cache
from itertools import product

from msgspec import Struct
from rapidfuzz.distance import OSA

_ARTICLES_BY_LANGUAGE = (
    ("the", "a", "an"),
    ("le", "la", "les", "l", "un", "une", "des"),
    ("der", "die", "das", "den", "ein", "eine"),
    ("el", "los", "las", "una", "il", "lo", "gli", "i", "uno"),
    ("o", "os", "as", "um", "uma", "de", "het", "een", "en", "ett", "det"),
)
ARTICLES = frozenset(article for articles in _ARTICLES_BY_LANGUAGE for article in articles)
"""Words that begin a title and are left out, moved or translated at will."""

_ROMAN = ("ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv", "xv", "xvi")
_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
ROMAN = {roman: str(value) for value, roman in enumerate(_ROMAN, 2)}
"""Without a lone `I`, which is far more often the pronoun."""
SPELLED = {word: str(value) for value, word in enumerate(_WORDS, 1)}

JOINERS = frozenset(
    ("and", "und", "et", "y", "e", "og", "och", "part", "pt", "vol", "volume", "chapter", "teil", "partie")
)
"""Words between the words that say something: Part 2 is 2, Lilo & Stitch is Lilo Stitch."""

_UNDECOMPOSED = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "ı": "i",
        "×": " x ",
        "⅓": " 1 3 ",
        "·": "",
    }
)
_APOSTROPHES = re.compile(r"['’`´ʼ‘]")
_SEPARATORS = re.compile(r"[\W_]+")
_SUBTITLE = re.compile(r"\s*(?::|\s[-–—]\s|-\s|\s[-–—]|\(|\[)\s*")


class Fit(StrEnum):
    """How two titles agree, best first."""

    EXACT = "exact"
    """The same words in the same order; case, accents and punctuation aside."""
    LOOSE = "loose"
    """The same but for articles, joining words, spaces and the way numbers are written."""
    NEAR = "near"
    """The same but for a slip of the pen."""
    PART = "part"
    """One is the other with a subtitle or a heading more."""
    OTHER = "other"
    """Other titles."""


FIT_ORDER = {fit: place for place, fit in enumerate(Fit)}


class Likeness(Struct, frozen=True):
    """What comparing two titles found."""

    fit: Fit
    slips: int = 0
    """Letters that are missing, too many, wrong or swapped; 0 unless `fit` is NEAR."""
    similarity: float = 0.0
    """0 to 1, by letters."""

    @property
    def rank(self) -> tuple[int, int, float]:
        """For sorting, the best likeness first."""
        return FIT_ORDER[self.fit], self.slips, -self.similarity


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Words of letters and digits with single spaces: case, accents, punctuation and `&` put aside; kana and hangul romanised."""
    spelled = text.casefold().translate(_UNDECOMPOSED).replace("&", " and ").replace("+", " ")
    spelled = _APOSTROPHES.sub("", spelled)
    spelled = "".join(_romanised(letter) for letter in spelled) if not spelled.isascii() else spelled
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", spelled) if not unicodedata.combining(letter))
    return " ".join(_SEPARATORS.sub(" ", plain.casefold()).split())


@lru_cache(maxsize=65536)
def loosen(folded: str) -> str:
    """A folded title without article, joining words and spaces, its numbers in digits: what two careless writers share."""
    words = folded.split()
    if len(words) > 1 and words[-1] in ("the", "a", "an"):
        words = words[:-1]
    if len(words) > 1 and words[0] in ARTICLES:
        words = words[1:]
    kept = [word for word in _in_digits(words) if word not in JOINERS]
    return "".join(kept or words)


def is_sequel_number(word: str) -> bool:
    """Whether a folded word behind a title makes it another one: `2`, `iii`, but no year."""
    return word in ROMAN or (word.isdecimal() and 1 < int(word) < 20)


def main_title(text: str) -> str | None:
    """The title before its subtitle (`Alien: Covenant` is `Alien`), None where it has none."""
    head = _SUBTITLE.split(text, maxsplit=1)[0].strip()
    return head if head and head != text.strip() else None


def without_article(text: str) -> str | None:
    """The title without its first word where that is an article, else None."""
    words = text.split()
    return " ".join(words[1:]) if len(words) > 1 and fold(words[0]) in ARTICLES else None


def with_other_numbers(text: str) -> list[str]:
    """The title with its numbers written in the other ways: in digits, as roman numerals, in words."""
    lowered = [word.lower() if word.lower() in ROMAN or word.lower() in SPELLED else word for word in text.split()]
    digits = _in_digits(lowered)
    roman, spelled = ({value: key for key, value in table.items()} for table in (ROMAN, SPELLED))
    forms = [
        digits,
        [roman[word].upper() if place and word in roman else word for place, word in enumerate(digits)],
        [spelled[word].capitalize() if word in spelled else word for word in digits],
    ]
    return [form for form in dict.fromkeys(" ".join(form) for form in forms) if form.lower() != text.lower()]


def with_apostrophes(text: str) -> list[str]:
    """`It s a Wonderful Life`, `L Art de la fugue` with the apostrophe put back, in each way that changes something."""
    mended = (
        re.sub(r"(?<=\w) (s|t|re|ll|ve|d|m)(?= |$)", r"'\1", text),
        _ELIDED.sub(r"\1'", text),
    )
    return [each for each in mended if each != text]


_ELIDED = re.compile(r"(?<!['’])\b(l|d|j|qu|dell|nell|sull|dall|c)[ .](?=[aeiouhàâèéêîôœ])", re.IGNORECASE)
"""French and Italian words that lose their last vowel before another."""


@lru_cache(maxsize=65536)
def compare(written: str, title: str) -> Likeness:
    """How `written`, a reading of a name, agrees with `title`, which a provider gave."""
    mine, theirs = fold(_LAST_ARTICLE.sub(r"\2 \1", written)), fold(title)
    if not mine or not theirs:
        return Likeness(Fit.OTHER)
    if mine == theirs:
        return Likeness(Fit.EXACT, 0, 1.0)
    my_core, their_core = loosen(mine), loosen(theirs)
    # What looks like an article or joining word may be none (`A-Team`, a slip in `Chapter`): the whole titles count as well.
    pairs = list(product({my_core, mine.replace(" ", "")}, {their_core, theirs.replace(" ", "")}))
    if any(left == right for left, right in pairs):
        return Likeness(Fit.LOOSE, 0, 1.0)
    longest = max(len(my_core), len(their_core))
    distance = min(int(OSA.distance(left, right)) for left, right in pairs)
    similarity = max(0.0, 1.0 - distance / longest)
    same_numbers = _numbers(mine) == _numbers(theirs)
    if same_numbers and distance <= _forgiven(longest) and not _has_a_word_more(mine, theirs):
        return Likeness(Fit.NEAR, distance, similarity)
    if _is_part(mine, theirs, title) or _is_part(theirs, mine, written):
        return Likeness(Fit.PART, 0, similarity)
    return Likeness(Fit.OTHER, 0, similarity if same_numbers else similarity / 2)


_LAST_ARTICLE = re.compile(r"^([^,]+), (The|A|An|Der|Die|Das|Le|La|Les|El|Il)(?= - |: )", re.IGNORECASE)
"""`Low Tide, The - The Return`"""


def _has_a_word_more(mine: str, theirs: str) -> bool:
    """Whether whole words are all that tells them apart: those are not slips (`Dragon Z Kai`)."""
    less, more = sorted((mine.split(), theirs.split()), key=len)
    return len(less) < len(more) and Counter(less) <= Counter(more)


def _forgiven(letters: int) -> int:
    """Slips that a title of so many letters may have: short words are too close to one another to forgive any."""
    return 0 if letters < 4 else 1 if letters < 8 else 2 if letters < 16 else 3


def _numbers(folded: str) -> list[str]:
    return sorted(re.findall(r"\d+", " ".join(_in_digits(folded.split()))))


def _in_digits(words: list[str]) -> list[str]:
    """The words with their numbers in digits; a first word is no roman numeral (`X-Men`, `V for Vendetta`)."""
    return [SPELLED.get(word) or (ROMAN.get(word, word) if place else word) for place, word in enumerate(words)]


def _is_part(short: str, long: str, long_as_written: str) -> bool:
    """Whether `short` is all that stands before (or after) a subtitle's mark in the other."""
    if not f" {long} ".startswith(f" {short} ") and not f" {long} ".endswith(f" {short} "):
        return False
    pieces = [fold(piece) for piece in _SUBTITLE.split(long_as_written)]
    return loosen(short) in {loosen(piece) for piece in (pieces[0], pieces[-1], " ".join(pieces[:-1])) if piece}


@lru_cache(maxsize=4096)
def _romanised(letter: str) -> str:
    """Kana and hangul as their Unicode names spell them, other letters as they are."""
    if letter.isascii():
        return letter
    name = unicodedata.name(unicodedata.normalize("NFC", letter)[:1], "") if letter else ""
    script, _, rest = name.partition(" ")
    if script == "HANGUL" and rest.startswith("SYLLABLE "):
        return rest.removeprefix("SYLLABLE ").lower()
    if script in ("KATAKANA", "HIRAGANA") and rest.startswith("LETTER "):
        return rest.removeprefix("LETTER ").removeprefix("SMALL ").lower()
    return letter
