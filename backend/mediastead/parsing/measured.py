"""Shares of right readings by field, rule and votes: `field | rule | votes`, `field | votes`, `field`.

Written by `bench/parse.py --fit` from labelled and made names; not for editing.
"""

MEASURED: dict[str, float] = {
    "edition": 0.9925,  # of 49
    "edition | guessit": 0.9994,  # of 46
    "numbers": 0.9244,  # of 2210
    "numbers | 0": 0.4656,  # of 92
    "numbers | 1": 0.7857,  # of 422
    "numbers | 1x02 | 1": 0.8687,  # of 33
    "numbers | 1x02 | 2": 0.9996,  # of 137
    "numbers | 2": 0.9864,  # of 1494
    "numbers | S00E00 | 1": 0.9768,  # of 33
    "numbers | S00E00 | 2": 0.9999,  # of 851
    "numbers | a number between dashes | 1": 0.2762,  # of 11
    "numbers | a number between dashes | 2": 0.9542,  # of 19
    "numbers | a number in a folder": 0.9743,  # of 202
    "numbers | counted through all seasons | 0": 0.3862,  # of 6
    "numbers | counted through all seasons | 1": 0.9160,  # of 30
    "numbers | counted through all seasons | 2": 0.9995,  # of 104
    "numbers | date | 1": 0.9714,  # of 26
    "numbers | date | 2": 0.9730,  # of 35
    "numbers | episode in words | 0": 0.3137,  # of 37
    "numbers | episode in words | 1": 0.7976,  # of 104
    "numbers | episode in words | 2": 0.8885,  # of 140
    "numbers | folder | 2": 0.9977,  # of 20
    "numbers | guessit | 0": 0.1862,  # of 6
    "numbers | guessit | 1": 0.5674,  # of 102
    "numbers | guessit | 2": 0.9649,  # of 26
    "numbers | season and episode by digits | 0": 0.8575,  # of 11
    "numbers | season and episode in words | 0": 0.8473,  # of 10
    "numbers | season and episode in words | 1": 0.9850,  # of 53
    "numbers | season and episode in words | 2": 0.9992,  # of 68
    "numbers | season | 0": 0.2146,  # of 14
    "numbers | season | 1": 0.6057,  # of 21
    "numbers | season | 2": 0.9863,  # of 73
    "numbers | season, then a number | 1": 0.9047,  # of 5
    "numbers | season, then a number | 2": 0.9974,  # of 17
    "part": 0.9886,  # of 31
    "part | end of the name": 0.9987,  # of 31
    "title": 0.9396,  # of 4027
    "title | 0": 0.6272,  # of 112
    "title | 1": 0.7878,  # of 605
    "title | 2": 0.9724,  # of 2575
    "title | 3": 0.9997,  # of 732
    "title | file | 0": 0.6097,  # of 110
    "title | file | 1": 0.7747,  # of 568
    "title | file | 2": 0.9728,  # of 2313
    "title | file | 3": 1.0000,  # of 726
    "title | folder | 1": 0.9549,  # of 37
    "title | folder | 2": 0.9695,  # of 262
    "title | folder | 3": 0.9999,  # of 6
    "type": 0.9783,  # of 3751
    "type | 0": 0.5815,  # of 44
    "type | 1": 0.9225,  # of 281
    "type | 2": 0.9885,  # of 3409
    "type | no numbers | 0": 0.6487,  # of 15
    "type | no numbers | 1": 0.5911,  # of 31
    "type | no numbers | 2": 0.9815,  # of 1624
    "type | numbers": 0.9959,  # of 17
    "type | numbers | 0": 0.4947,  # of 29
    "type | numbers | 1": 0.9673,  # of 250
    "type | numbers | 2": 0.9949,  # of 1785
    "year": 0.9998,  # of 1822
    "year | 2": 1.0000,  # of 1818
    "year | file | 2": 1.0000,  # of 1677
    "year | folder | 2": 1.0000,  # of 141
}
