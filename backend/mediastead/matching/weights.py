"""What each piece of evidence is worth, in log-odds, and from which probability on a match needs nobody's word.

`FITTED` comes from labelled paths: `python bench/match.py --fit` (see `docs/matching.md`) maximises the likelihood of the
right title among a file's contenders and "none of them", and prints this table. `SET` cannot be fitted from so few
examples, or says what a wrong match costs, and is argued beside each value.
"""

AUTOMATIC = 0.97
"""The default threshold: a probability from here on is a match."""

FITTED: dict[str, float] = {
    "prior": -2.36,
    "title.exact": 7.67,
    "title.loose": 3.91,
    "title.near": 5.52,
    "title.slips": -0.86,
    "title.part": 0.96,
    "title.other": -3.41,
    "title.alternative": -0.5,  # no example
    "title.fuller": 2.18,
    "title.short": -0.9,
    "reading.second": -0.88,
    "reading.agrees": 1.0,
    "reading.differs": -1.48,
    "year.exact": 2.72,
    "year.near": 0.57,
    "year.far": -4.05,
    "year.running": 0.5,  # no example
    "episode.exists": 1.35,
    "episode.counted": 3.31,
    "episode.dated": 4.01,
    "episode.missing": -3.05,
    "episode_title.agrees": 3.23,
    "episode_title.differs": -1.64,
    "shelf.agrees": 0.08,
    "shelf.differs": -2.04,
    "popularity": 0.94,
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
