"""How well the raters agree with each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import krippendorff
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galseg.compare.records import QUALITY_LEVELS, TIE
from galseg.compare.shares import EVERYTHING, by_feature, central_interval, ratings_of

__all__ = ["krippendorff_alpha", "rater_agreement"]

Ints = NDArray[np.int64]
Scale = Literal["nominal", "ordinal"]

_COLUMNS = [
    "feature",
    "question",
    "method",
    "n_units",
    "n_answers",
    "alpha",
    "alpha_low",
    "alpha_high",
]


def krippendorff_alpha(counts: Ints, *, scale: Scale) -> float:
    """Agreement beyond chance of any number of raters, answers missing or not.

    Parameters
    ----------
    counts : ndarray of int, shape (N, V)
        How many raters gave each value to each unit; values in order.
    scale : str
        ``"nominal"``: two values are the same or not; ``"ordinal"``: near or far.

    Returns
    -------
    float
        1 for full agreement, 0 for chance; NaN where no unit has two answers, or all of those
        that have are of one value.

    References
    ----------
    Krippendorff, K. (2011), Computing Krippendorff's alpha-reliability, University of
    Pennsylvania, https://repository.upenn.edu/asc_papers/43.

    Examples
    --------
    >>> counts = np.array([[2, 0], [0, 2], [2, 0], [1, 1]])
    >>> round(krippendorff_alpha(counts, scale="nominal"), 3)
    0.533
    """
    paired = counts[counts.sum(axis=1) > 1]
    if (paired.sum(axis=0) > 0).sum() < 2:
        return float("nan")
    return float(krippendorff.alpha(value_counts=paired, level_of_measurement=scale))


def rater_agreement(
    evaluations: pd.DataFrame,
    methods: Sequence[str],
    *,
    qualities: Sequence[str] = tuple(QUALITY_LEVELS),
    level: float = 0.95,
    n_resamples: int = 2000,
    seed: int = 0,
) -> pd.DataFrame:
    """Measure the agreement on the best method and on the qualities, by feature and in all.

    The intervals draw galaxies again with replacement, with all that was said of them; to draw a
    rater twice would add agreement.

    Parameters
    ----------
    evaluations : pandas.DataFrame
        ``feature, choice, galaxy_id, rater`` and ``quality_<method>``.
    methods : sequence of str
    qualities : sequence of str, optional
        What could be said, best first.
    level, n_resamples, seed
        As in `galseg.compare.score_comparison`.

    Returns
    -------
    pandas.DataFrame
        As ``agreement`` of `galseg.compare.ComparisonScore`.
    """
    rows = []
    for feature, answers in by_feature(evaluations):
        for question, method, units, values, scale in _questions(answers, methods, qualities):
            n_values = len(methods) + 1 if question == "best" else len(qualities)
            counts, galaxies = _counts(units, values, n_values)
            draws = _resampled(counts, galaxies, scale, n_resamples, seed)
            low, high = central_interval(draws, level=level)
            paired = counts.sum(axis=1) > 1
            rows.append(
                {
                    "feature": feature,
                    "question": question,
                    "method": method,
                    "n_units": int(paired.sum()),
                    "n_answers": int(counts[paired].sum()),
                    "alpha": krippendorff_alpha(counts, scale=scale),
                    "alpha_low": float(low),
                    "alpha_high": float(high),
                }
            )
    return pd.DataFrame(rows, columns=_COLUMNS)


def _questions(
    answers: pd.DataFrame, methods: Sequence[str], qualities: Sequence[str]
) -> Iterator[tuple[str, str, pd.DataFrame, Ints, Scale]]:
    """Yield what was asked, of which method, the units, the values as numbers, and their scale."""
    chosen = answers.dropna(subset="choice")
    if len(chosen):
        values = pd.Index([*methods, TIE]).get_indexer(pd.Index(chosen["choice"]))
        yield "best", EVERYTHING, chosen[["galaxy_id", "feature"]], values, "nominal"
    ratings = ratings_of(answers, methods)
    for method in (*methods, EVERYTHING):
        rated = ratings if method == EVERYTHING else ratings[ratings["method"] == method]
        if len(rated):
            values = pd.Index(qualities).get_indexer(pd.Index(rated["quality"]))
            yield "quality", method, rated[["galaxy_id", "feature", "method"]], values, "ordinal"


def _counts(units: pd.DataFrame, values: Ints, n_values: int) -> tuple[Ints, NDArray[np.int64]]:
    """Count the answers by unit and value, and number the galaxy of each unit."""
    grouped = units.groupby(list(units.columns), sort=False)
    counts = np.zeros((grouped.ngroups, n_values), dtype=np.int64)
    np.add.at(counts, (grouped.ngroup().to_numpy(), values), 1)
    galaxies = units.drop_duplicates()["galaxy_id"]
    return counts, pd.factorize(galaxies)[0]


def _resampled(
    counts: Ints, galaxies: Ints, scale: Scale, n_resamples: int, seed: int
) -> NDArray[np.float64]:
    n_galaxies = int(galaxies.max()) + 1
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(n_galaxies, np.full(n_galaxies, 1 / n_galaxies), size=n_resamples)
    if not (counts.sum(axis=1) > 1).any():
        return np.full(n_resamples, np.nan)
    samples = (np.repeat(counts, times[galaxies], axis=0) for times in drawn)
    return np.array([krippendorff_alpha(sample, scale=scale) for sample in samples])
