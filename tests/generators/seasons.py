"""Seasons on discs: what the provider says of the episodes, what the discs hold, and which title is which.

Made by chance from a seed, after what people report of their discs: the speed of European television, logos and warnings,
play-alls, another angle of the same title, extras up to the length of an episode, double episodes, titles out of order,
runtimes that the provider rounds, counts commercials into, or does not have.
"""

import random
from collections.abc import Mapping, Sequence

from msgspec import Struct, structs

from mediastead.pipeline.discs.assigning import DiscKnown
from mediastead.pipeline.discs.facts import Audio, Subtitle, TitleFacts, Video
from mediastead.pipeline.discs.likelihood import EpisodeKnown, SeasonKnown
from mediastead.pipeline.discs.models import TitleRole


class Style(Struct, frozen=True, kw_only=True):
    """One way in which seasons are made and pressed."""

    name: str
    spread: float
    """Minutes by which the lengths of episodes differ."""
    per_disc: tuple[int, int] = (3, 5)
    extras: tuple[int, int] = (0, 3)
    """On a disc."""
    extra_minutes: tuple[float, float] = (2, 40)
    pal: float = 0.3
    play_all: float = 0.3
    shuffled: float = 0.04
    """Of the discs have their titles out of order."""
    angles: float = 0.03
    doubles: float = 0.1
    """Of the seasons begin or end with two episodes in one title; the provider has them as two."""
    long_pilot: float = 0.1
    """Of the seasons begin with an episode of double length, which the provider has as one."""
    runtimes: str = "exact"
    """`exact` (rounded to minutes), `usual` (the series' own for each), `slot` (with commercials), `none`."""
    segments: bool = True
    """The tool says what a title plays."""
    only_play_all: float = 0.0
    alike_extras: float = 0.1
    """Of the extras are made like episodes: the same tracks and chapters."""
    moved: float = 0.0
    """Of the seasons are pressed in another order than the provider counts them in."""


STYLES = (
    Style(name="hour, American", spread=1.0),
    Style(name="hour, cable", spread=4.0, per_disc=(3, 4), pal=0.35),
    Style(name="half hour", spread=0.7, per_disc=(6, 8), extras=(0, 4), play_all=0.6),
    Style(name="cartoon", spread=0.08, per_disc=(5, 8), play_all=0.5, doubles=0.2),
    Style(name="usual runtimes", spread=1.5, runtimes="usual"),
    Style(name="with commercials", spread=1.0, runtimes="slot"),
    Style(name="no runtimes", spread=1.2, runtimes="none"),
    Style(name="Blu-ray", spread=1.5, per_disc=(2, 5), pal=0.0, segments=False, extras=(1, 5), play_all=0.15),
)
KEPT_ASIDE = (
    Style(
        name="anime",
        spread=0.05,
        per_disc=(4, 7),
        extras=(0, 5),
        extra_minutes=(1.5, 25),
        alike_extras=0.3,
        play_all=0.4,
    ),
    Style(name="three long ones", spread=2.0, per_disc=(1, 2), extras=(1, 3), extra_minutes=(10, 80), long_pilot=0.0),
    Style(name="archive set", spread=2.5, per_disc=(4, 6), shuffled=0.12, runtimes="usual", extras=(0, 2)),
    Style(name="one title a disc", spread=1.0, per_disc=(3, 6), only_play_all=0.6, play_all=0.0, segments=False),
    Style(name="other order", spread=3.0, moved=0.5),
)
"""Not looked at while the weights were chosen."""


class Truth(Struct, frozen=True):
    role: TitleRole
    episodes: tuple[int, ...] = ()


class PressedDisc(Struct, frozen=True):
    known: DiscKnown
    truth: Mapping[int, Truth]


class Pressed(Struct, frozen=True):
    season: SeasonKnown
    discs: tuple[PressedDisc, ...]
    style: str


def press(style: Style, count: int, minutes: float, chance: random.Random) -> Pressed:
    """`count` episodes of about so many minutes."""
    made = _made(style, count, minutes, chance)
    speed = 24 / 25 if chance.random() < style.pal else 1.0
    # What is pressed: (episodes, seconds) of each title
    titles: list[tuple[tuple[int, ...], float]] = [
        ((number,), each) for number, each in enumerate(made.seconds, start=1)
    ]
    if made.double:
        at = 0 if made.double == 1 else count - 2
        (first, one), (second, other) = titles[at], titles[at + 1]
        titles[at : at + 2] = [((*first, *second), one + other - chance.uniform(30, 150))]
    if chance.random() < style.moved and len(titles) > 3:
        at = chance.randrange(1, len(titles) - 1)
        titles.insert(chance.randrange(1, len(titles) - 1), titles.pop(at))
    discs: list[PressedDisc] = []
    at = 0
    usual = chance.randint(*style.per_disc)
    while at < len(titles):
        here = titles[at : at + max(1, usual + chance.choice((0, 0, 0, 0, -1, 1)))]
        at += len(here)
        discs.append(_disc(style, here, minutes * 60, speed, len(discs) + 1, chance))
    return Pressed(made.season, tuple(discs), style.name)


class _Made(Struct):
    season: SeasonKnown
    seconds: list[float]
    double: int


