"""What a comparison is made of, and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import pandas as pd

from galseg.errors import ConfigError

__all__ = [
    "ANSWERS_FORMAT",
    "ANSWERS_VERSION",
    "QUALITY_LEVELS",
    "TIE",
    "TIE_LABEL",
    "ComparisonPackage",
    "ComparisonScore",
    "Item",
    "ItemKind",
    "Key",
    "Questions",
    "place_letter",
]

ItemKind = Literal["rated", "repeat", "practice"]

ANSWERS_FORMAT = "galseg-comparison-answers"
"""Says in a rater's file what it is."""

ANSWERS_VERSION = 2

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

TIE_LABEL = "Tie: none is better"
"""The words for it that raters read."""


def place_letter(place: int) -> str:
    """Return what raters call a place, counted from 1.

    Examples
    --------
    >>> place_letter(1), place_letter(3)
    ('A', 'C')
    """
    return chr(ord("A") + place - 1)


@dataclass(frozen=True)
class Questions:
    """What raters are asked of every galaxy and feature.

    Attributes
    ----------
    quality : mapping of str to str
        What may be said of each mask, best first, with the words that raters read; empty: not
        asked.
    best : bool
        Whether to ask which mask is best.
    tie : bool
        Whether none may be better than the others.
    comment : bool
        Whether there is room for a remark.

    Raises
    ------
    ConfigError
        If nothing is asked, or there is a single quality.
    """

    quality: Mapping[str, str] = field(default_factory=lambda: QUALITY_LEVELS)
    best: bool = True
    tie: bool = True
    comment: bool = True

    def __post_init__(self) -> None:
        if not (self.quality or self.best):
            raise ConfigError("ask for the quality of the masks, for the best one, or for both")
        if len(self.quality) == 1:
            raise ConfigError(f"one quality tells nothing, got {dict(self.quality)}; give two")


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
    kind : str
        ``"rated"``; ``"repeat"``, the same again for self-consistency; or ``"practice"``, of
        which the answer is known. Only the key tells.
    repeats : str
        Token of the item that a repeat shows again.
    expected : tuple of str
        Methods of a practice item of which any is a right choice.
    """

    token: str
    rater: str
    galaxy_id: str
    feature: str
    methods: tuple[str, ...]
    kind: ItemKind = "rated"
    repeats: str = ""
    expected: tuple[str, ...] = ()


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
    questions : Questions
    """

    package_id: str
    secret: str
    methods: tuple[str, ...]
    raters: tuple[str, ...]
    thresholds: Mapping[str, float | None]
    items: tuple[Item, ...]
    questions: Questions = field(default_factory=Questions)


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
        Galaxies that are shown, practice left out.
    missing : pandas.DataFrame
        ``galaxy_id, feature, method, reason``: what was left out; an empty feature or method
        means all of them.
    strata : pandas.DataFrame
        Of a sample, one row a stratum: its part of every column, and ``n_galaxies, n_drawn,
        n_shown``. Empty without a sample.
    strata_path : pathlib.Path
        `strata` as CSV, if there are any.
    zooniverse_folder : pathlib.Path or None
        The subject set for Zooniverse, where one was asked for.
    """

    folder: Path
    key_path: Path
    report_path: Path
    package_id: str
    n_items: int
    galaxy_ids: tuple[str, ...]
    missing: pd.DataFrame
    strata: pd.DataFrame
    strata_path: Path
    zooniverse_folder: Path | None


@dataclass(frozen=True, eq=False)
class ComparisonScore:
    """What the raters said.

    In the tables an empty feature, method or rater means all of them together. Intervals named
    ``share_low, share_high`` are Wilson's, of independent answers; those named ``resampled_low,
    resampled_high`` draw galaxies and raters again, because answers about one galaxy, or of one
    rater, are alike. Practice and repeats stand in `evaluations`, and enter `raters` and
    `consistency` alone.

    Attributes
    ----------
    preferences : pandas.DataFrame
        One row a feature and choice (a method, or ``"tie"``): ``feature, choice, n_chosen,
        n_evaluations, share``, with both intervals.
    ranking : pandas.DataFrame
        One row a feature and method, best first: ``feature, method, rank, worth, worth_err,
        resampled_low, resampled_high, first_share, tie_ratio, tie_ratio_err``, see
        `galseg.compare.davidson.fit_davidson`; `first_share` is the share of the resamples in
        which the method is first.
    quality : pandas.DataFrame
        One row a feature, method and quality: ``feature, method, quality, n_rated, n_ratings,
        share``, and ``or_better, or_better_low, or_better_high``: the share of this quality or a
        better one; the intervals are resampled.
    settle : pandas.DataFrame
        One row a feature and pair of methods: ``feature, method, other, n_evaluations,
        n_preferred, n_other, share`` (of the choices between the two), with both intervals,
        ``is_open, design_effect, n_more``: evaluations still needed, 0 if the pair is settled and
        NaN if no number would do.
    agreement : pandas.DataFrame
        One row a feature, question (``"best"`` or ``"quality"``) and method: ``feature, question,
        method, n_units, n_answers, alpha, alpha_low, alpha_high``; Krippendorff's alpha, of what
        two raters or more answered.
    consistency : pandas.DataFrame
        One row a feature and question: ``feature, question, n_pairs, n_same, share, share_low,
        share_high, kappa``; of what a rater answered twice.
    position : pandas.DataFrame
        One row a rater and place: ``rater, n_places, place, n_chosen, n_decided, share,
        share_low, share_high, p_value``; the last is of all places chosen equally often.
    raters : pandas.DataFrame
        One row a rater: ``rater, n_evaluations, n_unanswered`` (items of a rater of the key that
        have no answer to be used), ``n_ties, median_seconds, n_practice, n_practice_right,
        n_with_majority`` (answers where the others have a majority), ``majority_share`` (and the
        rater is with it), ``n_repeats, repeat_share, place_p_value``.
    evaluations : pandas.DataFrame
        One row an answer that can be used: ``file, rater, item, kind, counted, galaxy_id,
        feature, choice, place, n_places, right`` (of practice), ``seconds, n_changes, given_at,
        comment``, the method in each place, ``place_1, place_2, ...``, and its quality,
        ``quality_<method>``. One answer of a rater to a galaxy and feature is `counted`.
    excluded : pandas.DataFrame
        One row an answer, or a whole file, that cannot: ``file, item, reason``.
    key : Key
        Of the package.
    key_sha256 : str
    level, power : float
        Confidence of the intervals, and power with which a pair is to be settled.
    n_resamples, seed : int
    """

    preferences: pd.DataFrame
    ranking: pd.DataFrame
    quality: pd.DataFrame
    settle: pd.DataFrame
    agreement: pd.DataFrame
    consistency: pd.DataFrame
    position: pd.DataFrame
    raters: pd.DataFrame
    evaluations: pd.DataFrame
    excluded: pd.DataFrame
    key: Key
    key_sha256: str
    level: float
    power: float
    n_resamples: int
    seed: int
