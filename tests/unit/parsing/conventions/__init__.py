"""Ways in which people, programs and release groups name files (`conventions.txt`), and names with known fields made of them."""

from .making import Made, Titles, conventions, made_names, wrong_fields

__all__ = ["Made", "Titles", "conventions", "made_names", "wrong_fields"]
