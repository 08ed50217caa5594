"""How often the titles of discs are taken for the right episodes, measured on generated seasons: `make bench-discs`.

    python bench/discs.py [CORPORA] [--seasons N] [--seed S] [--kept-aside] [--wrong N]

Counts of episodes and lengths are those of real series where CORPORA (default: `MEDIASTEAD_CORPORA`, then `../shared/corpora`)
holds `matching/catalogue.jsonl.gz`; discs, extras, noise and what the provider says are made by chance
(`tests/generators/seasons.py`). Each season's discs are inserted one after another, three of ten seasons in any order; labels
tell the number of seven of eight. A disc is judged when it is inserted. Where all that is to be ripped is at least `SURE`, it is
taken as it is, mistakes included; else a person puts it right; so the next one goes on from there. `--kept-aside` takes the
styles that were not looked at before.
"""

import argparse
import gzip
import json
import os
import random
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.generators.seasons import KEPT_ASIDE, STYLES, Pressed, PressedDisc, Truth, press

from mediastead.pipeline.discs.assigning import Assignment, DiscKnown, Fixed, assign_season
from mediastead.pipeline.discs.likelihood import typical_minutes
from mediastead.pipeline.discs.models import TitleRole

SURE = 0.9
HELD = (TitleRole.EPISODE, TitleRole.PLAY_ALL)
USUAL = [(count, minutes) for count in (6, 8, 10, 13, 16, 20, 22, 24) for minutes in (21, 24, 43, 45, 52, 58)]


class Tally:
    def __init__(self) -> None:
        self.episodes: list[tuple[bool, float]] = []
        """(whether role and episodes are right, confidence) of each title that holds episodes."""
        self.others: list[tuple[bool, float]] = []
        """The same of extras, play-alls, duplicates and shorts: whether they are taken for no episode."""
        self.discs: list[tuple[bool, bool]] = []
        """(whether all is right, whether it would have been taken without a person)"""
        self.counted: list[bool] = []
        """Whether the titles that hold episodes are right where one only counts: all that are long enough, one after another."""


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("corpora", nargs="?", default=os.environ.get("MEDIASTEAD_CORPORA", "../shared/corpora"))
    ask.add_argument("--seasons", type=int, default=40, help="of each style")
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--kept-aside", action="store_true")
    ask.add_argument(
        "--wrong", type=int, default=0, help="print so many discs that were wrong and would have been taken"
    )
    said = ask.parse_args()
    shapes = real_shapes(Path(said.corpora)) or USUAL
    print(f"{len(shapes)} seasons to draw from, {'real' if shapes is not USUAL else 'usual'} lengths")
    everything, shown = Tally(), 0
    print(f"{'':22} titles  right (counted)  wrong, of them sure   others right   discs  right  taken  taken wrongly")
    for style in KEPT_ASIDE if said.kept_aside else STYLES:
        tally = Tally()
        for number in range(said.seasons):
            chance = random.Random(f"{said.seed} {style.name} {number}")
            fitting = [each for each in shapes if ("hour" in style.name) != (each[1] < 30) or "," not in style.name]
            pressed = press(style, *chance.choice(fitting), chance)
            for disc, found, right, taken in inserted(pressed, chance, tally):
                if taken and not right and shown < said.wrong:
                    shown += 1
                    show(pressed, disc, found)
        line(style.name, tally)
        for mine, other in zip(vars(everything).values(), vars(tally).values(), strict=True):
            mine.extend(other)
    line("all", everything)
    reliability(everything)


def inserted(
    pressed: Pressed, chance: random.Random, tally: Tally
) -> Sequence[tuple[PressedDisc, dict[int, Assignment], bool, bool]]:
    discs = list(pressed.discs)
    if chance.random() < 0.3:
        chance.shuffle(discs)
    of = len(discs) if chance.random() < 0.2 else None
    labelled = chance.random() < 0.875
    before: list[DiscKnown] = []
    seen: list[tuple[PressedDisc, dict[int, Assignment], bool, bool]] = []
    for disc in discs:
        new = DiscKnown(titles=disc.known.titles, number=disc.known.number if labelled else None)
        found = assign_season([*before, new], pressed.season, of=of)[-1]
        right = judge(disc, found, tally)
        counted = count_on(before, new, pressed.season.usual_minutes)
        tally.counted += [
            counted.get(number) == truth.episodes
            for number, truth in disc.truth.items()
            if truth.role in HELD and truth.episodes
        ]
        wanted = [each for each in found.values() if each.role in HELD and each.episodes]
        taken = bool(wanted) and all(each.confidence >= SURE for each in wanted)
        tally.discs.append((right, taken))
        seen.append((disc, found, right, taken))
        after = (
            {number: Fixed(each.role, each.episodes) for number, each in found.items()}
            if taken
            else {number: Fixed(each.role, each.episodes) for number, each in disc.truth.items()}
        )
        # A person who is asked says the number, too.
        before.append(DiscKnown(titles=new.titles, number=new.number or disc.known.number, fixed=after))
    return seen


