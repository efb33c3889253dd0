"""Strokes of different volunteers that follow the same arm."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import cdist, squareform

__all__ = ["group_strokes", "stroke_distances"]

Floats = NDArray[np.float64]


def stroke_distances(strokes: Sequence[Floats]) -> Floats:
    """Mean distance from the points of one stroke to the nearest of another, both ways.

    Parameters
    ----------
    strokes : sequence of ndarray, shape (N_i, 2)
        Evenly spaced.

    Returns
    -------
    ndarray, shape (M, M)
        Symmetric, zero on the diagonal, in the unit of the points.

    Examples
    --------
    >>> along = np.arange(5.0)
    >>> lines = [np.column_stack([along, along * 0 + up]) for up in (0, 2)]
    >>> stroke_distances(lines)
    array([[0., 2.],
           [2., 0.]])
    """
    points = np.concatenate(strokes)
    lengths = np.array([len(stroke) for stroke in strokes])
    first = np.cumsum(lengths) - lengths
    one_way = np.array(
        [
            np.minimum.reduceat(cdist(stroke, points), first, axis=1).mean(axis=0)
            for stroke in strokes
        ]
    )
    return np.asarray((one_way + one_way.T) / 2)


def group_strokes(strokes: Sequence[Floats], max_distance: float) -> NDArray[np.int64]:
    """Put strokes together while the groups' mean distance is at most `max_distance`.

    Average linkage: a stroke that runs from one arm into another does not draw the two together,
    as it would if the nearest two members decided.

    Parameters
    ----------
    strokes : sequence of ndarray, shape (N_i, 2)
        Evenly spaced.
    max_distance : float
        In the unit of the points.

    Returns
    -------
    ndarray, shape (M,)
        Number of each stroke's group.
    """
    if len(strokes) < 2:
        return np.zeros(len(strokes), dtype=np.int64)
    tree = linkage(squareform(stroke_distances(strokes), checks=False), method="average")
    return np.asarray(fcluster(tree, max_distance, criterion="distance"), dtype=np.int64)
