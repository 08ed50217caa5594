"""How sure a field is: shares of right readings by rule and votes, measured on labelled and made names."""

import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence

from parse_cases import ROOT, Case, Judge

from mediastead.parsing import Guess, as_line
from mediastead.parsing.confidence import GROUPS, Origin, confidence_in, keys_of
from mediastead.parsing.paths import names_to_guess, parse_with_origins

TABLE = ROOT / "backend" / "mediastead" / "parsing" / "measured.py"
FEWEST = 5
"""Cases that a rule needs for a row of its own."""
PRIOR = 4.0
"""A row begins as if it had so many cases of the row above it (any rule with as many votes; that: any votes)."""

_HEAD = '''"""Shares of right readings by field, rule and votes: `field | rule | votes`, `field | votes`, `field`.

Written by `bench/parse.py --fit` from labelled and made names; not for editing.
"""

MEASURED: dict[str, float] = {
'''


def outcomes(cases: Sequence[Case], guessed: Mapping[str, Guess], judge: Judge) -> list[tuple[Case, str, Origin, bool]]:
    """Each field that a name says and a case asserts: where it was read and whether it is right."""
    found: list[tuple[Case, str, Origin, bool]] = []
    for case in cases:
        own = {name: guessed[name] for name in names_to_guess(case.path)}
        parsed, origins = parse_with_origins(case.path, guessed=own)
        rights = judge.rights(case, as_line(parsed, case.path))
        groups = {GROUPS.get(field, field): origin for field, origin in origins.items()}
        found += [(case, group, origin, rights[group]) for group, origin in groups.items() if group in rights]
    return found


def write_table(seen: Sequence[tuple[Case, str, Origin, bool]]) -> int:
    """Writes the table; the number of its rows."""
    counts: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    above: dict[str, str] = {}
    for _, group, origin, right in seen:
        rows = keys_of(group, origin)
        above |= {
            row: next((wider for wider in rows[place + 1 :] if wider != row), "") for place, row in enumerate(rows)
        }
        for row in dict.fromkeys(rows):
            counts[row][0] += right
            counts[row][1] += 1
    shares: dict[str, float] = {"": 0.9}
    for row in sorted(counts, key=lambda row: row.count("|")):
        right, of = counts[row]
        shares[row] = (right + PRIOR * shares[above[row]]) / (of + PRIOR)
    kept = [row for row in sorted(counts) if counts[row][1] >= FEWEST or "|" not in row]
    lines = "".join(f'    "{row}": {shares[row]:.4f},  # of {counts[row][1]}\n' for row in kept)
    TABLE.write_text(f"{_HEAD}{lines}}}\n", encoding="utf-8")
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", str(TABLE)], check=True)
    return len(kept)


def print_calibration(seen: Sequence[tuple[Case, str, Origin, bool]]) -> None:
    """Of the fields said to be right with about p, the share p should be."""
    print("\nconfidence on what was kept aside:     said   right  fields")
    for group in ("title", "numbers", "year", "type"):
        for low, high in ((0, 0.7), (0.7, 0.9), (0.9, 0.97), (0.97, 1)):
            own = [
                (said, right)
                for _, field, origin, right in seen
                if field == group and low <= (said := confidence_in(field, origin)) < high
            ]
            if own:
                said, right = (sum(column) / len(own) for column in zip(*own, strict=True))
                print(f"  {group:10} said {low:.2f} to {high:<8.2f} {said:10.3f} {right:7.3f} {len(own):7}")


def print_agreement(seen: Sequence[tuple[Case, str, Origin, bool]]) -> None:
    print("\nread alike by how many of guessit and the second parser (a folder counts as well): right, of")
    for group in ("title", "numbers", "year", "type"):
        cells: list[str] = []
        for votes in range(4):
            own = [right for _, field, origin, right in seen if field == group and origin.votes == votes]
            cells.append(f"{votes}: {sum(own) / len(own):6.1%} of {len(own):5}" if own else f"{votes}: {'-':>15}")
        print(f"  {group:10} " + "   ".join(cells))
