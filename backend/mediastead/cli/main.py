"""The entry point: finds the command, and turns whatever goes wrong into one line on standard error and an exit code.

    0   done
    1   failed, or done with something left to do; the line says what
    2   wrong use: an option, an argument or a setting that cannot be
    130 stopped by Ctrl-C

Nothing heavy may be imported here: `mediastead --help` has 0.3 s.
"""

import importlib
import os
import sys
from typing import Any, NoReturn, cast

import click

from .. import __version__
from ..errors import MediasteadError
from .calling import CommandFailed, Options

COMMANDS = {
    "serve": ("serve:serve", "Serve the API and do all work in the background."),
    "demo": ("demo:demo", "Make a sample library, scan it, show what was found, and serve it."),
    "demo-pipeline": ("demo_pipeline:demo_pipeline", "Make a small DVD image, and have a film made of it."),
    "library": ("library:library", "The folders that are looked after: add, list, set, remove."),
    "scan": ("scan:scan", "Look at libraries, and identify what is new."),
    "items": ("items:items", "Films and series: list, show, add by hand."),
    "verify": ("verify:verify", "Read files whole, to see whether they still are what they were."),
    "files": ("files:files", "Media files: list, show, match, unmatch."),
    "unmatched": (
        "unmatched:unmatched",
        "The queue of questions: list, show, groups, match, dismiss, refresh, restore.",
    ),
    "matching": ("matching:matching", "Past decisions made again: replay, changes, accept."),
    "remembered": ("remembered:remembered", "Answers that hold for other files as well: list, show, revoke."),
    "organize": ("organize:organize", "Put files where they belong: plan, show, apply, list, discard, undo, settle."),
    "bring-in": ("bring_in:bring_in", "Bring files from an inbox into its library: plan; then organize apply."),
    "pipeline": (
        "pipeline:pipeline",
        "What is being made: list, show, add, add-disc, add-files, set, start, skip, auto, cancel, give-up, recover.",
    ),
    "approvals": ("approvals:approvals", "Questions that hold what is being made: list, show, approve, reject."),
    "jobs": ("jobs:jobs", "The work that hosts do for the pipeline: list, show, logs, cancel, retry, priority."),
    "discs": ("discs:discs", "Discs and their titles: list, show, add, set-title, set, declare, reject, again, eject."),
    "history": ("history:history", "What was done, and taking it back: list, show, undo."),
    "host": ("host:host", "The machines that run stage jobs: list, show, invite, set, bring-back, remove."),
    "trash": ("trash:trash", "What was replaced or taken back: list, put-back, empty."),
    "imports": ("imports:imports", "How files came in, newest first."),
    "presets": ("presets:presets", "How the pipeline makes files: list, show, set, remove."),
    "parse": ("parse:parse", "Say what names mean."),
    "identify": ("identify:identify", "Say what a file would be taken for, and why. Changes nothing."),
    "db": ("db:db", "The schema of the database: upgrade, downgrade, check."),
    "openapi": ("openapi:openapi", "Print the OpenAPI document, or check that a file holds it."),
    "doctor": ("doctor:doctor", "Say what is wrong and what to do."),
}
"""Where each command is, and what the list says of it, so that listing them imports none."""


class ReaderGone(Exception):
    """Whoever read our output has read enough."""


class LazyGroup(click.Group):
    """Commands are imported when they are called."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise ReaderGone from None  # click would end the process with 1 by itself

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        return getattr(importlib.import_module(f"mediastead.cli.{module}"), name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="%(prog)s %(version)s")
@click.option(
    "--server", metavar="URL", envvar="MEDIASTEAD_SERVER", help="Ask this server, not the database of the settings."
)
@click.pass_context
def mediastead(ctx: click.Context, server: str | None) -> None:
    """Keeps the truth about films and series: what every file is, and whether it is there."""
    ctx.obj = Options(server)


def main() -> NoReturn:
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command line; gives the exit code."""
    try:
        result: Any = mediastead.main(arguments, prog_name="mediastead", standalone_mode=False)
        sys.stdout.flush()
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else "mediastead"
        return _fail(f"{error.format_message().rstrip('.')}; see {path} --help.", 2)
    except click.ClickException as error:
        return _fail(error.format_message(), 1)
    except CommandFailed as error:
        return _fail(str(error), error.exit_code)
    except MediasteadError as error:
        return _fail(error.detail, 2 if error.slug == "invalid-setting" else 1)
    except (ReaderGone, BrokenPipeError):
        # What is still buffered must not complain about it when the process ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (KeyboardInterrupt, click.Abort):
        return _fail("stopped.", 130)
    except Exception as error:
        if os.environ.get("MEDIASTEAD_LOG_LEVEL", "").lower() == "debug":
            raise
        if words := _of_the_world(error):
            return _fail(words, 1)
        return _fail(
            f"this is a mistake of Mediastead: {_redacted(error)}; MEDIASTEAD_LOG_LEVEL=debug shows where it happened.",
            1,
        )
    # Exit(0) of --help and --version comes back as a number.
    return result if isinstance(result, int) else 0


def _of_the_world(error: Exception) -> str | None:
    """What is no mistake of ours, in a sentence that says what to do: no database, a folder that cannot be used."""
    if isinstance(error, ExceptionGroup):
        inner = cast("ExceptionGroup[Exception]", error).exceptions
        told = {_of_the_world(each) for each in inner}
        return told.pop() if len(told) == 1 else None
    if isinstance(error, OSError):
        return (
            f"{_redacted(error)}: see to the file or folder, or set MEDIASTEAD_DATA_DIR; `mediastead doctor` says more."
        )
    if type(error).__module__.startswith("sqlalchemy") and type(error).__name__ in (
        "OperationalError",
        "InterfaceError",
    ):
        return "the database cannot be reached or used: `mediastead doctor` says why and what to do."
    return None


def _fail(words: str, code: int) -> int:
    line = " ".join(words.split())
    print(f"mediastead: {line}", file=sys.stderr)
    return code


def _redacted(error: Exception) -> str:
    from ..logs import redacted

    return redacted(f"{type(error).__name__}: {error}")[:500]
