"""Where settings come from, and what is said about wrong ones."""

from pathlib import Path

import pytest
from msgspec import structs

from mediastead.matching import AUTOMATIC
from mediastead.settings import (
    SETTINGS,
    InvalidSetting,
    Secret,
    Settings,
    Source,
    masked_url,
)
from mediastead.settings_read import find_settings_file, load_settings


def told(environ: dict[str, str], file: Path | None = None) -> str:
    with pytest.raises(InvalidSetting) as refused:
        load_settings(environ, file)
    return refused.value.detail


def yaml(folder: Path, text: str) -> Path:
    file = folder / "mediastead.yaml"
    file.write_text(text)
    return file


def test_without_anything_said_the_defaults_hold_and_data_lies_in_the_xdg_data_folder() -> None:
    settings = load_settings({"HOME": "/home/ada"})
    assert settings.data_dir == Path("/home/ada/.local/share/mediastead")
    assert settings.database_url == "sqlite+aiosqlite:////home/ada/.local/share/mediastead/mediastead.db"
    assert (settings.host, settings.port, settings.metadata) == ("127.0.0.1", 8484, "tmdb")
    assert {settings.source(key) for key in SETTINGS} == {Source.DEFAULT}


def test_xdg_data_home_moves_the_data_folder() -> None:
    assert load_settings({"XDG_DATA_HOME": "/srv/data"}).data_dir == Path("/srv/data/mediastead")


def test_the_database_lies_in_a_data_folder_that_was_named() -> None:
    assert load_settings({"MEDIASTEAD_DATA_DIR": "/srv/m"}).database_url == "sqlite+aiosqlite:////srv/m/mediastead.db"


def test_the_environment_comes_before_the_file_and_the_file_before_defaults(tmp_path: Path) -> None:
    file = yaml(tmp_path, "port: 1111\nlanguage: de-DE\n")
    settings = load_settings({"MEDIASTEAD_PORT": "2222"}, file)
    assert (settings.port, settings.language, settings.metadata) == (2222, "de-DE", "tmdb")
    assert [settings.source(key) for key in ("port", "language", "metadata")] == [
        Source.ENVIRONMENT,
        Source.FILE,
        Source.DEFAULT,
    ]


def test_an_empty_variable_and_a_null_in_the_file_count_as_not_set(tmp_path: Path) -> None:
    settings = load_settings({"MEDIASTEAD_TMDB_API_KEY": ""}, yaml(tmp_path, "language: null\n"))
    assert settings.tmdb_api_key is None
    assert settings.source("language") is Source.DEFAULT


def test_an_empty_file_says_nothing(tmp_path: Path) -> None:
    assert load_settings({}, yaml(tmp_path, "# nothing yet\n")).sources == {}


@pytest.mark.parametrize(
    ("variable", "nearest"),
    [
        ("MEDIASTEAD_PROT", "MEDIASTEAD_PORT"),
        ("MEDIASTEAD_TMDB_KEY", "MEDIASTEAD_TMDB_API_KEY"),
        ("MEDIASTEAD_DATABASE", "MEDIASTEAD_DATABASE_URL"),
        ("MEDIASTEAD_SERVR", "MEDIASTEAD_SERVER"),
    ],
)
def test_an_unknown_variable_is_an_error_that_names_the_nearest_one(variable: str, nearest: str) -> None:
    assert f"{nearest}?" in told({variable: "1"})


def test_variables_of_tests_and_of_the_command_line_are_no_settings() -> None:
    known = ("MEDIASTEAD_TEST_DATABASE_URL", "MEDIASTEAD_CORPORA", "MEDIASTEAD_SERVER", "MEDIASTEAD_CONFIG")
    assert load_settings(dict.fromkeys(known, "anything")).sources == {}


def test_an_unknown_key_of_the_file_is_an_error_that_names_the_nearest_one(tmp_path: Path) -> None:
    assert "langauge" in (words := told({}, yaml(tmp_path, "langauge: de\n")))
    assert "did you mean language?" in words


@pytest.mark.parametrize(
    ("variable", "value", "allowed"),
    [
        ("MEDIASTEAD_PORT", "http", "a whole number from 0 to 65535"),
        ("MEDIASTEAD_PORT", "65536", "a whole number from 0 to 65535"),
        ("MEDIASTEAD_PORT", "80.5", "a whole number from 0 to 65535"),
        ("MEDIASTEAD_METADATA", "imdb", "one of tmdb, bundled"),
        ("MEDIASTEAD_LANGUAGE", "english", "such as en-US or de"),
        ("MEDIASTEAD_AUTO_MATCH_THRESHOLD", "97", "a number from 0.5 to 1"),
        ("MEDIASTEAD_AUTO_MATCH_THRESHOLD", "nan", "a number from 0.5 to 1"),
        ("MEDIASTEAD_TMDB_BASE_URL", "api.themoviedb.org", "an address such as"),
        ("MEDIASTEAD_POOL_SIZE", "0", "a whole number from 1 to 100"),
    ],
)
def test_a_wrong_value_is_an_error_with_the_variable_the_value_and_what_is_allowed(
    variable: str, value: str, allowed: str
) -> None:
    words = told({variable: value})
    assert words.startswith(f"{variable} must be ")
    assert allowed in words and repr(value) in words


def test_a_wrong_type_in_the_file_names_key_and_file(tmp_path: Path) -> None:
    file = yaml(tmp_path, "language: [de, en]\n")
    assert told({}, file).startswith(f"language in {file} must be ")