def count_on(before: Sequence[DiscKnown], new: DiscKnown, usual: float | None) -> dict[int, tuple[int, ...]]:
    """What a script does: titles of about the usual length, or of that of most, are the next episodes."""
    typical = usual or typical_minutes([title.duration for title in new.titles]) or 45
    taken = [number for disc in before for fixed in disc.fixed.values() for number in fixed.episodes]
    long = [title.number for title in new.titles if 0.7 * typical <= title.duration / 60 <= 1.3 * typical]
    return {number: (max(taken, default=0) + at,) for at, number in enumerate(long, start=1)}


def judge(disc: PressedDisc, found: dict[int, Assignment], tally: Tally) -> bool:
    everything = True
    for number, truth in disc.truth.items():
        said = found[number]
        holds = said.role in HELD and bool(said.episodes)
        if truth.role in HELD and truth.episodes:
            right = holds and said.episodes == truth.episodes
            # Of a title and its angle either will do.
            right = right or any(
                twin.role in HELD and twin.episodes == truth.episodes
                for other, twin in found.items()
                if disc.truth[other].role is TitleRole.DUPLICATE
            )
            tally.episodes.append((right, said.confidence))
        else:
            right = not holds or truth.role is TitleRole.DUPLICATE
            tally.others.append((right, said.confidence))
        everything = everything and right
    return everything


def line(name: str, tally: Tally) -> None:
    titles, wrong = len(tally.episodes), [sure for right, sure in tally.episodes if not right]
    sure = sum(each >= SURE for each in wrong)
    others = sum(right for right, _ in tally.others) / max(1, len(tally.others))
    discs = len(tally.discs)
    right = sum(right for right, _ in tally.discs)
    taken = [right for right, taken in tally.discs if taken]
    print(
        f"{name:22} {titles:6} {1 - len(wrong) / titles:6.1%}  ({sum(tally.counted) / titles:6.1%})"
        f" {len(wrong):6} {sure:8} {sure / titles:6.2%} {others:13.1%}"
        f" {discs:9} {right / discs:6.1%} {len(taken) / discs:6.1%} {len(taken) - sum(taken):6}"
        f" {(len(taken) - sum(taken)) / max(1, len(taken)):6.1%}"
    )


def reliability(tally: Tally) -> None:
    print("\nOf titles with episodes: what was said, and how often it was right")
    bins: dict[float, list[bool]] = defaultdict(list)
    borders = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 1.01)
    for right, sure in tally.episodes:
        bins[max(each for each in borders if sure >= each)].append(right)
    for border in borders[:-1]:
        if some := bins[border]:
            said = [sure for _, sure in tally.episodes if max(each for each in borders if sure >= each) == border]
            print(
                f"  {border:4.2f}  {len(some):6}  said {sum(said) / len(said):6.1%}  right {sum(some) / len(some):6.1%}"
            )


def show(pressed: Pressed, disc: PressedDisc, found: dict[int, Assignment]) -> None:
    print(
        f"\n{pressed.style}, disc {disc.known.number} of {len(pressed.discs)}: {[e.minutes for e in pressed.season.episodes]}"
    )
    for title in disc.known.titles:
        truth: Truth = disc.truth[title.number]
        said = found[title.number]
        mark = " " if (said.role, said.episodes) == (truth.role, truth.episodes) else "!"
        print(
            f" {mark} {title.number:3} {title.duration / 60:6.1f} min {len(title.chapters):3} ch  {truth.role.value:9}"
            f" {list(truth.episodes)!s:10} said {said.role.value:9} {list(said.episodes)!s:10} {said.confidence:.3f} {said.why}"
        )


def real_shapes(corpora: Path) -> list[tuple[int, float]]:
    """(episodes, minutes) of the seasons of real series; slots of half an hour and an hour are left out, which are no lengths."""
    catalogue = corpora / "matching" / "catalogue.jsonl.gz"
    if not catalogue.exists():
        return []
    found: list[tuple[int, float]] = []
    with gzip.open(catalogue, "rt") as lines:
        for each in map(json.loads, lines):
            minutes = each.get("runtime")
            if each["type"] == "tv" and minutes and 18 <= minutes <= 95 and minutes % 30:
                found += [
                    (len(season["episodes"]), minutes)
                    for season in each["seasons"]
                    if 4 <= len(season["episodes"]) <= 26
                ]
    return found


if __name__ == "__main__":
    main()
