"""What a crowd says of one subject."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from galseg.errors import FeatureError, ShapeError, nearest_name
from galseg.frame import ImageFrame
from galseg.prediction import DEFAULT_THRESHOLD

__all__ = ["Consensus", "Instance", "Method"]

Method = Literal["fraction", "weighted", "staple"]


@dataclass(frozen=True, eq=False)
class Instance:
    """One structure that several volunteers drew: this arm, that tail.

    Attributes
    ----------
    feature : str
    n_marked : int
        Volunteers who drew it.
    n_asked : int
        Volunteers who were asked about its feature.
    votes : ndarray of int, shape (h, w)
        Volunteers per pixel, cut out around it.
    origin_yx : tuple of int
        Row and column of ``votes[0, 0]`` in the image.
    outline : shapely geometry
        The part that at least half of those who drew it agree on, in image pixels.
    spread_pix : float
        Median over volunteers of the mean distance between their outline (or line) and the
        consensus one.
    annotator_ids : tuple of str
        Who drew it.
    """

    feature: str
    n_marked: int
    n_asked: int
    votes: NDArray[np.uint16]
    origin_yx: tuple[int, int]
    outline: BaseGeometry
    spread_pix: float
    annotator_ids: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Consensus:
    """Votes of the volunteers on every pixel of one subject.

    Attributes
    ----------
    subject_id, galaxy_id : str
    features : tuple of str
        Names of the C channels.
    frame : ImageFrame
        Grid and WCS of the image that was drawn on.
    votes : ndarray of uint16, shape (C, ny, nx)
        Volunteers who marked the pixel; one volunteer counts once.
    fraction : ndarray of float32, shape (C, ny, nx)
        Share of those asked who marked the pixel, as `method` weighs them; NaN for a feature
        that nobody was asked about.
    n_asked : ndarray of int, shape (C,)
        Volunteers who were asked about the feature. Zero: nothing is known. Above zero and no
        votes: they looked and there is none.
    n_marked : ndarray of int, shape (C,)
        Volunteers who drew at least one mark of it that was kept.
    method : str
        "fraction" (every volunteer alike), "weighted" or "staple".
    instances : tuple of Instance
        Separate structures, matched across volunteers.
    agreement : pandas.DataFrame
        One row a feature: ``feature, n_asked, n_marked, mean_pairwise_iou, fleiss_kappa,
        split_half_iou``.
    volunteers : pandas.DataFrame
        One row a volunteer and feature: ``annotator_id, feature, marked, skill, mean_iou``.

    Raises
    ------
    ShapeError
        If the arrays do not fit the features and the frame.
    """

    subject_id: str
    galaxy_id: str
    features: tuple[str, ...]
    frame: ImageFrame
    votes: NDArray[np.uint16]
    fraction: NDArray[np.float32]
    n_asked: NDArray[np.int64]
    n_marked: NDArray[np.int64]
    method: Method
    instances: tuple[Instance, ...]
    agreement: pd.DataFrame
    volunteers: pd.DataFrame

    def __post_init__(self) -> None:
        expected = (len(self.features), *self.frame.shape)
        for name in ("votes", "fraction"):
            if getattr(self, name).shape != expected:
                raise ShapeError(
                    f"{name} must have shape (features, ny, nx) = {expected}, "
                    f"got {getattr(self, name).shape}"
                )
        for name in ("n_asked", "n_marked"):
            if getattr(self, name).shape != expected[:1]:
                raise ShapeError(f"{name} must have one number a feature, {expected[0]}")

    def of(self, feature: str) -> NDArray[np.float32]:
        """Return the fraction of one feature, shape (ny, nx).

        Raises
        ------
        FeatureError
            If the consensus does not hold the feature.
        """
        if feature not in self.features:
            raise FeatureError(
                f"no {feature!r} in this consensus; {nearest_name(feature, self.features)}"
            )
        return np.asarray(self.fraction[self.features.index(feature)])

    def mask(self, feature: str, *, threshold: float = DEFAULT_THRESHOLD) -> NDArray[np.bool_]:
        """Return the pixels at or above a fraction of the votes, shape (ny, nx).

        Raises
        ------
        FeatureError
            If the consensus does not hold the feature, or nobody was asked about it.
        """
        fraction = self.of(feature)
        if self.n_asked[self.features.index(feature)] == 0:
            raise FeatureError(
                f"nobody was asked about {feature!r} on subject {self.subject_id!r}, "
                "so there is no mask of it, not even an empty one"
            )
        return np.asarray(fraction >= threshold)

    def masks(self, *, threshold: float | None = None) -> dict[str, NDArray[np.bool_]]:
        """Return the mask of every feature that anybody was asked about, as `mask` makes it.

        At half of the votes if no threshold is given.
        """
        level = DEFAULT_THRESHOLD if threshold is None else threshold
        asked = zip(self.features, self.n_asked, strict=True)
        return {feature: self.mask(feature, threshold=level) for feature, n in asked if n > 0}
