"""The methods in order of their worth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galseg.compare.davidson import fit_davidson
from galseg.compare.records import TIE
from galseg.compare.shares import by_feature, central_interval, concatenated, resampled_counts

__all__ = ["rank_methods"]

_COLUMNS = [
    "feature",
    "method",
    "rank",
    "worth",
    "worth_err",
    "resampled_low",
    "resampled_high",
    "first_share",
    "tie_ratio",
    "tie_ratio_err",
]


class _Choices(NamedTuple):
    """Answers by the set of methods shown, and by what was chosen from it.

    Attributes
    ----------
    shown : ndarray of bool, shape (C, M)
    code : ndarray of int, shape (N,)
        Set times (M + 1), plus the method; M for a tie.
    """

    shown: NDArray[np.bool_]
    code: NDArray[np.int64]

    def split(self, counts: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return how often each method was chosen and how often none was, by set."""
        n_sets, n_methods = self.shown.shape
        table = counts.reshape(*counts.shape[:-1], n_sets, n_methods + 1)
        return table[..., :-1], table[..., -1]


def rank_methods(
    evaluations: pd.DataFrame,
    methods: Sequence[str],
    *,
    ties: bool = True,
    level: float = 0.95,
    n_resamples: int = 2000,
    seed: int = 0,
) -> pd.DataFrame:
    """Rank methods by Davidson's model, by feature and in all.

    Parameters
    ----------
    evaluations : pandas.DataFrame
        ``feature, choice, galaxy_id, rater``, and ``place_1, place_2, ...``: the methods shown.
    methods : sequence of str
    ties : bool, optional
        Whether a tie was allowed.
    level, n_resamples, seed
        As in `galseg.compare.score_comparison`.

    Returns
    -------
    pandas.DataFrame
        As ``ranking`` of `galseg.compare.ComparisonScore`.
    """
    tables = []
    for feature, rows in by_feature(evaluations):
        choices = _choices_of(rows, methods)
        n_codes = choices.shown.size + len(choices.shown)
        counts = np.bincount(choices.code, minlength=n_codes).astype(float)
        chosen, tied = choices.split(counts)
        fit = fit_davidson(chosen, tied, choices.shown, ties=ties)
        draws = resampled_counts(
            choices.code,
            rows["galaxy_id"],
            rows["rater"],
            n_codes=n_codes,
            n_resamples=n_resamples,
            seed=seed,
        )
        chosen, tied = choices.split(draws)
        worths = fit_davidson(chosen, tied, choices.shown, ties=ties).worth
        low, high = central_interval(worths, level=level)
        best = worths >= worths.max(axis=1, keepdims=True) - 1e-9
        table = pd.DataFrame(
            {
                "feature": feature,
                "method": list(methods),
                "rank": pd.Series(-fit.worth.round(9)).rank(method="min").astype(int),
                "worth": fit.worth,
                "worth_err": fit.worth_err,
                "resampled_low": low,
                "resampled_high": high,
                "first_share": (best / best.sum(axis=1, keepdims=True)).mean(axis=0),
                "tie_ratio": float(fit.tie_ratio),
                "tie_ratio_err": float(fit.tie_ratio_err),
            }
        )
        tables.append(table.sort_values("rank", kind="stable"))
    return concatenated(tables, _COLUMNS)


def _choices_of(rows: pd.DataFrame, methods: Sequence[str]) -> _Choices:
    places = rows.filter(regex=r"^place_\d+$").to_numpy(dtype=object)
    shown = (places[:, :, None] == np.array(methods, dtype=object)).any(axis=1)
    sets, of_row = np.unique(shown, axis=0, return_inverse=True)
    choice = pd.Index([*methods, TIE]).get_indexer(pd.Index(rows["choice"]))
    return _Choices(sets, of_row.reshape(-1) * (len(methods) + 1) + choice)
