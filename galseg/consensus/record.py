"""What a crowd says of one subject."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from galseg.consensus.resample import crowd_weights, resample_ballots, resample_fraction
from galseg.consensus.votes import Ballots
from galseg.errors import FeatureError, ShapeError, nearest_name
from galseg.frame import ImageFrame
from galseg.prediction import DEFAULT_THRESHOLD

__all__ = ["Consensus", "Instance", "Method"]

Method = Literal["fraction", "weighted", "staple"]

_OUTLINE_LEVEL = 0.4  # of the peak; see `Consensus.thresholds`
_PRESENT = 0.2


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
    ballots : mapping of str to Ballots
        Who marked what, by feature, with the volunteers in the order of their rows in
        `volunteers`; features may be missing.

    Raises
    ------
    ShapeError
        If the arrays or the ballots do not fit the features and the frame.
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
    ballots: Mapping[str, Ballots] = field(default_factory=dict)

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
        for name, ballots in self.ballots.items():
            n_asked = self.n_asked[self._channel(name)]
            if ballots.shape != self.frame.shape or len(ballots.marked) != n_asked:
                raise ShapeError(
                    f"the ballots of {name!r} must be of {n_asked} volunteers on an image of "
                    f"shape {self.frame.shape}, got {len(ballots.marked)} on {ballots.shape}"
                )

    @property
    def source(self) -> str:
        """What made the maps, for the record."""
        return f"consensus ({self.method})"

    def of(self, feature: str) -> NDArray[np.float32]:
        """Return the fraction of one feature, shape (ny, nx).

        Raises
        ------
        FeatureError
            If the consensus does not hold the feature.
        """
        return np.asarray(self.fraction[self._channel(feature)])

    @property
    def thresholds(self) -> dict[str, float]:
        """Fraction from which a pixel belongs to the structure that is measured, by feature.

        It is 0.4 of the largest fraction. So high up its flank, the outline of a crowd is as long
        as the outline of its median volunteer, among those of Galaxy Builder as among simulated
        ones. At half of all votes it would be shorter: some volunteers miss a structure, and
        hands that shake blunt its ends. A structure counts as present if at least a fifth of the
        volunteers agree on some pixel, as in Galaxy Builder; else the threshold is that fifth.

        References
        ----------
        Lingard, T. K. et al. (2020), ApJ 900, 178, doi:10.3847/1538-4357/ab9d83.
        """
        peaks = self.fraction.max(axis=(1, 2), initial=0)
        return {
            feature: _OUTLINE_LEVEL * float(peak) if peak >= _PRESENT else _PRESENT
            for feature, peak in zip(self.features, peaks, strict=True)
        }

    def draws(self, feature: str, n: int, rng: np.random.Generator) -> NDArray[np.float32] | None:
        """Draw what other crowds of such volunteers might have said.

        The volunteers who were asked are resampled with the Bayesian bootstrap
        (`galseg.consensus.resample`); skills, where they count, are kept. Without the ballots of
        the feature, and for STAPLE, which takes no weights, the volunteers are taken as if their
        outlines lay one within the other (`galseg.consensus.resample.resample_fraction`).

        Parameters
        ----------
        feature : str
            One of `features`.
        n : int
            Draws.
        rng : numpy.random.Generator

        Returns
        -------
        ndarray of float32, shape (n, ny, nx), or None
            None if nobody was asked about the feature.

        Raises
        ------
        FeatureError
            If the consensus does not hold the feature.
        ConfigError
            If `n` is below one.
        """
        channel = self._channel(feature)
        if self.n_asked[channel] == 0:
            return None
        weights = crowd_weights(int(self.n_asked[channel]), n, rng)
        if feature not in self.ballots or self.method == "staple":
            return resample_fraction(self.fraction[channel], weights)
        skill = None
        if self.method == "weighted":
            of_feature = self.volunteers["feature"] == feature
            skill = self.volunteers.loc[of_feature, "skill"].to_numpy(dtype=np.float64)
        return resample_ballots(self.ballots[feature], weights, skill=skill)

    def _channel(self, feature: str) -> int:
        if feature not in self.features:
            raise FeatureError(
                f"no {feature!r} in this consensus; {nearest_name(feature, self.features)}"
            )
        return self.features.index(feature)

    def mask(self, feature: str, *, threshold: float = DEFAULT_THRESHOLD) -> NDArray[np.bool_]:
        """Return the pixels at or above a fraction of the votes, shape (ny, nx).

        Raises
        ------
        FeatureError
            If the consensus does not hold the feature, or nobody was asked about it.
        """
        fraction = self.of(feature)
        if self.n_asked[self._channel(feature)] == 0:
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
