"""Which marks of different volunteers show the same structure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from shapely.geometry.base import BaseGeometry

from galseg.consensus.votes import Ballots, collect_ballots

__all__ = ["NO_MATCH", "comparable_areas", "match_marks"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NO_MATCH = -1

_LINE_REACH = 0.1  # of the median line's extent, to either side
_SIMPLER = 0.1  # of the reach, when a line is simplified
_GRID_CELLS = 1000  # that the median mark covers where marks are compared
_CORE_SHARE = 0.3  # of a group, who drew each cell of its core
_SAME = 0.5  # of a core: what shares more of it shows that structure


def comparable_areas(marks: pd.DataFrame) -> NDArray[np.object_]:
    """Areas by which marks are compared: lines get a width that hands can keep to.

    Two strokes along one arm lie apart by a share of its size, however thin they are. A line
    becomes a band that reaches a tenth of the median line's extent (the diagonal of its bounding
    box) to either side, or half its own width if that is more.

    Parameters
    ----------
    marks : pandas.DataFrame, N rows
        With the columns ``geometry`` and ``line_width_pix`` of `AnnotationSet.marks`.

    Returns
    -------
    ndarray of shapely geometries, shape (N,)
        Polygons as they are, lines as bands, points as discs of twice their radius.

    Examples
    --------
    >>> line = shapely.LineString([(0, 0), (50, 0)])
    >>> marks = pd.DataFrame({"geometry": [line], "line_width_pix": [2.0]})
    >>> comparable_areas(marks)[0].bounds
    (0.0, -5.0, 50.0, 5.0)
    """
    areas = marks["geometry"].to_numpy(dtype=object, copy=True)
    half_width = marks["line_width_pix"].to_numpy(dtype=np.float64) / 2
    is_point, is_line = (shapely.get_dimensions(areas) == d for d in (0, 1))
    areas[is_point] = shapely.buffer(areas[is_point], 2 * half_width[is_point])
    if is_line.any():
        left, low, right, high = shapely.bounds(areas[is_line]).T
        reach = _LINE_REACH * np.median(np.hypot(right - left, high - low))
        lines = shapely.simplify(areas[is_line], _SIMPLER * reach)
        width = np.fmax(half_width[is_line], reach)
        areas[is_line] = shapely.buffer(lines, width, cap_style="flat", quad_segs=4)
    return areas


def match_marks(
    areas: Sequence[BaseGeometry] | NDArray[np.object_],
    volunteers: ArrayLike,
    *,
    min_iou: float = 0.35,
    min_inside: float = 0.6,
) -> Ints:
    """Give the marks that show one structure the same label.

    Groups of marks that overlap, by average linkage on the intersection over union of marks of
    different volunteers, are the structures. Of two groups with a common core only the one that
    more volunteers drew stays. A mark outside the groups that remain joins the one whose core
    holds most of it, so that the pieces of an arm that one volunteer drew in two belong to the
    arm. A mark that holds most of two cores, an outline about both arms, belongs to neither.

    Parameters
    ----------
    areas : sequence of shapely geometries, length N
        Valid polygons of one subject and feature, as of `comparable_areas`.
    volunteers : array_like of int, shape (N,)
        Who drew each of them.
    min_iou : float, optional
        Mean intersection over union at which two groups become one.
    min_inside : float, optional
        Share of a mark's area inside the core of a group that makes it join.

    Returns
    -------
    ndarray of int, shape (N,)
        Number of the structure, from 0; `NO_MATCH` for a mark that belongs to none.

    Examples
    --------
    >>> boxes = [shapely.box(0, 0, 9, 3), shapely.box(0, 0, 8, 3), shapely.box(20, 0, 29, 3)]
    >>> match_marks(boxes, [0, 1, 1])
    array([ 0,  0, -1])
    """
    volunteer = np.asarray(volunteers)
    label = np.full(len(volunteer), NO_MATCH, dtype=np.int64)
    if len(label) == 0:
        return label
    cells = _on_common_grid(areas)
    groups = _groups(_iou(cells, volunteer), volunteer, min_iou=min_iou)
    kept, cores = _distinct(groups, volunteer, cells)
    if not kept:
        return label
    shared, mark_size, core_size = _overlap(cells, cores)
    inside = shared / mark_size[:, None]
    joins = inside.max(axis=1) >= min_inside
    label[joins] = inside.argmax(axis=1)[joins]
    for number, group in enumerate(kept):
        label[group] = number
    label[(shared > _SAME * core_size).sum(axis=1) > 1] = NO_MATCH
    return label


def _on_common_grid(areas: Sequence[BaseGeometry] | NDArray[np.object_]) -> Ballots:
    """Sample the marks on a grid as fine as they need, one row of ballots a mark."""
    scale = np.sqrt(_GRID_CELLS / max(np.median(shapely.area(areas)), np.finfo(float).tiny))
    left, low, right, high = shapely.total_bounds(areas)
    scaled = shapely.transform(areas, lambda xy: (xy - (left, low)) * scale)
    shape = int((high - low) * scale) + 1, int((right - left) * scale) + 1
    rows = [str(number) for number in range(len(areas))]
    marks = pd.DataFrame({"annotator_id": rows, "geometry": scaled, "line_width_pix": np.nan})
    return collect_ballots(marks, annotator_ids=rows, shape=shape)


def _iou(cells: Ballots, volunteer: Ints) -> Floats:
    """Intersection over union, shape (N, N); zero between marks of one volunteer."""
    shared = cells.shared_pixels()
    size = np.diag(shared)
    union = size[:, None] + size - shared
    iou = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    iou[volunteer[:, None] == volunteer] = 0.0
    return iou


def _groups(iou: Floats, volunteer: Ints, *, min_iou: float) -> list[Ints]:
    """Members of each group that at least two volunteers drew."""
    if len(iou) < 2:
        return []
    tree = linkage(squareform(1.0 - iou, checks=False), method="average")
    label = fcluster(tree, t=1.0 - min_iou, criterion="distance")
    members = [np.flatnonzero(label == number) for number in np.unique(label)]
    return [group for group in members if len(np.unique(volunteer[group])) > 1]


def _distinct(
    groups: list[Ints], volunteer: Ints, cells: Ballots
) -> tuple[list[Ints], list[Bools]]:
    """Return the groups that most volunteers drew and that share no core, and their cores."""
    kept: list[Ints] = []
    cores: list[Bools] = []
    for group in sorted(groups, key=lambda g: -len(np.unique(volunteer[g]))):
        needed = max(2, _CORE_SHARE * len(group))
        core = cells.marked[group].sum(axis=0) >= needed
        size = core @ cells.n_pixels
        same = (
            (core & other) @ cells.n_pixels > _SAME * min(size, other @ cells.n_pixels)
            for other in cores
        )
        if not any(same):
            kept.append(group)
            cores.append(core)
    return kept, cores


def _overlap(cells: Ballots, cores: list[Bools]) -> tuple[Floats, Floats, Floats]:
    """Shared area of marks and cores, shape (N, K), and the areas of the marks and the cores."""
    covered = cells.marked * cells.n_pixels.astype(np.float64)
    core = np.array(cores, dtype=np.float64)
    return covered @ core.T, np.maximum(covered.sum(axis=1), 1.0), core @ cells.n_pixels
