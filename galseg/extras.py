"""Packages that only some of galseg needs, and that are installed as its extras."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from galseg.errors import MissingDependencyError

__all__ = ["extra"]


@contextmanager
def extra(name: str, purpose: str) -> Iterator[None]:
    """Import packages of an extra inside, or say how to install them.

    Parameters
    ----------
    name : str
        Of the extra.
    purpose : str
        What needs which package, as the message begins.

    Raises
    ------
    MissingDependencyError
        If one is not installed.

    Examples
    --------
    >>> with extra("plots", "plots need matplotlib"):
    ...     from matplotlib.figure import Figure
    """
    try:
        yield
    except ImportError as error:
        raise MissingDependencyError(f"{purpose}; pip install 'galseg[{name}]'") from error
