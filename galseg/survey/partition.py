"""Which part of the sky each file of a catalogue covers."""

from __future__ import annotations

from importlib import import_module
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from galseg.extras import extra

__all__ = [
    "FINEST_ORDER",
    "INDEX_ORDER",
    "UNPLACED",
    "Partition",
    "choose_partitions",
    "empty_map",
    "need_hats",
    "pixels_of",
    "spatial_index",
]

INDEX_ORDER = 29
"""Of the HEALPix pixels that rows are ordered by, 0.4 mas wide: the finest that 64 bits hold."""

FINEST_ORDER = 8
"""Of the smallest partitions, 14 arcmin wide."""

UNPLACED = -1
"""Stands for the pixel of what has no place on the sky; sorts before all others."""

_NEEDS = "HATS catalogues need the package hats"


def need_hats() -> None:
    """See that what the catalogues need is there, before days of work go into them.

    Raises
    ------
    MissingDependencyError
        If hats is not installed.
    """
    with extra("survey", _NEEDS):
        import_module("hats")


class Partition(NamedTuple):
    """A HEALPix pixel, in the nested scheme."""

    order: int
    pixel: int

    @property
    def first(self) -> int:
        """The first pixel of order `INDEX_ORDER` in it."""
        return self.pixel << 2 * (INDEX_ORDER - self.order)

    @property
    def end(self) -> int:
        """The pixel of order `INDEX_ORDER` after its last."""
        return (self.pixel + 1) << 2 * (INDEX_ORDER - self.order)


def spatial_index(ra_deg: NDArray[np.float64], dec_deg: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return numbers of places on the sky, near ones mostly for neighbours.

    Parameters
    ----------
    ra_deg, dec_deg : numpy.ndarray, shape (N,)
        ICRS; right ascensions may be negative, or 360 and over.

    Returns
    -------
    numpy.ndarray of int64, shape (N,)
        Nested HEALPix pixels of order `INDEX_ORDER`, the ``_healpix_29`` of HATS; `UNPLACED` where
        a coordinate is not finite or beyond a pole.

    Raises
    ------
    MissingDependencyError
        If hats is not installed.

    References
    ----------
    Gorski, K. M. et al. (2005), ApJ 622, 759, doi:10.1086/427976.

    Examples
    --------
    >>> spatial_index(np.array([0.0, 360.0, np.nan]), np.array([90.0, 90.0, 0.0])).tolist()
    [288230376151711743, 288230376151711743, -1]
    """
    with extra("survey", _NEEDS):
        from hats.pixel_math.spatial_index import compute_spatial_index
    index = np.full(len(ra_deg), UNPLACED, dtype=np.int64)
    placed = np.isfinite(ra_deg) & (np.abs(dec_deg) <= 90)
    index[placed] = compute_spatial_index(ra_deg[placed], dec_deg[placed], INDEX_ORDER)
    return index


def empty_map() -> NDArray[np.int64]:
    """Return zeros for all pixels of order `FINEST_ORDER`."""
    return np.zeros(12 * 4**FINEST_ORDER, dtype=np.int64)


def pixels_of(index: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the pixels of order `FINEST_ORDER` of what has a place, and which that is."""
    placed = index != UNPLACED
    return index[placed] >> 2 * (INDEX_ORDER - FINEST_ORDER), placed


def choose_partitions(weights: NDArray[np.int64], *, limit: int) -> list[Partition]:
    """Choose the largest pixels that hold no more than a limit.

    As hats-import and lsdb do, one of whose four quarters all but one are empty is replaced by
    that quarter, down to the order that the densest place needs.

    Parameters
    ----------
    weights : numpy.ndarray of int64, shape (12 * 4**FINEST_ORDER,)
        What every pixel of order `FINEST_ORDER` holds, in rows or bytes.
    limit : int
        The most that one partition should hold; what is denser than that in a pixel of order
        `FINEST_ORDER` stays together.

    Returns
    -------
    list of Partition
        Without those that would be empty, by their place in the nested scheme.

    Raises
    ------
    MissingDependencyError
        If hats is not installed.

    Examples
    --------
    >>> weights = empty_map()
    >>> weights[[0, 4**7, 2 * 4**7, 4**8, 4**8 + 4**7]] = 6
    >>> [tuple(partition) for partition in choose_partitions(weights, limit=12)]
    [(1, 0), (1, 1), (1, 2), (0, 1)]
    """
    with extra("survey", _NEEDS):
        from hats.pixel_math import generate_alignment
    for order in range(1, FINEST_ORDER + 1):
        summed = weights.reshape(12 * 4**order, -1).sum(axis=1)
        if summed.max() <= limit:
            break
    aligned = generate_alignment(
        np.minimum(summed, limit), highest_order=order, threshold=limit, drop_empty_siblings=True
    )
    chosen = {Partition(int(one[0]), int(one[1])) for one in aligned if one is not None}
    return sorted(chosen, key=lambda partition: partition.first)
