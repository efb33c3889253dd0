"""What a comparison is made of, and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pandas as pd

__all__ = [
    "ANSWERS_FORMAT",
    "QUALITY_LEVELS",
    "TIE",
    "ComparisonPackage",
    "ComparisonScore",
    "Item",
    "Key",
]

ANSWERS_FORMAT = "galseg-comparison-answers"
"""Says in a rater's file what it is."""

QUALITY_LEVELS: Mapping[str, str] = MappingProxyType(
    {
        "perfect": "Perfect",
        "mostly_good": "Mostly good",
        "mostly_poor": "Mostly poor",
        "failed": "Failed",
    }
)
"""What a rater may say of one mask, best first, with the words the page shows."""

TIE = "tie"
"""The choice of a rater who finds no mask better than the others."""


@dataclass(frozen=True)
class Item:
    """One question to one rater: a feature of a galaxy, as every method outlines it.

    Attributes
    ----------
    token : str
        Its name in the package.
    rater, galaxy_id, feature : str
    methods : tuple of str
        The method in each place, first place first.
    """

    token: str
    rater: str
    galaxy_id: str
    feature: str
    methods: tuple[str, ...]


@dataclass(frozen=True)
class Key:
    """What undoes the blinding.

    Attributes
    ----------
    package_id : str
        The package that it belongs to.
    secret : str
        Hexadecimal; every token and shuffle of the package follows from it.
    methods, raters : tuple of str
    thresholds : mapping of str to float or None
        What made each method's maps into masks; None: the threshold stored with each map.
    items : tuple of Item
        In the order of the package.
    """

    package_id: str
    secret: str
    methods: tuple[str, ...]
    raters: tuple[str, ...]
    thresholds: Mapping[str, float | None]
    items: tuple[Item, ...]


@dataclass(frozen=True, eq=False)
class ComparisonPackage:
    """Where a comparison was written, and what could not go into it.

    Attributes
    ----------
    folder : pathlib.Path
        The package for the raters.
    key_path : pathlib.Path
        The key, to be kept from them until their answers are in.
    report_path : pathlib.Path
        `missing` as CSV; it names methods, so it is no more for raters than the key.
    package_id : str
    n_items : int
        Questions, over all raters.
    galaxy_ids : tuple of str
        Galaxies that are shown.
    missing : pandas.DataFrame
        ``galaxy_id, feature, method, reason``: what was left out; an empty feature or method
        means all of them.
    """

    folder: Path
    key_path: Path
    report_path: Path
    package_id: str
    n_items: int
    galaxy_ids: tuple[str, ...]
    missing: pd.DataFrame


@dataclass(frozen=True, eq=False)
class ComparisonScore:
    """What the raters said.

    Attributes
    ----------
    preferences : pandas.DataFrame
        One row a feature and choice (a method, or ``"tie"``): ``feature, choice, n_chosen,
        n_evaluations, share, share_low, share_high, resampled_low, resampled_high``. The first
        interval is Wilson's, of independent answers; the second resamples galaxies and raters.
    quality : pandas.DataFrame
        One row a feature, method and quality: ``feature, method, quality, n_rated, n_ratings,
        share``.
    evaluations : pandas.DataFrame
        One row an answer that counts: ``file, rater, item, galaxy_id, feature, choice, comment``
        and one column ``quality_<method>`` a method.
    excluded : pandas.DataFrame
        One row an answer, or a whole file, that does not: ``file, item, reason``.
    """

    preferences: pd.DataFrame
    quality: pd.DataFrame
    evaluations: pd.DataFrame
    excluded: pd.DataFrame
