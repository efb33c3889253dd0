"""Whether raters prefer a place, whatever stands there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from galseg.compare.shares import EVERYTHING, wilson_interval

__all__ = ["equal_shares_p_value", "position_bias"]

_N_DRAWS = 9999
_COLUMNS = [
    "rater",
    "n_places",
    "place",
    "n_chosen",
    "n_decided",
    "share",
    "share_low",
    "share_high",
    "p_value",
]


def equal_shares_p_value(counts: ArrayLike, *, n_draws: int = _N_DRAWS, seed: int = 0) -> float:
    """Probability of counts at least as unequal, if all were equally probable.

    Pearson's chi-square, compared with that of multinomial draws: right for any number of
    counts, however small. The least value is 1 / (n_draws + 1).

    Parameters
    ----------
    counts : array_like of int, shape (K,)
    n_draws, seed : int, optional

    Returns
    -------
    float
        NaN where nothing was counted.

    References
    ----------
    Hope, A. C. A. (1968), J. R. Stat. Soc. B 30, 582, doi:10.1111/j.2517-6161.1968.tb00759.x.

    Examples
    --------
    >>> equal_shares_p_value([9, 0, 0]) < 0.001
    True
    """
    observed = np.asarray(counts)
    n, k = int(observed.sum()), len(observed)
    if n == 0:
        return float("nan")
    draws = np.random.default_rng(seed).multinomial(n, np.full(k, 1 / k), size=n_draws)
    as_unequal = ((draws**2).sum(axis=1) >= (observed**2).sum()).sum()  # orders as chi-square does
    return float((1 + as_unequal) / (1 + n_draws))


def position_bias(evaluations: pd.DataFrame, *, level: float = 0.95) -> pd.DataFrame:
    """Count how often each place was chosen, for all raters together and for each.

    The methods stand in random, balanced places, so whoever looks at the masks alone chooses
    each place equally often, whatever method is liked best.

    Parameters
    ----------
    evaluations : pandas.DataFrame
        ``rater, place, n_places``; a place is missing for a tie.
    level : float, optional
        Confidence of the intervals, which are Wilson's.

    Returns
    -------
    pandas.DataFrame
        As ``position`` of `galseg.compare.ComparisonScore`.
    """
    decided = evaluations.dropna(subset="place")
    rows: list[dict[str, Any]] = []
    by_rater = ((str(rater), chosen) for rater, chosen in decided.groupby("rater", sort=True))
    for rater, answers in ((EVERYTHING, decided), *by_rater):
        for n_places in sorted(answers["n_places"].unique()):
            places = answers[answers["n_places"] == n_places]
            counts = np.bincount(places["place"].astype(int), minlength=n_places + 1)[1:]
            low, high = wilson_interval(counts, len(places), level=level)
            p_value = equal_shares_p_value(counts)
            rows.extend(
                {
                    "rater": rater,
                    "n_places": n_places,
                    "place": place,
                    "n_chosen": int(counts[place - 1]),
                    "n_decided": len(places),
                    "share": counts[place - 1] / len(places),
                    "share_low": low[place - 1],
                    "share_high": high[place - 1],
                    "p_value": p_value,
                }
                for place in range(1, n_places + 1)
            )
    return pd.DataFrame(rows, columns=_COLUMNS)
