"""How often each answer was given, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from astropy.stats import binom_conf_interval
from numpy.typing import NDArray

from galseg.compare.records import QUALITY_LEVELS, TIE

__all__ = [
    "EVERYTHING",
    "by_feature",
    "central_interval",
    "concatenated",
    "preference_shares",
    "quality_shares",
    "ratings_of",
    "resampled_counts",
    "wilson_interval",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

EVERYTHING = ""
"""In a column of features, methods or raters: all of them together."""

_RESAMPLED = ["resampled_low", "resampled_high"]
_PREFERENCES = ["feature", "choice", "n_chosen", "n_evaluations", "share"]
_PREFERENCES += ["share_low", "share_high", *_RESAMPLED]
_QUALITY = ["feature", "method", "quality", "n_rated", "n_ratings", "share", *_RESAMPLED]
_QUALITY += ["or_better", "or_better_low", "or_better_high"]
_BLOCK = 2**22  # answers times resamples that are held at once


def by_feature(evaluations: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield each feature with its rows, and, if there are several, all rows together."""
    groups = list(evaluations.groupby("feature", sort=True))
    yield from ((str(feature), rows) for feature, rows in groups)
    if len(groups) > 1:
        yield EVERYTHING, evaluations


def wilson_interval(n: Any, n_all: Any, *, level: float) -> tuple[Floats, Floats]:
    """Interval of a share, of independent answers; NaN where there are none.

    References
    ----------
    Wilson, E. B. (1927), J. Am. Stat. Assoc. 22, 209, doi:10.1080/01621459.1927.10502953.

    Examples
    --------
    >>> low, high = wilson_interval(8, 10, level=0.95)
    >>> round(float(low), 3), round(float(high), 3)
    (0.49, 0.943)
    """
    counts, totals = np.broadcast_arrays(np.asarray(n, dtype=float), n_all)
    low, high = binom_conf_interval(
        counts, np.maximum(totals, 1), confidence_level=level, interval="wilson"
    )
    return np.where(totals > 0, low, np.nan), np.where(totals > 0, high, np.nan)


def central_interval(draws: Floats, *, level: float) -> tuple[Floats, Floats]:
    """Quantiles of draws along the first axis; NaN if all draws are."""
    known = draws[~np.isnan(draws).any(axis=tuple(range(1, draws.ndim)))]
    if not len(known):
        nothing = np.full(draws.shape[1:], np.nan)
        return nothing, nothing
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return low, high


