"""Shares of right readings by field, rule and votes: `field | rule | votes`, `field | votes`, `field`.

Written by `bench/parse.py --fit` from labelled and made names; not for editing.
"""

MEASURED: dict[str, float] = {
    "edition": 0.9925,  # of 49
    "edition | guessit": 0.9994,  # of 46
    "numbers": 0.9953,  # of 2225
    "numbers | 0": 0.9927,  # of 135
    "numbers | 1": 0.9820,  # of 386
    "numbers | 1x02 | 1": 0.9981,  # of 33
    "numbers | 1x02 | 2": 1.0000,  # of 139
    "numbers | 2": 0.9987,  # of 1517
    "numbers | S00E00 | 1": 0.9981,  # of 33
    "numbers | S00E00 | 2": 1.0000,  # of 865
    "numbers | a number between dashes | 2": 0.9628,  # of 23
    "numbers | a number in a folder": 0.9999,  # of 187
    "numbers | a run in brackets | 2": 0.9994,  # of 5
    "numbers | counted through all seasons | 1": 0.9040,  # of 28
    "numbers | counted through all seasons | 2": 1.0000,  # of 108
    "numbers | date | 0": 0.9971,  # of 6
    "numbers | date | 1": 0.9983,  # of 38
    "numbers | date | 2": 0.9761,  # of 38
    "numbers | episode in words | 0": 0.9991,  # of 28
    "numbers | episode in words | 1": 0.9872,  # of 80
    "numbers | episode in words | 2": 1.0000,  # of 134
    "numbers | folder | 2": 0.9998,  # of 20
    "numbers | guessit | 1": 0.9420,  # of 49
    "numbers | guessit | 2": 0.9996,  # of 9
    "numbers | season and episode by digits | 0": 0.9987,  # of 19
    "numbers | season and episode by digits | 1": 0.9949,  # of 10
    "numbers | season and episode in words | 0": 0.9995,  # of 56
    "numbers | season and episode in words | 1": 0.9992,  # of 89
    "numbers | season and episode in words | 2": 0.9999,  # of 80
    "numbers | season | 1": 0.9955,  # of 12
    "numbers | season | 2": 0.9999,  # of 72
    "numbers | season, then a number | 1": 0.9935,  # of 7
    "numbers | season, then a number | 2": 0.9997,  # of 17
    "numbers | short words | 0": 0.9984,  # of 14
    "numbers | short words | 1": 0.9920,  # of 5
    "numbers | short words | 2": 0.9995,  # of 7
    "part": 0.9909,  # of 40
    "part | end of the name": 0.9992,  # of 40
    "title": 0.9937,  # of 4043
    "title | 0": 0.9830,  # of 174
    "title | 1": 0.9770,  # of 562
    "title | 2": 0.9965,  # of 2570
    "title | 3": 1.0000,  # of 737
    "title | file | 0": 0.9826,  # of 172
    "title | file | 1": 0.9751,  # of 522
    "title | file | 2": 0.9965,  # of 2309
    "title | file | 3": 1.0000,  # of 731
    "title | folder | 1": 0.9979,  # of 40
    "title | folder | 2": 0.9962,  # of 261
    "title | folder | 3": 1.0000,  # of 6
    "type": 0.9994,  # of 3755
    "type | 0": 1.0000,  # of 54
    "type | 1": 0.9964,  # of 274
    "type | 2": 0.9997,  # of 3427
    "type | no numbers | 0": 1.0000,  # of 11
    "type | no numbers | 1": 0.9559,  # of 19
    "type | no numbers | 2": 0.9994,  # of 1626
    "type | numbers | 0": 1.0000,  # of 43
    "type | numbers | 1": 0.9999,  # of 255
    "type | numbers | 2": 1.0000,  # of 1801
    "year": 0.9998,  # of 1831
    "year | 2": 1.0000,  # of 1827
    "year | file | 2": 1.0000,  # of 1686
    "year | folder | 2": 1.0000,  # of 141
}
