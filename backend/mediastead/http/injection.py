"""Handlers get what they need by the name of a parameter: of the path, of the query, or of what the application holds
(`database: Database`, `clock: Clock`); `data` is the body."""

import warnings
from collections.abc import Generator
from contextlib import contextmanager

from litestar.exceptions import LitestarDeprecationWarning


@contextmanager
def parameters_by_name() -> Generator[None]:
    """For the making of an application: take the names without a mark.

    Litestar 3 will want `NamedDependency[Database]`, `FromQuery[int]`, `FromPath[int]` and `JSONBody[NewLibrary]`, and says so
    now. What the application holds is listed in one place (`app.DEPENDENCIES`), and what is neither that nor in the path is of
    the query; the marks can come with version 3.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*([Ii]nferred|Reserved kwarg)", LitestarDeprecationWarning)
        yield
