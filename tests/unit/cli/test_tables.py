"""Tables of numbers, as people write them."""

from pathlib import Path

import click
import pytest

from mediastead.cli.group_answers import rows_of


def test_a_table_has_a_line_for_each_number(tmp_path: Path) -> None:
    table = tmp_path / "numbers.csv"
    table.write_text("\ufeffsays,is\nS02E01, S01E14\n\n27,S02E01-E02\n2x03,1x16,1x17\n", "utf-8")
    assert rows_of(table) == [
        {"season": 2, "number": 1, "to": [{"season": 1, "number": 14}]},
        {"season": None, "number": 27, "to": [{"season": 2, "number": 1}, {"season": 2, "number": 2}]},
        {"season": 2, "number": 3, "to": [{"season": 1, "number": 16}, {"season": 1, "number": 17}]},
    ]


@pytest.mark.parametrize(
    ("content", "where"),
    [("S01E01\n", "line 1"), ("says,is\nS01E01,x\n", "line 2"), ("1,S01E01\nx,S01E02\n", "line 2"), ("1,\n", "line 1")],
)
def test_a_line_that_says_too_little_is_told(tmp_path: Path, content: str, where: str) -> None:
    table = tmp_path / "numbers.csv"
    table.write_text(content, "utf-8")
    with pytest.raises(click.UsageError, match=where):
        rows_of(table)
