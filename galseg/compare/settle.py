"""Which of two methods is preferred, and how many more answers would settle it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import norm

from galseg.compare.shares import by_feature, central_interval, resampled_counts, wilson_interval

__all__ = ["answers_needed", "design_effect", "settle_pairs"]

_COLUMNS = [
    "feature",
    "method",
    "other",
    "n_evaluations",
    "n_preferred",
    "n_other",
    "share",
    "share_low",
    "share_high",
    "resampled_low",
    "resampled_high",
    "is_open",
    "design_effect",
    "n_more",
]


def answers_needed(share: float, *, level: float = 0.95, power: float = 0.8) -> float:
    """How many independent choices between two tell a share from one half.

    For a two-sided test in the normal approximation.

    Parameters
    ----------
    share : float
        The true one, 0 to 1.
    level, power : float, optional
        Confidence of the test, and the probability that it succeeds.

    Returns
    -------
    float
        Infinite for one half.

    References
    ----------
    Fleiss, J. L., Levin, B. & Paik, M. C. (2003), Statistical Methods for Rates and Proportions,
    3rd ed., section 2.5, doi:10.1002/0471445428.

    Examples
    --------
    >>> round(answers_needed(0.6))
    194
    """
    deviation = abs(share - 0.5)
    if deviation == 0:
        return float("inf")
    test, success = norm.ppf((1 + level) / 2), norm.ppf(power)
    return float(((test * 0.5 + success * np.sqrt(share * (1 - share))) / deviation) ** 2)


def design_effect(won: ArrayLike, galaxy: Iterable[object], rater: Iterable[object]) -> float:
    """How much more the share of wins varies than that of independent answers.

    From the variance that allows answers about one galaxy, and those of one rater, to be alike.

    Parameters
    ----------
    won : array_like of bool, shape (N,)
        Of each decided answer.
    galaxy, rater : iterable, length N

    Returns
    -------
    float
        At least 1, also where there is too little to tell.

    References
    ----------
    Cameron, A. C., Gelbach, J. B. & Miller, D. L. (2011), J. Bus. Econ. Stat. 29, 238,
    doi:10.1198/jbes.2010.07136.

    Examples
    --------
    >>> design_effect([True, True, False, False], ["a", "a", "b", "b"], ["w", "x", "y", "z"])
    2.0
    """
    wins = np.asarray(won, dtype=float)
    residual = wins - wins.mean()
    independent = (residual**2).sum()
    if independent == 0:
        return 1.0
    clustered = [
        (np.bincount(pd.factorize(np.array(list(names), dtype=object))[0], residual) ** 2).sum()
        for names in (galaxy, rater)
    ]
    return max(1.0, float((sum(clustered) - independent) / independent))


def settle_pairs(
    evaluations: pd.DataFrame,
    methods: Sequence[str],
    *,
    level: float = 0.95,
    power: float = 0.8,
    n_resamples: int = 2000,
    seed: int = 0,
) -> pd.DataFrame:
    """Compare the methods two by two, by feature and in all.

    A pair is settled when both its intervals, Wilson's and that of resampled galaxies and
    raters, leave out one half. If it is open, `n_more` tells how many evaluations beyond those
    at hand would settle it with the given power, if the share, the part of evaluations in which
    one of the two was chosen, and the likeness of answers stay as they are, and galaxies and
    raters become more in proportion.

    Parameters
    ----------
    evaluations : pandas.DataFrame
        ``feature, choice, galaxy_id, rater``, and ``place_1, place_2, ...``: the methods shown.
    methods : sequence of str
    level, power, n_resamples, seed
        As in `galseg.compare.score_comparison`.

    Returns
    -------
    pandas.DataFrame
        As ``settle`` of `galseg.compare.ComparisonScore`.
    """
    rows: list[dict[str, Any]] = []
    for feature, answers in by_feature(evaluations):
        places = answers.filter(regex=r"^place_\d+$").to_numpy(dtype=object)
        for method, other in combinations(methods, 2):
            both = (places == method).any(axis=1) & (places == other).any(axis=1)
            decided = answers[both & answers["choice"].isin([method, other])]
            row: dict[str, Any] = {"feature": feature, "method": method, "other": other}
            row["n_evaluations"] = int(both.sum())
            if len(decided):
                how: dict[str, Any] = {"level": level, "n_resamples": n_resamples, "seed": seed}
                row |= _preference(decided, method, **how)
                row["n_more"] = _more(row, level, power)
            else:
                row |= {"n_preferred": 0, "n_other": 0, "is_open": True, "n_more": np.nan}
            rows.append(row)
    return pd.DataFrame(rows, columns=_COLUMNS)


def _preference(
    decided: pd.DataFrame, method: str, *, level: float, n_resamples: int, seed: int
) -> dict[str, Any]:
    won = (decided["choice"] == method).to_numpy()
    galaxy, rater = decided["galaxy_id"], decided["rater"]
    counts = resampled_counts(
        (~won).astype(int), galaxy, rater, n_codes=2, n_resamples=n_resamples, seed=seed
    )
    counts = counts[counts.sum(axis=1) > 0]
    resampled = central_interval(counts[:, 0] / counts.sum(axis=1), level=level)
    wilson = wilson_interval(int(won.sum()), len(won), level=level)
    return {
        "n_preferred": int(won.sum()),
        "n_other": int((~won).sum()),
        "share": float(won.mean()),
        "share_low": float(wilson[0]),
        "share_high": float(wilson[1]),
        "resampled_low": float(resampled[0]),
        "resampled_high": float(resampled[1]),
        "is_open": any(low <= 0.5 <= high for low, high in (wilson, resampled)),
        "design_effect": design_effect(won, galaxy, rater),
    }


def _more(row: dict[str, Any], level: float, power: float) -> float:
    """Count the evaluations still needed; NaN where no number of them would do."""
    if not row["is_open"]:
        return 0.0
    needed = answers_needed(row["share"], level=level, power=power) * row["design_effect"]
    n_decided = row["n_preferred"] + row["n_other"]
    total = needed * row["n_evaluations"] / n_decided
    return float(max(np.ceil(total) - row["n_evaluations"], 1.0)) if total < np.inf else np.nan
