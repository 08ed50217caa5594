"""`mediastead unmatched`: the queue of questions, and the answers."""

from typing import Any

import click

from .calling import Api, CommandFailed, call
from .group_answers import AT_ONCE, QUESTIONS, accept_group, match_group
from .output import json_option, print_facts, print_json, print_rows, say
from .values import answer_of, answer_options, in_our_words, library_id_of, numbers, waits_for

REASON = click.Choice(
    ["no_match", "low_confidence", "ambiguous", "parse_failed", "episode_not_found", "rejected", "replaced"]
)


@click.group()
def unmatched() -> None:
    """The queue of questions about files, and the answers. IDs are those of the questions."""


unmatched.add_command(match_group)
unmatched.add_command(accept_group)


@unmatched.command("list")
@click.option(
    "--status", type=click.Choice(["open", "matched", "dismissed", "withdrawn"]), help="open, where not given."
)
@click.option("--reason", type=REASON, help="Only questions with this reason.")
@click.option("--library", help="Of this library.")
@click.option("--words", help="Words, or their beginnings, of the path.")
@json_option
def list_(status: str | None, reason: str | None, library: str | None, words: str | None, as_json: bool) -> None:
    """List the questions, the oldest first."""

    async def work(api: Api) -> None:
        rows = api.each(QUESTIONS, status=status, reason=reason, library=await library_id_of(api, library), words=words)
        await print_rows(
            rows,
            as_json,
            {
                "id": lambda row: row["id"],
                "library": lambda row: row["library"],
                "path": lambda row: row["path"],
                "reason": lambda row: row["reason"],
                "would match if": lambda row: row["would_match_if"],
            },
            nothing="No questions.",
        )

    call(work)


@unmatched.command()
@click.argument("question_id", metavar="ID", type=click.IntRange(1))
@json_option
def show(question_id: int, as_json: bool) -> None:
    """Show a question with its suggestions and their evidence."""

    async def work(api: Api) -> None:
        question = await api.get(f"{QUESTIONS}/{question_id}")
        if as_json:
            print_json(question)
            return
        names = ("id", "file_id", "library", "path", "presence", "status", "reason", "would_match_if", "resolved_by")
        print_facts({name.replace("_", " "): question[name] for name in names})
        for suggestion in question["suggestions"]:
            _say_suggestion(suggestion)

    call(work)


@unmatched.command()
@json_option
def summary(as_json: bool) -> None:
    """Show how many questions there are, and what files wait for that have none yet."""

    async def work(api: Api) -> None:
        counts = await api.get(f"{QUESTIONS}/summary")
        if as_json:
            print_json(counts)
            return
        pending = counts["pending"]
        print_facts(
            {
                "open": counts["open"],
                **{
                    f"open, {reason.replace('_', ' ')}": count for reason, count in counts["by_reason"].items() if count
                },
                "pending": pending["total"],
                "pending, still written": pending["settling"],
                "pending waits for": waits_for(pending["waiting_for"]),
            }
        )

    call(work)


@unmatched.command()
@click.option("--reason", type=REASON, help="Only questions with this reason.")
@click.option("--library", help="Of this library.")
@json_option
def groups(reason: str | None, library: str | None, as_json: bool) -> None:
    """List files that one answer is likely to settle together, the most first."""

    async def work(api: Api) -> None:
        rows = api.each(f"{QUESTIONS}/groups", reason=reason, library=await library_id_of(api, library), files=10_000)
        await print_rows(
            rows,
            as_json,
            {
                "files": lambda row: row["count"],
                "accepting settles": lambda row: row["ready"],
                "proposed": lambda row: f"{row['title']} ({row['year']})" if row["title"] else "",
                "shared": lambda row: row["shared"],
                "first": lambda row: row["files"][0]["path"] if row["files"] else "",
                "group": lambda row: row["group"],
            },
            _group,
            nothing="No questions.",
        )

    call(work)


@unmatched.command()
@click.argument("ids", metavar="ID...", type=click.IntRange(1), nargs=-1, required=True)
@answer_options
@json_option
def match(ids: tuple[int, ...], as_json: bool, **said: Any) -> None:
    """Say what the files of these questions are: all of one title."""
    answer = answer_of(**said)
    _answer("match", ids, answer, as_json)


