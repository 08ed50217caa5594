"""What each piece of evidence is worth, in log-odds, and from which probability on a match needs nobody's word.

`FITTED` comes from labelled paths: `python bench/match.py --fit` (see `docs/matching.md`) maximises the likelihood of the
right title among a file's contenders and "none of them", and prints this table. `SET` cannot be fitted from so few
examples, or says what a wrong match costs, and is argued beside each value.
"""

AUTOMATIC = 0.97
"""The default threshold: a probability from here on is a match."""

FITTED: dict[str, float] = {
    "prior": -3.7,
    "title.exact": 7.02,
    "title.loose": 3.89,
    "title.near": 5.87,
    "title.slips": -0.91,
    "title.part": 0.46,
    "title.other": -3.96,
    "title.alternative": -0.5,  # no example
    "title.fuller": 4.19,
    "title.shortened": -3.89,
    "title.outdone": -1.4,
    "title.short": -1.09,
    "reading.second": -0.63,
    "reading.agrees": 1.12,
    "reading.differs": -0.77,
    "year.exact": 2.91,
    "year.near": 0.63,
    "year.far": -5.82,
    "year.running": 0.5,  # no example
    "episode.exists": 1.45,
    "episode.counted": 2.21,
    "episode.dated": 4.08,
    "episode.missing": -3.15,
    "episode.ignored": -4.47,
    "episode_title.agrees": 3.24,
    "episode_title.differs": -1.54,
    "shelf.agrees": 0.08,
    "shelf.differs": -2.74,
    "popularity": 0.73,
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
