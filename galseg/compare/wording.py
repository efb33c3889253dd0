"""How the numbers and names of a score are written for people."""

from __future__ import annotations

import math
from collections.abc import Sequence

from galseg.compare.records import TIE
from galseg.compare.shares import EVERYTHING

__all__ = ["feature_words", "in_words", "interval", "method_words", "number", "percent"]

_UNKNOWN = "n/a"


def feature_words(feature: str) -> str:
    """Name a feature, or all of them.

    Examples
    --------
    >>> feature_words("spiral_arm"), feature_words("")
    ('Spiral arm', 'All features')
    """
    return feature.replace("_", " ").capitalize() if feature != EVERYTHING else "All features"


def method_words(method: str) -> str:
    """Name a choice: a method as it is called, a tie, or all methods."""
    return {TIE: "Tie", EVERYTHING: "all methods"}.get(method, method)


def percent(share: float, decimals: int = 1) -> str:
    """Write a share.

    Examples
    --------
    >>> percent(287 / 367), percent(float("nan"))
    ('78.2%', 'n/a')
    """
    return _UNKNOWN if math.isnan(share) else f"{100 * share:.{decimals}f}%"


def number(value: float, decimals: int = 2) -> str:
    """Write a number.

    Examples
    --------
    >>> number(0.5), number(3, 0)
    ('0.50', '3')
    """
    return _UNKNOWN if math.isnan(value) else f"{value:.{decimals}f}"


def interval(low: float, high: float, *, of_shares: bool = True) -> str:
    """Write an interval.

    Examples
    --------
    >>> interval(0.731, 0.824), interval(-0.1, 0.25, of_shares=False)
    ('73.1–82.4%', '-0.10 to 0.25')
    """
    if math.isnan(low) or math.isnan(high):
        return _UNKNOWN
    if of_shares:
        return f"{100 * low:.1f}–{percent(high)}"
    return f"{number(low)} to {number(high)}"


def in_words(names: Sequence[str]) -> str:
    """List names.

    Examples
    --------
    >>> in_words(["a", "b", "c"])
    'a, b and c'
    """
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