def concatenated(tables: Sequence[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    """Put tables below each other; without any, return an empty one with these columns."""
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)


def resampled_counts(
    code: Ints,
    galaxy: Iterable[object],
    rater: Iterable[object],
    *,
    n_codes: int,
    n_resamples: int,
    seed: int,
) -> Floats:
    """Count the answers of each kind, had other galaxies and raters been drawn.

    Galaxies and raters are each drawn again with replacement, and an answer counts as often as
    its galaxy times as often as its rater. Answers of one rater, or about one galaxy, are alike,
    and intervals that take them for independent are too narrow. These are never too narrow in
    the mean; where answers are independent after all they are up to 1.7 times too wide.

    Parameters
    ----------
    code : ndarray of int, shape (N,)
        Kind of each answer, counted from 0.
    galaxy, rater : iterable, length N
        Of each answer.
    n_codes : int
        K kinds, given or not.
    n_resamples : int
    seed : int

    Returns
    -------
    ndarray, shape (n_resamples, K)

    References
    ----------
    Owen, A. B. (2007), Ann. Appl. Stat. 1, 386, doi:10.1214/07-AOAS122.
    """
    rng = np.random.default_rng(seed)
    of_galaxy, galaxies = pd.factorize(np.array(list(galaxy), dtype=object))
    of_rater, raters = pd.factorize(np.array(list(rater), dtype=object))
    kinds = np.eye(n_codes)[code]
    counts = np.empty((n_resamples, n_codes))
    block = max(_BLOCK // max(len(code), len(galaxies), len(raters), 1), 1)
    for start in range(0, n_resamples, block):
        size = min(block, n_resamples - start)
        of_galaxies, of_raters = (
            rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=size).astype(
                float
            )
            for names in (galaxies, raters)
        )
        counts[start : start + size] = (of_galaxies[:, of_galaxy] * of_raters[:, of_rater]) @ kinds
    return counts


def preference_shares(
    evaluations: pd.DataFrame,
    methods: Sequence[str],
    *,
    level: float = 0.95,
    n_resamples: int = 2000,
    seed: int = 0,
) -> pd.DataFrame:
    """Count how often each method, or a tie, was the choice, by feature and in all.

    Parameters
    ----------
    evaluations : pandas.DataFrame
        ``feature, choice, galaxy_id, rater``, one row an answer.
    methods : sequence of str
    level, n_resamples, seed
        As in `galseg.compare.score_comparison`.

    Returns
    -------
    pandas.DataFrame
        As ``preferences`` of `galseg.compare.ComparisonScore`.

    Examples
    --------
    >>> evaluations = pd.DataFrame(
    ...     {
    ...         "feature": "bar",
    ...         "choice": ["model"] * 3 + ["tie"],
    ...         "galaxy_id": ["a", "b", "c", "d"],
    ...         "rater": "r",
    ...     }
    ... )
    >>> preference_shares(evaluations, ["model", "crowd"])[["choice", "n_chosen", "share"]]
      choice  n_chosen  share
    0  model         3   0.75
    1  crowd         0   0.00
    2    tie         1   0.25
    """
    choices = [*methods, TIE]
    tables = []
    for feature, rows in by_feature(evaluations):
        code = pd.Index(choices).get_indexer(pd.Index(rows["choice"]))
        n_chosen, n_evaluations = np.bincount(code, minlength=len(choices)), len(rows)
        table = pd.DataFrame({"feature": feature, "choice": choices, "n_chosen": n_chosen})
        table["n_evaluations"] = n_evaluations
        table["share"] = n_chosen / n_evaluations
        table["share_low"], table["share_high"] = wilson_interval(
            n_chosen, n_evaluations, level=level
        )
        counts = resampled_counts(
            code,
            rows["galaxy_id"],
            rows["rater"],
            n_codes=len(choices),
            n_resamples=n_resamples,
            seed=seed,
        )
        table["resampled_low"], table["resampled_high"] = central_interval(
            _shares(counts), level=level
        )
        tables.append(table)
    return concatenated(tables, _PREFERENCES)


def ratings_of(evaluations: pd.DataFrame, methods: Sequence[str]) -> pd.DataFrame:
    """List the ratings one a row.

    Parameters
    ----------
    evaluations : pandas.DataFrame
        ``feature, galaxy_id, rater, item`` and ``quality_<method>``, missing where a mask was
        not rated.
    methods : sequence of str

    Returns
    -------
    pandas.DataFrame
        ``feature, galaxy_id, rater, item, method, quality``.
    """
    columns = {f"quality_{method}": method for method in methods}
    known = ["feature", "galaxy_id", "rater", "item"]
    rated = evaluations.reindex(columns=[*known, *columns]).rename(columns=columns)
    ratings = rated.melt(known, list(methods), var_name="method", value_name="quality")
    return ratings.dropna(subset="quality").reset_index(drop=True)


def quality_shares(
    ratings: pd.DataFrame,
    methods: Sequence[str],
    *,
    qualities: Sequence[str] = tuple(QUALITY_LEVELS),
    level: float = 0.95,
    n_resamples: int = 2000,
    seed: int = 0,
) -> pd.DataFrame:
    """Count how good the raters found the masks of each method, by feature and in all.

    Parameters
    ----------
    ratings : pandas.DataFrame
        As of `ratings_of`.
    methods : sequence of str
    qualities : sequence of str, optional
        What could be said, best first.
    level, n_resamples, seed
        As in `galseg.compare.score_comparison`.

    Returns
    -------
    pandas.DataFrame
        As ``quality`` of `galseg.compare.ComparisonScore`; methods that nobody rated have no rows.
    """
    tables = []
    for feature, rows in by_feature(ratings):
        for method in methods:
            rated = rows[rows["method"] == method]
            if len(rated):
                code = pd.Index(qualities).get_indexer(pd.Index(rated["quality"]))
                counts = resampled_counts(
                    code,
                    rated["galaxy_id"],
                    rated["rater"],
                    n_codes=len(qualities),
                    n_resamples=n_resamples,
                    seed=seed,
                )
                table = _quality_table(np.bincount(code, minlength=len(qualities)), counts, level)
                names = {"feature": feature, "method": method, "quality": list(qualities)}
                tables.append(pd.concat([pd.DataFrame(names), table], axis=1))
    return concatenated(tables, _QUALITY)


def _quality_table(n_rated: NDArray[Any], counts: Floats, level: float) -> pd.DataFrame:
    """Shares of each quality, and of it or a better one."""
    n_ratings = n_rated.sum()
    draws = _shares(counts)
    low, high = central_interval(draws, level=level)
    better_low, better_high = central_interval(draws.cumsum(axis=1), level=level)
    return pd.DataFrame(
        {
            "n_rated": n_rated,
            "n_ratings": n_ratings,
            "share": n_rated / n_ratings,
            "resampled_low": low,
            "resampled_high": high,
            "or_better": n_rated.cumsum() / n_ratings,
            "or_better_low": better_low,
            "or_better_high": better_high.clip(max=1),
        }
    )


def _shares(counts: Floats) -> Floats:
    """Shares of a resample's answers; NaN where none was drawn."""
    total = counts.sum(axis=1, keepdims=True)
    nothing = np.full_like(counts, np.nan)
    return np.asarray(np.divide(counts, total, out=nothing, where=total > 0))
