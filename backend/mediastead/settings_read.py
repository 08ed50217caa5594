"""How settings are read: from the environment over a file over defaults, each value checked."""

import difflib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import msgspec

from .settings import PREFIX, SETTINGS, InvalidSetting, Secret, Setting, Settings, Source

FILE_NAME = "mediastead.yaml"
NOT_SETTINGS = ("MEDIASTEAD_CONFIG", "MEDIASTEAD_SERVER", "MEDIASTEAD_CORPORA")
"""Variables that the command line and the tests read; so are all that begin with `MEDIASTEAD_TEST_`."""


def load_settings(environ: Mapping[str, str], file: Path | None = None) -> Settings:
    """Settings from the environment over `file` over defaults. Raises `InvalidSetting`.

    A variable that is empty counts as not set, as does `null` in the file.
    """
    values: dict[str, Any] = {}
    sources: dict[str, Source] = {}
    for key, value in (_from_file(file) if file else {}).items():
        values[key], sources[key] = checked_value(SETTINGS[key], value, f"{key} in {file}"), Source.FILE
    for key, value in _from_environment(environ).items():
        setting = SETTINGS[key]
        values[key], sources[key] = checked_value(setting, value, setting.variable), Source.ENVIRONMENT
    data_dir: Path = values.setdefault("data_dir", _data_home(environ) / "mediastead")
    in_data_dir = f"sqlite+aiosqlite:///{data_dir / 'mediastead.db'}"
    values.setdefault("database_url", checked_value(SETTINGS["database_url"], in_data_dir, "database_url in data_dir"))
    return Settings(**values, sources=sources)


def find_settings_file(environ: Mapping[str, str], folder: Path) -> Path | None:
    """`MEDIASTEAD_CONFIG`, else `mediastead.yaml` in `folder`, else in the XDG configuration folder, else none."""
    if named := environ.get("MEDIASTEAD_CONFIG"):
        return Path(named)
    config_home = Path(environ.get("XDG_CONFIG_HOME") or Path(environ.get("HOME") or Path.home()) / ".config")
    places = (folder / FILE_NAME, config_home / "mediastead" / FILE_NAME)
    return next((place for place in places if place.is_file()), None)


def checked_value(setting: Setting, value: object, name: str) -> Any:
    """`value` as the setting's type. `name` is how the person who set it calls it. Raises `InvalidSetting`."""
    if isinstance(value, str) and "Literal" in str(setting.type):
        value = value.lower()
    try:
        made = msgspec.convert(value, setting.type, strict=False, dec_hook=_decode)
        return _CHECKS[setting.key](made) if setting.key in _CHECKS else made
    except (msgspec.ValidationError, ValueError):
        shown = "" if setting.secret or setting.key == "database_url" else f" and not {str(value)[:100]!r}"
        raise InvalidSetting(f"{name} must be {setting.allowed}{shown}.", setting=setting.key) from None


def nearest(key: str, known: list[str]) -> str:
    """The known name that is most like `key`."""
    return difflib.get_close_matches(key, known, n=1, cutoff=0.0)[0]


def _from_environment(environ: Mapping[str, str]) -> dict[str, str]:
    known = {setting.variable: key for key, setting in SETTINGS.items()}
    found: dict[str, str] = {}
    for variable, value in environ.items():
        if not variable.startswith(PREFIX) or variable in NOT_SETTINGS or variable.startswith("MEDIASTEAD_TEST_"):
            continue
        if variable not in known:
            like = nearest(variable, [*known, *NOT_SETTINGS])
            raise InvalidSetting(f"There is no setting {variable}; did you mean {like}? Correct or unset it.")
        if value:
            found[known[variable]] = value
    return found


def _from_file(file: Path) -> dict[str, object]:
    import yaml  # here, because most commands have no file and need not wait for the parser

    try:
        content: object = yaml.safe_load(file.read_text("utf-8"))
    except OSError as error:
        raise InvalidSetting(f"The settings file {file} cannot be read: {error.strerror}.") from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        # The parser's own message quotes the line, which may hold a key.
        mark = getattr(error, "problem_mark", None)
        where = f", see line {mark.line + 1}" if mark else ""
        raise InvalidSetting(f"The settings file {file} is no YAML{where}.") from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise InvalidSetting(f"The settings file {file} must be lines such as `port: 8484`.")
    found = cast("dict[object, object]", content)
    for key in found:
        if key not in SETTINGS:
            raise InvalidSetting(
                f"There is no setting {key} in {file}; did you mean {nearest(str(key), list(SETTINGS))}?"
            )
    return {str(key): value for key, value in found.items() if value is not None}


def _data_home(environ: Mapping[str, str]) -> Path:
    if home := environ.get("XDG_DATA_HOME"):
        return Path(home)
    return Path(environ.get("HOME") or Path.home()) / ".local" / "share"


def _decode(kind: type, value: object) -> object:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("text is needed")
    return Secret(value.strip()) if kind is Secret else Path(value).expanduser().absolute()


def _database_url(url: str) -> str:
    for scheme in ("sqlite", "sqlite+aiosqlite"):
        if url.startswith(f"{scheme}:///"):
            path = Path(url.removeprefix(f"{scheme}:///")).expanduser()
            # A database in memory is gone with the process and shared with no other; "?" would begin driver options.
            if path.name in ("", ":memory:") or "?" in url:
                raise ValueError("no path")
            return f"sqlite+aiosqlite:///{path.absolute()}"
    parts = urlsplit(url)
    if parts.scheme in ("postgresql", "postgres", "postgresql+psycopg") and len(parts.path) > 1 and not parts.fragment:
        _ = parts.port  # raises ValueError where it is no number
        return "postgresql+psycopg" + url.removeprefix(parts.scheme)
    raise ValueError("neither of the two databases")


def _base_url(url: str) -> str:
    return url.rstrip("/")


def _folders(paths: str) -> str:
    folders = [Path(path.strip()).expanduser() for path in paths.split(":") if path.strip()]
    if not folders or not all(folder.is_absolute() for folder in folders):
        raise ValueError("not absolute")
    return ":".join(map(str, folders))


_CHECKS: dict[str, Callable[[str], str]] = {
    "database_url": _database_url,
    "staging_roots": _folders,
    "tmdb_base_url": _base_url,
}
