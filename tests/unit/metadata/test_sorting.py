"""How titles are sorted and searched."""

import pytest

from mediastead.catalog.titles import search_text, sort_key


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("The Matrix", "matrix the"),
        ("A Bug's Life", "bug s life a"),
        ("An Education", "education an"),
        ("Amélie", "amelie"),
        ("Theater", "theater"),
        ("The", "the"),
        ("Die Hard", "die hard"),
        ("千と千尋の神隠し", "千と千尋の神隠し"),
        ("…", "…"),
    ],
)
def test_a_leading_article_does_not_count(title: str, key: str):
    assert sort_key(title) == key


def test_all_titles_are_searched_each_once():
    assert search_text("Léon", "Leon", ["The Professional", ""]) == "leon the professional"