def _made(style: Style, count: int, minutes: float, chance: random.Random) -> _Made:
    base = minutes * chance.uniform(0.94, 1.02) * 60
    seconds = [base + chance.gauss(0, style.spread * 60) for _ in range(count)]
    double = chance.choice((1, count - 1)) if count > 3 and chance.random() < style.doubles else 0
    if not double and count > 3 and chance.random() < style.long_pilot:
        seconds[0] *= chance.uniform(1.7, 2.0)
    said: list[EpisodeKnown] = []
    for number, each in enumerate(seconds, start=1):
        title = f"Episode {number}"
        if double and number in (double, double + 1) and chance.random() < 0.6:
            title = f"The Long Way ({number - double + 1})"
        runtime: float | None = round(each / 60)
        if style.runtimes == "usual":
            runtime = round(minutes)
        elif style.runtimes == "slot":
            runtime = 30 if minutes < 30 else 60
        elif style.runtimes == "none" or chance.random() < 0.03:
            runtime = None
        elif chance.random() < 0.05:
            runtime = round(each / 60 + chance.uniform(-6, 6))
        said.append(EpisodeKnown(number, runtime, title))
    usual = round(minutes) if style.runtimes != "none" or chance.random() < 0.5 else None
    return _Made(SeasonKnown(number=1, episodes=tuple(said), usual_minutes=usual), seconds, double)


def _disc(
    style: Style,
    here: Sequence[tuple[tuple[int, ...], float]],
    usual: float,
    speed: float,
    number: int,
    chance: random.Random,
) -> PressedDisc:
    audio = tuple(
        Audio(language=each, codec="ac3", channels=6) for each in chance.choice((["en"], ["en", "de"], ["de", "en"]))
    )
    texts = tuple(Subtitle(language=each) for each in ("en", "de", "fr")[: chance.randint(0, 3)])
    video = Video(codec="mpeg2" if style.segments else "h264", width=720, height=576 if style.segments else 1080)
    parts = chance.randint(4, 9)
    cell = [0]

    def title(seconds: float, *, like_episodes: bool) -> TitleFacts:
        count = max(1, parts + chance.choice((0, 0, 0, 1, -1))) if like_episodes else chance.choice((1, 1, 1, 2, 4, 7))
        cuts = sorted(chance.uniform(0, seconds) for _ in range(count - 1))
        chapters = tuple(b - a for a, b in zip([0.0, *cuts], [*cuts, seconds], strict=True))
        segments = tuple(f"1:{cell[0] + each}" for each in range(count))
        cell[0] += count
        return TitleFacts(
            number=0,
            duration=round(seconds, 3) if style.segments else float(int(seconds)),
            chapters=chapters if style.segments else (0.0,) * count,
            size=int(seconds * 600_000) + chance.randrange(10**6),
            video=video,
            audio=audio
            if like_episodes
            else audio[:1]
            if chance.random() < 0.3
            else (Audio(language="en", channels=2),),
            subtitles=texts if like_episodes else texts[:1] if chance.random() < 0.3 else (),
            segments=segments if style.segments else (),
        )

    pressed: list[tuple[TitleFacts, Truth]] = []
    for episodes, seconds in here:
        plays = seconds * speed + chance.uniform(-15, 40)
        role = TitleRole.EPISODE if len(episodes) < 3 else TitleRole.PLAY_ALL
        pressed.append((title(plays, like_episodes=True), Truth(role, episodes)))
    whole = [each for each, _ in pressed]
    if chance.random() < style.shuffled:
        chance.shuffle(pressed)
    rest: list[tuple[TitleFacts, Truth]] = []
    together = TitleFacts(
        number=0,
        duration=sum(each.duration for each in whole) + chance.uniform(-1, 1),
        chapters=tuple(length for each in whole for length in each.chapters),
        size=sum(each.size or 0 for each in whole),
        video=video,
        audio=audio,
        subtitles=texts,
        segments=tuple(segment for each in whole for segment in each.segments),
    )
    if len(whole) > 2 and chance.random() < style.only_play_all:
        episodes = tuple(number for _, truth in pressed for number in truth.episodes)
        pressed = [(together, Truth(TitleRole.PLAY_ALL, episodes))]
    elif len(whole) > 1 and chance.random() < style.play_all:
        rest.append((together, Truth(TitleRole.PLAY_ALL)))
    for _ in range(chance.randint(*style.extras)):
        like = chance.random() < style.alike_extras
        short, long = style.extra_minutes
        minutes = short * (long / short) ** chance.random()
        rest.append((title(minutes * 60, like_episodes=like), Truth(TitleRole.EXTRA)))
    if chance.random() < 0.1:
        rest.append((title(usual * chance.uniform(0.6, 1.1), like_episodes=False), Truth(TitleRole.EXTRA)))
    rest += [
        (title(chance.uniform(3, 100), like_episodes=False), Truth(TitleRole.SHORT))
        for _ in range(chance.randint(0, 3))
    ]
    if chance.random() < style.angles:
        original, _ = chance.choice(pressed)
        angle = TitleFacts(
            number=0,
            duration=original.duration + chance.choice((0.0, 0.04)),
            chapters=original.chapters,
            size=original.size,
            video=video,
            audio=audio,
            subtitles=texts,
            segments=tuple(f"{each}b" for each in original.segments),
        )
        rest.append((angle, Truth(TitleRole.DUPLICATE)))
    front = [each for each in rest if chance.random() < 0.4]
    back = [each for each in rest if not any(each is other for other in front)]
    chance.shuffle(back)
    first = 1 if style.segments else 0
    titles: list[TitleFacts] = []
    truth: dict[int, Truth] = {}
    for at, (facts, said) in enumerate([*front, *pressed, *back], start=first):
        titles.append(_numbered(facts, at))
        truth[at] = said
    return PressedDisc(DiscKnown(titles=tuple(titles), number=number), truth)


def _numbered(facts: TitleFacts, number: int) -> TitleFacts:
    return structs.replace(facts, number=number)
