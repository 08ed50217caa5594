"""What each piece of evidence is worth, in log-odds, and from which probability on a match needs nobody's word.

`FITTED` comes from labelled paths: `python bench/match.py --fit` (see `docs/matching.md`) maximises the likelihood of the
right title among a file's contenders and "none of them", and prints this table. `SET` cannot be fitted from so few
examples, or says what a wrong match costs, and is argued beside each value.
"""

AUTOMATIC = 0.97
"""The default threshold: a probability from here on is a match."""

FITTED: dict[str, float] = {
    "prior": -3.59,
    "title.exact": 7.15,
    "title.loose": 3.97,
    "title.near": 5.74,
    "title.slips": -0.89,
    "title.part": 0.53,
    "title.other": -4.0,
    "title.alternative": -0.5,  # no example
    "title.fuller": 4.18,
    "title.shortened": -2.27,
    "title.outdone": -1.52,
    "title.short": -1.14,
    "reading.second": -0.5,  # no example
    "reading.agrees": 1.01,
    "reading.differs": -0.73,
    "year.exact": 2.86,
    "year.near": 0.61,
    "year.far": -5.91,
    "year.running": 0.5,  # no example
    "episode.exists": 1.44,
    "episode.counted": 2.14,
    "episode.dated": 4.06,
    "episode.missing": -2.72,
    "episode.ignored": -4.48,
    "episode_title.agrees": 3.24,
    "episode_title.differs": -1.44,
    "shelf.agrees": 0.25,
    "shelf.differs": -3.1,
    "popularity": 0.69,
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
