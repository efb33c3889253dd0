"""One vote a volunteer and pixel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galseg.consensus.areas import mark_areas
from galseg.errors import ShapeError
from galseg.geometry import Spans, spans_of

__all__ = ["Ballots", "collect_ballots"]

Ints = NDArray[np.int64]
Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True, eq=False)
class Ballots:
    """Which volunteer marked which pixels, of one subject and feature.

    The pixels that anybody marked are held as R runs, each marked by the same volunteers from
    its first pixel to its last. That is exact, and far smaller than a mask a volunteer.

    Attributes
    ----------
    marked : ndarray of bool, shape (V, R)
        One row a volunteer who was asked; all False for one who marked nothing.
    first_pixel : ndarray of int, shape (R,)
        Where each run begins, as an index into the flattened image.
    n_pixels : ndarray of int, shape (R,)
        How long each run is.
    shape : tuple of int
        ``(ny, nx)`` of the image.

    Raises
    ------
    ShapeError
        If the runs overlap, are out of order or reach beyond the image, or `marked` does not
        have a column for each.
    """

    marked: NDArray[np.bool_]
    first_pixel: Ints
    n_pixels: Ints
    shape: tuple[int, int]

    def __post_init__(self) -> None:
        stop = self.first_pixel + self.n_pixels
        borders = np.column_stack([self.first_pixel, stop]).ravel()
        in_order = (np.diff(borders) >= 0).all() and (self.n_pixels > 0).all()
        if not in_order or (len(stop) and not 0 <= borders[0] < stop[-1] <= np.prod(self.shape)):
            raise ShapeError(
                f"runs must follow each other within the {np.prod(self.shape)} px of the image"
            )
        if self.marked.ndim != 2 or self.marked.shape[1] != len(stop):
            raise ShapeError(
                f"marked must have shape (volunteers, {len(stop)} runs), got {self.marked.shape}"
            )

    @property
    def drew(self) -> NDArray[np.bool_]:
        """Whether each volunteer marked any pixel, shape (V,)."""
        return np.asarray(self.marked.any(axis=1))

    @property
    def n_votes(self) -> Ints:
        """Volunteers who marked each run, shape (R,)."""
        return np.asarray(self.marked.sum(axis=0, dtype=np.int64))

    def shared_pixels(self) -> NDArray[np.float64]:
        """Count the pixels that both of two volunteers marked, shape (V, V).

        The diagonal holds how many pixels each one marked.
        """
        marked = self.marked.astype(np.float64)
        return np.asarray((marked * self.n_pixels) @ marked.T)

    def on_image(self, values: NDArray[Scalar]) -> NDArray[Scalar]:
        """Lay one value a run on the image, zero elsewhere, shape (ny, nx)."""
        image = np.zeros(self.shape, dtype=values.dtype)
        within = np.arange(self.n_pixels.sum())
        within -= np.repeat(np.cumsum(self.n_pixels) - self.n_pixels, self.n_pixels)
        pixel = np.repeat(self.first_pixel, self.n_pixels) + within
        image.reshape(-1)[pixel] = np.repeat(values, self.n_pixels)
        return image


def collect_ballots(
    marks: pd.DataFrame, *, annotator_ids: Sequence[str], shape: tuple[int, int]
) -> Ballots:
    """Collect the votes of all volunteers who were asked about one feature of one subject.

    Parameters
    ----------
    marks : pandas.DataFrame
        Marks of one subject and feature: ``annotator_id, geometry, line_width_pix``.
    annotator_ids : sequence of str
        The V volunteers who were asked, those who marked nothing included.
    shape : tuple of int
        ``(ny, nx)`` of the image that was drawn on.

    Returns
    -------
    Ballots
        A volunteer counts once on a pixel however many of his marks overlap there.

    Raises
    ------
    ShapeError
        If a mark is by somebody who was not asked, or is a line without a width.

    Examples
    --------
    >>> import shapely
    >>> square = shapely.box(-0.5, -0.5, 1.5, 0.5)
    >>> marks = pd.DataFrame({"annotator_id": ["ann", "ann"], "geometry": [square, square],
    ...                       "line_width_pix": [np.nan, np.nan]})
    >>> ballots = collect_ballots(marks, annotator_ids=["ann", "bob"], shape=(2, 3))
    >>> ballots.on_image(ballots.n_votes)
    array([[1, 1, 0],
           [0, 0, 0]])
    """
    volunteer = pd.Index(annotator_ids).get_indexer(pd.Index(marks["annotator_id"]))
    if (volunteer < 0).any():
        stranger = marks["annotator_id"].iloc[int(np.argmin(volunteer))]
        raise ShapeError(
            f"{stranger!r} marked a feature without having been asked about it; name the "
            "feature in their row of classifications"
        )
    spans = spans_of(mark_areas(marks), shape).regroup(volunteer)
    return _runs(spans, len(annotator_ids))


def _runs(spans: Spans, n_volunteers: int) -> Ballots:
    """Cut the image, flattened, wherever a span of any volunteer begins or ends."""
    nx = spans.shape[1]
    begin, end = spans.row * nx + spans.start, spans.row * nx + spans.stop
    cuts = np.unique(np.concatenate([begin, end]))
    steps = np.zeros((n_volunteers, len(cuts)), dtype=np.int8)
    np.add.at(steps, (spans.item, np.searchsorted(cuts, begin)), 1)
    np.add.at(steps, (spans.item, np.searchsorted(cuts, end)), -1)
    marked = np.cumsum(steps, axis=1, dtype=np.int8)[:, :-1] > 0
    anybody = marked.any(axis=0)
    return Ballots(marked[:, anybody], cuts[:-1][anybody], np.diff(cuts)[anybody], spans.shape)
