"""Shares of right readings by field, rule and votes: `field | rule | votes`, `field | votes`, `field`.

Written by `bench/parse.py --fit` from labelled and made names; not for editing.
"""

MEASURED: dict[str, float] = {
    "edition": 0.9925,  # of 49
    "edition | guessit": 0.9994,  # of 46
    "numbers": 0.9960,  # of 2346
    "numbers | 0": 0.9949,  # of 196
    "numbers | 1": 0.9876,  # of 400
    "numbers | 1x02 | 1": 0.9987,  # of 33
    "numbers | 1x02 | 2": 0.9999,  # of 144
    "numbers | 2": 0.9981,  # of 1550
    "numbers | S00E00 | 1": 0.9987,  # of 33
    "numbers | S00E00 | 2": 0.9989,  # of 896
    "numbers | a number between dashes | 2": 0.9627,  # of 23
    "numbers | a number in a folder": 0.9999,  # of 200
    "numbers | a part on television | 0": 0.9995,  # of 40
    "numbers | a run in brackets | 2": 0.9991,  # of 5
    "numbers | counted through all seasons | 1": 0.9153,  # of 32
    "numbers | counted through all seasons | 2": 0.9999,  # of 105
    "numbers | date | 0": 0.9980,  # of 6
    "numbers | date | 1": 0.9988,  # of 38
    "numbers | date | 2": 0.9760,  # of 38
    "numbers | episode in words | 0": 0.9994,  # of 32
    "numbers | episode in words | 1": 0.9888,  # of 90
    "numbers | episode in words | 2": 0.9999,  # of 137
    "numbers | folder | 2": 0.9997,  # of 20
    "numbers | guessit | 1": 0.9777,  # of 43
    "numbers | guessit | 2": 0.9994,  # of 9
    "numbers | season and episode by digits | 0": 0.9991,  # of 19
    "numbers | season and episode by digits | 1": 0.9965,  # of 10
    "numbers | season and episode in words | 0": 0.9997,  # of 68
    "numbers | season and episode in words | 1": 0.9995,  # of 92
    "numbers | season and episode in words | 2": 0.9999,  # of 80
    "numbers | season | 1": 0.9971,  # of 13
    "numbers | season | 2": 0.9999,  # of 69
    "numbers | season, then a number | 1": 0.9955,  # of 7
    "numbers | season, then a number | 2": 0.9996,  # of 17
    "numbers | short words | 0": 0.9989,  # of 14
    "numbers | short words | 1": 0.9945,  # of 5
    "numbers | short words | 2": 0.9993,  # of 7
    "part": 0.9909,  # of 40
    "part | end of the name": 0.9992,  # of 40
    "title": 0.9956,  # of 4163
    "title | 0": 0.9858,  # of 208
    "title | 1": 0.9884,  # of 601
    "title | 2": 0.9969,  # of 2618
    "title | 3": 1.0000,  # of 736
    "title | file | 0": 0.9854,  # of 206
    "title | file | 1": 0.9875,  # of 560
    "title | file | 2": 0.9970,  # of 2346
    "title | file | 3": 1.0000,  # of 730
    "title | folder | 1": 0.9990,  # of 41
    "title | folder | 2": 0.9963,  # of 272
    "title | folder | 3": 1.0000,  # of 6
    "type": 0.9994,  # of 3875
    "type | 0": 1.0000,  # of 98
    "type | 1": 0.9934,  # of 299
    "type | 2": 1.0000,  # of 3478
    "type | no numbers | 0": 1.0000,  # of 13
    "type | no numbers | 1": 0.9079,  # of 18
    "type | no numbers | 2": 1.0000,  # of 1624
    "type | numbers | 0": 1.0000,  # of 85
    "type | numbers | 1": 0.9999,  # of 281
    "type | numbers | 2": 1.0000,  # of 1854
    "year": 0.9998,  # of 1831
    "year | 1": 0.9999,  # of 5
    "year | 2": 1.0000,  # of 1826
    "year | file | 1": 1.0000,  # of 5
    "year | file | 2": 1.0000,  # of 1686
    "year | folder | 2": 1.0000,  # of 140
}
