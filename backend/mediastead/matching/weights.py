"""What each piece of evidence is worth, in log-odds, and from which probability on a match needs nobody's word.

`FITTED` comes from labelled paths: `python bench/match.py --fit` maximises the likelihood of the
right title among a file's contenders and "none of them", and prints this table. `SET` cannot be fitted from so few
examples, or says what a wrong match costs, and is argued beside each value.
"""

AUTOMATIC = 0.97
"""The default threshold: a probability from here on is a match."""

FITTED: dict[str, float] = {
    "prior": -1.92,
    "title.exact": 6.24,
    "title.loose": 5.51,
    "title.near": 5.17,
    "title.slips": -1.13,
    "title.part": 2.3,
    "title.other": -4.09,
    "title.alternative": -0.5,
    "title.fuller": 4.17,
    "title.shortened": -2.37,
    "title.outdone": -1.88,
    "title.short": -1.09,
    "reading.second": -0.43,
    "reading.agrees": 1.03,
    "reading.differs": -1.34,
    "year.exact": 3.18,
    "year.near": 0.23,
    "year.far": -5.93,
    "year.running": 0.5,  # no example
    "episode.exists": 1.32,
    "episode.counted": 1.84,
    "episode.dated": 4.07,
    "episode.missing": -2.71,
    "episode.ignored": -4.71,
    "episode_title.agrees": 3.23,
    "episode_title.differs": -1.97,
    "shelf.agrees": -0.4,
    "shelf.differs": -2.85,
    "popularity": 0.57,
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
