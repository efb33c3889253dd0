"""How well the raters agree with themselves, when they see the same again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from galseg.compare.records import QUALITY_LEVELS, TIE
from galseg.compare.shares import by_feature, ratings_of, wilson_interval
from galseg.consensus.agreement import fleiss_kappa

__all__ = ["repeat_pairs", "self_consistency"]

_SIGHT = ["rater", "galaxy_id", "feature"]
_COLUMNS = ["feature", "question", "n_pairs", "n_same", "share", "share_low", "share_high", "kappa"]


def repeat_pairs(evaluations: pd.DataFrame) -> pd.DataFrame:
    """Pair each choice that tells of consistency with the one that counts.

    Parameters
    ----------
    evaluations : pandas.DataFrame
        As of `galseg.compare.ComparisonScore`.

    Returns
    -------
    pandas.DataFrame
        ``rater, galaxy_id, feature, choice_first, choice_again``.
    """
    first, again = (look[[*_SIGHT, "choice"]].dropna() for look in _looks(evaluations))
    return first.merge(again, on=_SIGHT, suffixes=("_first", "_again"))


def self_consistency(
    evaluations: pd.DataFrame,
    methods: Sequence[str],
    *,
    qualities: Sequence[str] = tuple(QUALITY_LEVELS),
    level: float = 0.95,
) -> pd.DataFrame:
    """Count how often a rater gave the same answer again, by feature and in all.

    Kappa is Fleiss' of two looks, which for two is Scott's pi: the first and the second look are
    alike, and neither is the truth.

    Parameters
    ----------
    evaluations : pandas.DataFrame
        As of `galseg.compare.ComparisonScore`.
    methods : sequence of str
    qualities : sequence of str, optional
        What could be said.
    level : float, optional
        Confidence of the intervals, which are Wilson's.

    Returns
    -------
    pandas.DataFrame
        As ``consistency`` of `galseg.compare.ComparisonScore`; empty without repeats.
    """
    first, again = (ratings_of(look, methods) for look in _looks(evaluations))
    ratings = first.merge(again, on=[*_SIGHT, "method"], suffixes=("_first", "_again"))
    tables = {
        "best": (repeat_pairs(evaluations), "choice", (*methods, TIE)),
        "quality": (ratings, "quality", qualities),
    }
    rows = [
        {"feature": feature, "question": question}
        | _agreed(answers[[f"{name}_first", f"{name}_again"]], values, level)
        for question, (pairs, name, values) in tables.items()
        for feature, answers in by_feature(pairs)
    ]
    return pd.DataFrame(rows, columns=_COLUMNS)


def _looks(evaluations: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split the answers that count from those given again; leave out practice."""
    counted = evaluations["counted"]
    return evaluations[counted], evaluations[~counted & (evaluations["kind"] != "practice")]


def _agreed(answers: pd.DataFrame, values: Sequence[str], level: float) -> dict[str, float]:
    codes = pd.Index(values).get_indexer(pd.Index(answers.to_numpy().ravel())).reshape(-1, 2)
    counts = np.eye(len(values))[codes].sum(axis=1)
    n_same, n_pairs = int((codes[:, 0] == codes[:, 1]).sum()), len(codes)
    low, high = wilson_interval(n_same, n_pairs, level=level)
    return {
        "n_pairs": n_pairs,
        "n_same": n_same,
        "share": n_same / n_pairs,
        "share_low": float(low),
        "share_high": float(high),
        "kappa": fleiss_kappa(counts),
    }