@pytest.mark.parametrize("text", ["- a\n- b\n", "just words", "12"])
def test_a_file_that_is_no_mapping_is_an_error(tmp_path: Path, text: str) -> None:
    assert "port: 8484" in told({}, yaml(tmp_path, text))


def test_a_file_that_is_no_yaml_is_an_error_with_the_line_and_without_its_text(tmp_path: Path) -> None:
    words = told({}, yaml(tmp_path, "port: 1\ntmdb_api_key: 'hunter2\n"))
    assert "is no YAML, see line" in words
    assert "hunter2" not in words


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    assert "cannot be read" in told({}, tmp_path / "absent.yaml")
    assert "cannot be read" in told({}, tmp_path)


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        ("postgresql://u:p@db/media", "postgresql+psycopg://u:p@db/media"),
        ("postgres://db/media", "postgresql+psycopg://db/media"),
        ("postgresql+psycopg:///media?host=/run/pg", "postgresql+psycopg:///media?host=/run/pg"),
        ("sqlite:////srv/m.db", "sqlite+aiosqlite:////srv/m.db"),
        ("sqlite+aiosqlite:////srv/a%20b.db", "sqlite+aiosqlite:////srv/a%20b.db"),
    ],
)
def test_database_addresses_are_brought_to_the_driver_that_is_used(given: str, normal: str) -> None:
    assert load_settings({"MEDIASTEAD_DATABASE_URL": given}).database_url == normal


def test_a_relative_database_path_is_made_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_settings({"MEDIASTEAD_DATABASE_URL": "sqlite:///m.db"}).database_url == (
        f"sqlite+aiosqlite:///{tmp_path}/m.db"
    )


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u:hunter2@db/media",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///m.db?mode=ro",
        "postgresql://db",
        "words",
    ],
)
def test_other_databases_are_refused_without_telling_the_password(url: str) -> None:
    words = told({"MEDIASTEAD_DATABASE_URL": url})
    assert "sqlite+aiosqlite:///path or postgresql+psycopg://" in words
    assert "hunter2" not in words


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://ada:hunter2@db/media",
        "postgresql+psycopg://ada:hun/ter2@db/media",
        "postgresql+psycopg://ada:hunter2@x@db/media",
        "postgresql+psycopg://db/media?user=ada&password=hunter2",
    ],
)
def test_a_password_in_an_address_is_masked(url: str) -> None:
    assert "***" in masked_url(url)
    assert "ter2" not in masked_url(url)


def test_a_masked_path_of_sqlite_stays_as_it_is() -> None:
    assert masked_url("sqlite+aiosqlite:////srv/a:b@c/m.db") == "sqlite+aiosqlite:////srv/a:b@c/m.db"


def test_no_way_of_printing_settings_tells_a_secret() -> None:
    settings = load_settings(
        {"MEDIASTEAD_TMDB_API_KEY": "hunter2", "MEDIASTEAD_DATABASE_URL": "postgresql://ada:hunter2@db/media"}
    )
    assert settings.tmdb_api_key is not None
    shown = [repr(settings), str(settings), f"{settings.tmdb_api_key}", repr(settings.tmdb_api_key), f"{[settings]}"]
    assert not any("hunter2" in text for text in shown)
    assert settings.tmdb_api_key.reveal() == "hunter2"


def test_a_wrong_secret_is_not_told() -> None:
    with pytest.raises(InvalidSetting) as refused:
        load_settings({"MEDIASTEAD_TMDB_API_KEY": "   "})
    assert refused.value.detail.startswith("MEDIASTEAD_TMDB_API_KEY must be a key")


def test_secrets_are_equal_where_their_text_is() -> None:
    assert Secret("a") == Secret("a") != Secret("b")
    assert len({Secret("a"), Secret("a")}) == 1


def test_the_base_address_loses_its_last_slash() -> None:
    settings = load_settings({"MEDIASTEAD_TMDB_BASE_URL": "http://127.0.0.1:8765/3/"})
    assert settings.tmdb_base_url == "http://127.0.0.1:8765/3"


def test_every_setting_says_what_it_is_for_and_what_it_may_be() -> None:
    assert set(SETTINGS) == {field.name for field in structs.fields(Settings)} - {"sources"}
    assert all(setting.description and setting.allowed for setting in SETTINGS.values())
    assert [key for key, setting in SETTINGS.items() if setting.secret] == ["tmdb_api_key"]


def test_files_are_matched_without_asking_from_the_probability_that_matching_was_measured_with() -> None:
    assert load_settings({}).auto_match_threshold == AUTOMATIC


def test_the_file_is_looked_for_here_and_then_in_the_configuration_folder(tmp_path: Path) -> None:
    environ = {"XDG_CONFIG_HOME": str(tmp_path / "config")}
    assert find_settings_file(environ, tmp_path) is None
    (tmp_path / "config" / "mediastead").mkdir(parents=True)
    elsewhere = yaml(tmp_path / "config" / "mediastead", "port: 1")
    assert find_settings_file(environ, tmp_path) == elsewhere
    here = yaml(tmp_path, "port: 2")
    assert find_settings_file(environ, tmp_path) == here
    assert find_settings_file(environ | {"MEDIASTEAD_CONFIG": "/other.yaml"}, tmp_path) == Path("/other.yaml")
