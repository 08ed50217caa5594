"""What each piece of evidence is worth, in log-odds, and from which probability on a match needs nobody's word.

`FITTED` comes from labelled paths: `python bench/match.py --fit` maximises the likelihood of the
right title among a file's contenders and "none of them", and prints this table. `SET` cannot be fitted from so few
examples, or says what a wrong match costs, and is argued beside each value.
"""

AUTOMATIC = 0.97
"""The default threshold: a probability from here on is a match."""

FITTED: dict[str, float] = {
    "prior": -3.43,
    "title.exact": 6.88,
    "title.loose": 4.6,
    "title.near": 5.71,
    "title.slips": -0.92,
    "title.part": 0.49,
    "title.other": -4.12,
    "title.alternative": -0.5,  # no example
    "title.fuller": 4.19,
    "title.shortened": -2.2,
    "title.outdone": -1.98,
    "title.short": -1.11,
    "reading.second": -0.5,  # no example
    "reading.agrees": 1.01,
    "reading.differs": -0.78,
    "year.exact": 2.82,
    "year.near": 0.61,
    "year.far": -5.88,
    "year.running": 0.5,  # no example
    "episode.exists": 1.41,
    "episode.counted": 2.06,
    "episode.dated": 4.07,
    "episode.missing": -2.73,
    "episode.ignored": -4.52,
    "episode_title.agrees": 3.24,
    "episode_title.differs": -1.5,
    "shelf.agrees": 0.2,
    "shelf.differs": -2.75,
    "popularity": 0.72,
}

SET: dict[str, float] = {
    "id.tmdb": 12.0,
    "id.imdb": 12.0,
    "id.tvdb": 12.0,
    # Ids are written by programs and careful people. An id outweighs a title that the provider does not know, and a year
    # that is off; a title and a year that both say something else outweigh the id.
    "episode.guessed": 0.0,
    # Says nothing about the title; a guessed number is never matched by itself, however sure the title is.
}

WEIGHTS = {**FITTED, **SET}
