"""What each piece of evidence is worth, in log-odds, and from which probability on a match needs nobody's word.

`FITTED` comes from labelled paths: `python bench/match.py --fit` (see `docs/matching.md`) maximises the likelihood of the
right title among a file's contenders and "none of them", and prints this table. `SET` cannot be fitted from so few
examples, or says what a wrong match costs, and is argued beside each value.
"""

AUTOMATIC = 0.97
"""The default threshold: a probability from here on is a match."""

FITTED: dict[str, float] = {
    "prior": -4.0,
    "title.exact": 6.0,
    "title.loose": 5.0,
    "title.near": 3.5,
    "title.slips": -0.7,
    "title.part": 1.0,
    "title.other": -3.0,
    "title.alternative": -0.5,
    "title.short": -1.0,
    "reading.second": -0.7,
    "reading.agrees": 1.0,
    "reading.differs": -1.0,
    "year.exact": 3.5,
    "year.near": 0.5,
    "year.far": -4.0,
    "year.running": 0.5,
    "episode.exists": 2.5,
    "episode.counted": 2.0,
    "episode.dated": 4.0,
    "episode.missing": -4.0,
    "episode_title.agrees": 2.0,
    "episode_title.differs": -1.0,
    "shelf.agrees": 1.0,
    "shelf.differs": -2.0,
    "popularity": 0.8,
}

SET: dict[str, float] = {
    "id.tmdb": 9.0,
    "id.imdb": 9.0,
    "id.tvdb": 9.0,
    # An id is written by a program or a careful person: about one in some thousands is wrong.
    "episode.guessed": 0.0,
    # Says nothing about the title; a guessed number is never matched by itself, however sure the title is.
}

WEIGHTS = {**FITTED, **SET}
