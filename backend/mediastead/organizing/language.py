"""The small part of Jinja's language that templates may use: names, conditions, a few filters.

No loops, calls, attributes or imports: a template can only put together what it is given, in a time that its own length
bounds. Jinja's sandbox (https://jinja.palletsprojects.com/en/stable/sandbox/) stands behind that as a second wall; alone
it would allow templates that use up memory and time.
"""

import difflib
from collections.abc import Callable, Collection

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, meta, nodes
from jinja2.sandbox import SandboxedEnvironment

from .errors import InvalidTemplate

LONGEST_TEMPLATE = 2000
"""Characters."""
LONGEST_TEXT = 4000
"""Characters that a filter may make."""

_ALLOWED = (
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.If,
    nodes.CondExpr,
    nodes.Filter,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Concat,
    nodes.Getitem,
    nodes.Slice,
    nodes.List,
    nodes.Tuple,
)


def compiled(template: str, names: Collection[str]) -> Template:
    """Raises `InvalidTemplate`, which says what is wrong and where it helps what was meant."""
    if not template.strip() or len(template) > LONGEST_TEMPLATE:
        raise InvalidTemplate(
            f"A template has between 1 and {LONGEST_TEMPLATE} characters; this one has {len(template)}."
        )
    try:
        tree = _ENVIRONMENT.parse(template)
    except TemplateSyntaxError as error:
        raise InvalidTemplate(f"{_sentence(error.message or str(error))}{_where(template, error.lineno)}") from None
    except RecursionError:
        raise InvalidTemplate("The template nests too deeply.") from None
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, _ALLOWED):
            word = type(node).__name__.lower()
            raise InvalidTemplate(f"A template cannot use {_WORDS.get(word, word)}{_where(template, node.lineno)}")
        if isinstance(node, nodes.Filter) and node.name not in FILTERS:
            raise InvalidTemplate(f'There is no filter "{node.name}"; {_meant(node.name, FILTERS)}')
    for name in sorted(meta.find_undeclared_variables(tree)):
        if name not in names:
            raise InvalidTemplate(f'There is no "{name}" to fill in; {_meant(name, names)}')
    if next(tree.find_all(nodes.Name), None) is None:
        raise InvalidTemplate(
            "The template names nothing, so that all files would be called the same: write {{ title }} in it."
        )
    return _ENVIRONMENT.from_string(tree)


def _bounded(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"a text of more than {LONGEST_TEXT} characters")
    return text


def _padded(value: object, width: int = 2) -> str:
    """`{{ season|pad }}` is `01`; nothing stays nothing."""
    return _bounded(str(value).zfill(min(width, 9))) if value != "" else ""


def _letter(value: object) -> str:
    """The letter to sort a title under: without its article, `#` for what does not begin with a letter."""
    words = str(value).split()
    if len(words) > 1 and words[0].lower() in ("the", "a", "an"):
        words = words[1:]
    first = words[0][:1].upper() if words else ""
    return first if first.isalpha() else "#"


def _replaced(value: object, old: str, new: str) -> str:
    if not old:
        raise ValueError("replace needs something to look for")
    return _bounded(str(value).replace(str(old), str(new)))


def _lower(value: object) -> str:
    return _bounded(str(value).lower())


def _upper(value: object) -> str:
    return _bounded(str(value).upper())


def _default(value: object, other: object = "") -> object:
    return other if value == "" else value


FILTERS: dict[str, Callable[..., object]] = {
    "pad": _padded,
    "letter": _letter,
    "replace": _replaced,
    "lower": _lower,
    "upper": _upper,
    "default": _default,
}
"""By name; each takes what stands before the bar."""


def _environment() -> SandboxedEnvironment:
    environment = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
    environment.globals = {}
    environment.tests = {}
    environment.filters = dict(FILTERS)
    return environment


_ENVIRONMENT = _environment()

_WORDS = {
    "for": "loops",
    "call": "calls",
    "getattr": "attributes (a dot)",
    "test": '"is"; write {% if year %} to ask whether something is known',
    "assign": '"set"',
    "mul": "arithmetic",
    "add": "arithmetic; ~ puts texts together",
    "include": "other templates",
    "import": "other templates",
    "fromimport": "other templates",
    "extends": "other templates",
}


def _meant(name: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    listed = ", ".join(known)
    return f"did you mean {close[0]}? There are: {listed}." if close else f"there are: {listed}."


def _where(template: str, line: int) -> str:
    return "." if "\n" not in template else f", in line {line}."


def _sentence(message: str) -> str:
    return message[:1].upper() + message[1:].rstrip(".")
