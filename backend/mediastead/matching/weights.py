"""What each piece of evidence is worth, in log-odds, and from which probability on a match needs nobody's word.

`FITTED` comes from labelled paths: `python bench/match.py --fit` maximises the likelihood of the
right title among a file's contenders and "none of them", and prints such a table beside today's. A new one is taken where it is
better on the paths that the fit does not see (`docs/decisions/0015`). `SET` cannot be fitted from so few examples, or says what a
wrong match costs, and is argued beside each value.
"""

AUTOMATIC = 0.95
"""The default threshold: a probability from here on is a match."""

FITTED: dict[str, float] = {
    "prior": -2.92,
    "title.exact": 6.06,
    "title.loose": 5.27,
    "title.near": 4.88,
    "title.slips": -1.08,
    "title.slips_more": -1.57,
    "title.part": 2.58,
    "title.other": -4.65,
    "title.alternative": -0.5,
    "title.fuller": 4.12,
    "title.shortened": -5.59,
    "title.piece": -2.72,
    "title.outdone": -2.15,
    "title.one_word": -1.58,
    "name.dated": -4.12,
    "title.short": -1.75,
    "reading.second": -0.21,
    "reading.agrees": 1.07,
    "reading.differs": -1.59,
    "year.exact": 4.03,
    "year.near": 0.48,
    "year.far": -5.57,
    "year.running": 0.5,  # no example
    "episode.exists": 2.14,
    "episode.counted": 2.22,
    "episode.titled": 2.48,
    "episode.dated": 4.12,
    "episode.missing": -4.48,
    "episode.ignored": -4.34,
    "episode_title.agrees": 3.2,
    "episode_title.differs": -1.81,
    "shelf.agrees": 0.27,
    "shelf.differs": -2.62,
    "popularity": 0.58,
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
    "name.box": -8.0,
    # A file with two films, or with a whole row of them, is none of them; there is no item to match it to.
    "country.agrees": 1.5,
    "country.differs": -6.0,
    # A country is written where two countries have used a title: then it decides. Labelled paths have none.
    "episode.none": -2.3,
    # One in ten: where a film and a series of one name are about as well known, the film is not sure enough to be matched.
    "year.contested": -3.0,
    # A year beside one namesake and near another's: people are off by two years about a tenth as often as by one.
    "title.obscure": -1.7,
    # A power of ten: with what popularity says, titles that share a name are owned in proportion to how many know them. The
    # labelled paths, of which half were drawn evenly, have popular titles too seldom to tell.
    "reading.another": -6.0,
    "reading.outer": -5.0,
    # A file that is called as one title in a folder that is called as another was put there by mistake, or belongs beneath
    # it (a spin-off). Only a look at it can tell.
    "reading.behind": -4.0,
    # `S01E02 Pilot` alone in a folder: rarely the series, mostly the episode's own name.
    "answered": 20.0,
    # A person said it of a file that is read the same. Beside it the title says nothing: that it is spelled so is what was
    # answered.
    "neighbours.many": 5.0,
    "neighbours.some": 4.5,
    "neighbours.few": 4.0,
    "neighbours.mixed": -1.5,
    "neighbours.against": 1.5,
    # That one series takes nearly all of a folder which is a title's own is hardly ever otherwise for one file more, and it is
    # never enough without the episode. Measured by `bench/neighbours.py`; labelled paths lie alone in their folders.
    "episode.guessed": 0.0,
    # Says nothing about the title; a guessed number is never matched by itself, however sure the title is.
}

WEIGHTS = {**FITTED, **SET}
