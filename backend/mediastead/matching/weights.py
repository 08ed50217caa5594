"""What each piece of evidence is worth, in log-odds, and from which probability on a match needs nobody's word.

`FITTED` comes from labelled paths: `python bench/match.py --fit` maximises the likelihood of the
right title among a file's contenders and "none of them", and prints this table. `SET` cannot be fitted from so few
examples, or says what a wrong match costs, and is argued beside each value.
"""

AUTOMATIC = 0.95
"""The default threshold: a probability from here on is a match."""

FITTED: dict[str, float] = {
    "prior": -2.63,
    "title.exact": 6.1,
    "title.loose": 4.98,
    "title.near": 5.98,
    "title.slips": -0.92,
    "title.slips_more": -1.57,
    "title.part": 2.79,
    "title.other": -5.44,
    "title.alternative": -0.5,
    "title.fuller": 3.73,
    "title.shortened": -4.95,
    "title.piece": -2.72,
    "title.outdone": -1.41,
    "title.one_word": -1.59,
    "name.dated": -4.13,
    "title.short": -1.62,
    "reading.second": 0.21,
    "reading.agrees": 1.1,
    "reading.differs": -0.85,
    "year.exact": 2.79,
    "year.near": -0.38,
    "year.far": -6.18,
    "year.running": 0.5,  # no example
    "episode.exists": 1.83,
    "episode.counted": 1.98,
    "episode.dated": 4.11,
    "episode.missing": -4.76,
    "episode.ignored": -4.22,
    "episode_title.agrees": 2.28,
    "episode_title.differs": -0.84,
    "shelf.agrees": 0.44,
    "shelf.differs": -2.61,
    "popularity": 0.43,
}

SET: dict[str, float] = {
    "id.tmdb": 12.0,
    "id.imdb": 12.0,
    "id.tvdb": 12.0,
    # Ids are written by programs and careful people. An id outweighs a title that the provider does not know, and a year
    # that is off; a title and a year that both say something else outweigh the id.
    "runtime.agrees": 1.7,
    "runtime.near": -1.2,
    "runtime.far": -2.4,
    # Log-likelihood ratios among films that share a title, from simulated durations (`bench/runtimes.py`): labelled paths have no
    # content.
    "name.two": -8.0,
    # A file with two films is neither of them; there is no item to match it to.
    "reading.behind": -4.0,
    # `S01E02 Pilot` alone in a folder: rarely the series, mostly the episode's own name.
    "answered": 20.0,
    # A person said it of a file that is read the same. Beside it the title says nothing: that it is spelled so is what was
    # answered.
    "episode.guessed": 0.0,
    # Says nothing about the title; a guessed number is never matched by itself, however sure the title is.
}

WEIGHTS = {**FITTED, **SET}
