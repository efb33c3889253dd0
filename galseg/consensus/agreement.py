"""How well volunteers agree on which pixels belong to a feature."""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import ArrayLike, NDArray

from galseg.consensus.votes import Ballots
from galseg.errors import ConfigError, ShapeError

__all__ = [
    "fleiss_kappa",
    "mean_pairwise_iou",
    "pairwise_iou",
    "pixel_kappa",
    "split_half_iou",
    "volunteer_iou",
]

Floats = NDArray[np.float64]


def pairwise_iou(ballots: Ballots) -> Floats:
    """Intersection over union of every two volunteers' pixels.

    Parameters
    ----------
    ballots : Ballots
        Of V volunteers.

    Returns
    -------
    ndarray, shape (V, V)
        Zero where one drew and the other did not; NaN where neither did: they agree that there
        is nothing, and say nothing of where it is.
    """
    shared = ballots.shared_pixels()
    size = np.diag(shared)
    union = size[:, None] + size - shared
    return np.divide(shared, union, out=np.full_like(shared, np.nan), where=union > 0)


def mean_pairwise_iou(ballots: Ballots) -> float:
    """Mean of `pairwise_iou` over the pairs of which at least one drew; NaN without any."""
    iou = pairwise_iou(ballots)
    return _mean_of_known(iou[np.triu_indices_from(iou, k=1)])


def volunteer_iou(ballots: Ballots) -> Floats:
    """Mean of `pairwise_iou` of each volunteer with the others, shape (V,); NaN without any."""
    iou = pairwise_iou(ballots)
    np.fill_diagonal(iou, np.nan)
    return np.array([_mean_of_known(row) for row in iou])


def fleiss_kappa(counts: ArrayLike, *, n_items: ArrayLike = 1) -> float:
    """Agreement beyond chance of a fixed number of raters.

    Parameters
    ----------
    counts : array_like, shape (N, K)
        How many raters put item i into category j; every row sums to the same number of raters.
    n_items : array_like, shape (N,), optional
        How many items share each row of counts.

    Returns
    -------
    float
        1 for full agreement, 0 for chance; NaN with fewer than two raters, or where all of them
        use one category throughout.

    Raises
    ------
    ShapeError
        If the rows do not sum to one number of raters.

    References
    ----------
    Fleiss, J. L. (1971), Psychological Bulletin 76, 378, doi:10.1037/h0031619.

    Examples
    --------
    >>> round(fleiss_kappa([[3, 0], [3, 0], [0, 3], [1, 2]]), 3)
    0.657
    """
    table = np.asarray(counts, dtype=np.float64)
    n_raters = table.sum(axis=-1)
    if table.ndim != 2 or not table.size or (n_raters != n_raters[0]).any():
        raise ShapeError(
            "counts must have shape (items, categories) with the same number of raters in every "
            f"row, got shape {table.shape} with row sums {np.unique(n_raters)}"
        )
    n = n_raters[0]
    if n < 2:
        return float("nan")
    weights = np.broadcast_to(np.asarray(n_items, dtype=np.float64), n_raters.shape)
    share = weights @ table / (weights.sum() * n)
    if (share > 0).sum() < 2:
        return float("nan")
    by_chance = share @ share
    agreed = weights @ ((table**2).sum(axis=1) - n) / (weights.sum() * n * (n - 1))
    return float((agreed - by_chance) / (1 - by_chance))


def pixel_kappa(ballots: Ballots) -> float:
    """Fleiss' kappa of "marked" and "not marked" over all the pixels of the image.

    NaN with fewer than two volunteers or without a mark.
    """
    n_volunteers = len(ballots.marked)
    n_pixels = np.bincount(ballots.n_votes, weights=ballots.n_pixels, minlength=n_volunteers + 1)
    n_pixels[0] = np.prod(ballots.shape) - ballots.n_pixels.sum()
    votes = np.arange(n_volunteers + 1)
    return fleiss_kappa(np.column_stack([votes, n_volunteers - votes]), n_items=n_pixels)


def split_half_iou(
    ballots: Ballots, *, threshold: float | None = None, n_splits: int = 100, seed: int = 0
) -> float:
    """Mean likeness of what two halves of the volunteers say.

    Parameters
    ----------
    ballots : Ballots
        Of V volunteers; those who drew nothing count in their half.
    threshold : float, optional
        Compare the masks of pixels at or above this fraction of a half's votes. Left out, the
        fractions themselves are compared: the sum of the smaller over the sum of the larger one,
        which for masks is intersection over union (Ruzicka similarity).
    n_splits : int, optional
        Use all the ways to halve the crowd if there are no more than this, else as many random
        ones.
    seed : int, optional
        Of the random splits.

    Returns
    -------
    float
        0 to 1; NaN with fewer than two volunteers, or if no half marks anything.

    Raises
    ------
    ConfigError
        If `n_splits` is less than 1, or the threshold not above 0 and at most 1.
    """
    if n_splits < 1:
        raise ConfigError(f"n_splits must be at least 1, got {n_splits}")
    if threshold is not None and not 0 < threshold <= 1:
        raise ConfigError(f"threshold must lie above 0 and not above 1, got {threshold}")
    if len(ballots.marked) < 2:
        return float("nan")
    halves = _halves(len(ballots.marked), n_splits, seed)
    marked = ballots.marked.astype(np.float32)
    one, other = (half @ marked / half.sum(axis=1, keepdims=True) for half in (halves, 1 - halves))
    if threshold is not None:
        one, other = one >= np.float32(threshold), other >= np.float32(threshold)
    n_pixels = ballots.n_pixels.astype(np.float64)
    smaller, larger = np.minimum(one, other) @ n_pixels, np.maximum(one, other) @ n_pixels
    return _mean_of_known(
        np.divide(smaller, larger, out=np.full_like(larger, np.nan), where=larger > 0)
    )


def _halves(n_volunteers: int, n_splits: int, seed: int) -> NDArray[np.float32]:
    """Rows of ones for the volunteers of one half; for an odd crowd it is the smaller one."""
    size = n_volunteers // 2
    n_ways = comb(n_volunteers, size)
    if n_volunteers % 2 == 0:
        n_ways //= 2
    if n_ways <= n_splits:
        # For an even crowd the second half of all combinations mirrors the first.
        chosen = np.array(list(combinations(range(n_volunteers), size)))[:n_ways]
    else:
        order = np.random.default_rng(seed).random((n_splits, n_volunteers)).argsort(axis=1)
        chosen = order[:, :size]
    halves = np.zeros((len(chosen), n_volunteers), dtype=np.float32)
    np.put_along_axis(halves, chosen, 1, axis=1)
    return halves


def _mean_of_known(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")
