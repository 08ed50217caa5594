"""Shares of right readings by field, rule and votes: `field | rule | votes`, `field | votes`, `field`.

Written by `bench/parse.py --fit` from labelled and made names; not for editing.
"""

MEASURED: dict[str, float] = {
    "edition": 0.9879,  # of 29
    "edition | guessit": 0.9984,  # of 27
    "numbers": 0.9905,  # of 1721
    "numbers | 0": 0.9774,  # of 86
    "numbers | 1": 0.9544,  # of 260
    "numbers | 1x02 | 1": 0.9939,  # of 26
    "numbers | 1x02 | 2": 0.9999,  # of 117
    "numbers | 2": 0.9983,  # of 1222
    "numbers | S00E00 | 1": 0.9927,  # of 21
    "numbers | S00E00 | 2": 1.0000,  # of 748
    "numbers | a number between dashes | 2": 0.9497,  # of 16
    "numbers | a number in a folder": 0.9998,  # of 153
    "numbers | counted through all seasons | 1": 0.9008,  # of 18
    "numbers | counted through all seasons | 2": 0.9999,  # of 77
    "numbers | date | 1": 0.9937,  # of 25
    "numbers | date | 2": 0.9613,  # of 22
    "numbers | episode in words | 0": 0.9957,  # of 17
    "numbers | episode in words | 1": 0.9800,  # of 55
    "numbers | episode in words | 2": 0.9999,  # of 87
    "numbers | folder | 2": 0.9997,  # of 20
    "numbers | guessit | 1": 0.8259,  # of 43
    "numbers | guessit | 2": 0.9994,  # of 7
    "numbers | season and episode by digits | 0": 0.9918,  # of 7
    "numbers | season and episode by digits | 1": 0.9818,  # of 6
    "numbers | season and episode in words | 0": 0.9979,  # of 39
    "numbers | season and episode in words | 1": 0.9961,  # of 43
    "numbers | season and episode in words | 2": 0.9999,  # of 51
    "numbers | season | 1": 0.9870,  # of 10
    "numbers | season | 2": 0.9999,  # of 58
    "numbers | season, then a number | 1": 0.9818,  # of 6
    "numbers | season, then a number | 2": 0.9996,  # of 11
    "numbers | short words | 0": 0.9930,  # of 9
    "part": 0.9857,  # of 24
    "part | end of the name": 0.9980,  # of 24
    "title": 0.9905,  # of 3209
    "title | 0": 0.9441,  # of 122
    "title | 1": 0.9598,  # of 370
    "title | 2": 0.9960,  # of 2015
    "title | 3": 0.9999,  # of 702
    "title | file | 0": 0.9417,  # of 120
    "title | file | 1": 0.9585,  # of 337
    "title | file | 2": 0.9961,  # of 1803
    "title | file | 3": 1.0000,  # of 697
    "title | folder | 1": 0.9686,  # of 33
    "title | folder | 2": 0.9953,  # of 212
    "title | folder | 3": 1.0000,  # of 5
    "type": 0.9988,  # of 2923
    "type | 0": 0.9791,  # of 44
    "type | 1": 0.9944,  # of 175
    "type | 2": 0.9996,  # of 2704
    "type | no numbers | 0": 0.9940,  # of 10
    "type | no numbers | 1": 0.9318,  # of 11
    "type | no numbers | 2": 0.9992,  # of 1306
    "type | numbers | 0": 0.9715,  # of 34
    "type | numbers | 1": 0.9999,  # of 164
    "type | numbers | 2": 1.0000,  # of 1398
    "year": 0.9997,  # of 1519
    "year | 2": 1.0000,  # of 1517
    "year | file | 2": 1.0000,  # of 1410
    "year | folder | 2": 1.0000,  # of 107
}
