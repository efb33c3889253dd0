"""The record that a model hands to everything after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from galseg.errors import FeatureError, ShapeError, nearest_name
from galseg.frame import ImageFrame

__all__ = ["DEFAULT_THRESHOLD", "Prediction"]

DEFAULT_THRESHOLD = 0.5


@dataclass(frozen=True, eq=False)
class Prediction:
    """Probability maps of one galaxy on its image's own grid.

    Attributes
    ----------
    galaxy_id : str
        Joins the maps with tables; empty for an image that has no name.
    features : tuple of str
        Names of the C channels.
    probability : ndarray of float32, shape (C, ny, nx)
        0 to 1; NaN where the image is missing.
    frame : ImageFrame
        The grid and its WCS.
    samples : ndarray of float32, shape (S, C, ny, nx), or None
        Draws from the model's posterior, where they were asked for.
    thresholds : mapping of str to float
        The probability above which a pixel belongs to the feature's mask, as chosen on the
        model's validation galaxies; 0.5 for a feature not named.
    source : str
        What made the maps, for the record: a model's name and the start of its hash.

    Raises
    ------
    ShapeError
        If the arrays do not fit the features and the frame.

    Examples
    --------
    >>> maps = np.zeros((1, 4, 6), dtype=np.float32)
    >>> maps[0, 2, 1:5] = 0.9
    >>> prediction = Prediction("J1", ("bar",), maps, ImageFrame((4, 6)))
    >>> int(prediction.mask("bar").sum())
    4
    """

    galaxy_id: str
    features: tuple[str, ...]
    probability: NDArray[np.float32]
    frame: ImageFrame
    samples: NDArray[np.float32] | None = None
    thresholds: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    source: str = ""

    def __post_init__(self) -> None:
        expected = (len(self.features), *self.frame.shape)
        if self.probability.shape != expected:
            raise ShapeError(
                f"probability must have shape (features, ny, nx) = {expected}, "
                f"got {self.probability.shape}"
            )
        if self.samples is not None and self.samples.shape[1:] != expected:
            raise ShapeError(f"samples must have shape (S, *{expected}), got {self.samples.shape}")

    def of(self, feature: str) -> NDArray[np.float32]:
        """Return the probability map of one feature, shape (ny, nx).

        Raises
        ------
        FeatureError
            If the model does not predict the feature.
        """
        return np.asarray(self.probability[self._channel(feature)])

    def mask(self, feature: str, *, threshold: float | None = None) -> NDArray[np.bool_]:
        """Return the pixels at or above the threshold, shape (ny, nx).

        Parameters
        ----------
        feature : str
            One of `features`.
        threshold : float, optional
            0 to 1; the model's own for this feature if left out.

        Raises
        ------
        FeatureError
            If the model does not predict the feature.
        """
        if threshold is None:
            threshold = self.thresholds.get(feature, DEFAULT_THRESHOLD)
        return np.asarray(self.of(feature) >= threshold)

    def draws(self, feature: str, n: int, rng: np.random.Generator) -> NDArray[np.float32] | None:
        """Draw maps of one feature from `samples`, with replacement if there are fewer than `n`.

        Returns
        -------
        ndarray of float32, shape (n, ny, nx), or None
            None without samples.

        Raises
        ------
        FeatureError
            If the model does not predict the feature.
        """
        channel = self._channel(feature)
        n_samples = 0 if self.samples is None else len(self.samples)
        if self.samples is None or n_samples == 0:
            return None
        chosen = rng.choice(n_samples, size=n, replace=n_samples < n)
        return np.asarray(self.samples[chosen, channel])

    def masks(self, *, threshold: float | None = None) -> dict[str, NDArray[np.bool_]]:
        """Return the mask of every feature, as `mask` makes it."""
        return {feature: self.mask(feature, threshold=threshold) for feature in self.features}

    def _channel(self, feature: str) -> int:
        if feature not in self.features:
            raise FeatureError(
                f"no {feature!r} in this prediction; {nearest_name(feature, self.features)}"
            )
        return self.features.index(feature)