@unmatched.command()
@click.argument("ids", metavar="ID...", type=click.IntRange(1), nargs=-1, required=True)
@json_option
def dismiss(ids: tuple[int, ...], as_json: bool) -> None:
    """Say that nobody needs to know what these files are."""
    _answer("dismiss", ids, {}, as_json)


@unmatched.command("dismiss-folder")
@click.argument("question_id", metavar="ID", type=click.IntRange(1))
@json_option
def dismiss_folder(question_id: int, as_json: bool) -> None:
    """Say that nobody needs to know what is in the folder of this question's file and beneath it, now and later.

    What is matched there stays matched.
    """

    async def work(api: Api) -> None:
        settled = 0
        while True:
            folder = await api.post("/v1/dismissed-folders", {"question_id": question_id})
            settled += folder["settled"]
            if not folder["left"] or not folder["settled"]:
                break
        if as_json:
            print_json(folder | {"settled": settled})
            return
        say(
            f'What is in "{folder["path"]}" is dismissed, now and later; {settled} open questions were settled. '
            f"`mediastead remembered revoke-folder {folder['id']}` takes it back."
        )

    call(work)


@unmatched.command()
@click.argument("question_id", metavar="ID", type=click.IntRange(1))
@json_option
def refresh(question_id: int, as_json: bool) -> None:
    """Have the file identified again."""
    _ask(
        "refresh",
        question_id,
        as_json,
        "The file is pending and will be identified again; `mediastead scan` does it now.",
    )


@unmatched.command()
@click.argument("question_id", metavar="ID", type=click.IntRange(1))
@json_option
def restore(question_id: int, as_json: bool) -> None:
    """Open a settled question again."""
    _ask("restore", question_id, as_json, "The question is open again.")


def _answer(what: str, ids: tuple[int, ...], answer: dict[str, Any], as_json: bool) -> None:
    """Many answers in one transaction, each with its own result."""

    async def work(api: Api) -> None:
        results: list[dict[str, Any]] = []
        remembered: list[dict[str, Any]] = []
        for lot in _lots([{"id": question_id, **answer} for question_id in ids], AT_ONCE):
            done = await api.post(f"{QUESTIONS}/{what}", {"answers": lot})
            results += done["results"]
            remembered += done["remembered"]
        failed = [result for result in results if result["status"] == "failed"]
        for result in results:
            if as_json:
                print_json(result)
            elif result not in failed:
                say(f"{result['id']}: {result['status']}")
        for each in [] if as_json else remembered:
            now = " `mediastead scan` does that now." if each["asked_again"] and not api.remote else ""
            say(f"{each['detail']}{now} `mediastead remembered revoke {each['id']}` takes it back.")
        if failed:
            by_reason: dict[str, list[str]] = {}
            for result in failed:
                by_reason.setdefault(in_our_words(result["error"], answer), []).append(str(result["id"]))
            reasons = "; ".join(f"{', '.join(of)}: {reason}" for reason, of in list(by_reason.items())[:5])
            more = f"; and {len(by_reason) - 5} other reasons" if len(by_reason) > 5 else ""
            raise CommandFailed(f"{len(failed)} of {len(results)} could not be answered: {reasons}{more}")

    call(work)


def _lots(answers: list[dict[str, Any]], size: int) -> list[list[dict[str, Any]]]:
    return [answers[start : start + size] for start in range(0, len(answers), size)]


def _ask(what: str, question_id: int, as_json: bool, done: str) -> None:
    async def work(api: Api) -> None:
        question = await api.post(f"{QUESTIONS}/{question_id}/{what}")
        print_json(question) if as_json else say(done)

    call(work)


def _group(row: dict[str, Any]) -> dict[str, Any]:
    files = [{key: file[key] for key in ("id", "path", "proposed")} for file in row["files"]]
    told = {key: row[key] for key in ("group", "shared", "title", "year", "count", "ready", "left")}
    return told | {"files": files}


def _say_suggestion(suggestion: dict[str, Any]) -> None:
    year = f" ({suggestion['year']})" if suggestion.get("year") else ""
    held = numbers(suggestion.get("episodes") or [])
    say(
        f"\n{suggestion['title']}{year} {held}  --type {suggestion['type']} --tmdb-id {suggestion['tmdb_id']}, "
        f"probability {suggestion['probability']:.3f}"
    )
    reasons: list[dict[str, Any]] = suggestion.get("evidence") or []
    for evidence in reasons:
        say(f"  {evidence['weight']:+7.2f}  {evidence['name']}: {evidence['detail']}")
