"""Ellipses on the sky, their shapes as vectors that can be averaged."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Ellipse"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Ellipse:
    """An ellipse as the image of the unit circle: ``centre + matrix @ (cos t, sin t)``.

    Attributes
    ----------
    centre : ndarray, shape (2,)
    matrix : ndarray, shape (2, 2)

    Examples
    --------
    >>> ellipse = Ellipse.from_outline([(0, 0), (8, 0), (8, 2), (0, 2)])
    >>> ellipse.centre.round(6), round(ellipse.axis_ratio, 6)
    (array([4., 1.]), 0.25)
    """

    centre: Floats
    matrix: Floats

    @classmethod
    def from_moments(cls, centre: ArrayLike, covariance: ArrayLike) -> Ellipse:
        """Find the ellipse that has these second moments when evenly filled."""
        variance, directions = np.linalg.eigh(np.asarray(covariance, dtype=float))
        semi_axes = 2 * np.sqrt(variance.clip(0))
        return cls(np.asarray(centre, dtype=float), directions * semi_axes)

    @classmethod
    def from_outline(cls, points: ArrayLike) -> Ellipse:
        """Find the ellipse with the area's moments of a polygon, corners of shape (N, 2)."""
        corners = np.asarray(points, dtype=float)
        start = corners.mean(axis=0)
        moments = cv2.moments((corners - start).astype(np.float32)[:, None])
        area = moments["m00"]
        centre = start + np.array([moments["m10"], moments["m01"]]) / area
        xx, xy, yy = (moments[name] / area for name in ("mu20", "mu11", "mu02"))
        return cls.from_moments(centre, [[xx, xy], [xy, yy]])

    @property
    def semi_axes(self) -> Floats:
        """The long and the short half, shape (2,)."""
        return np.asarray(np.linalg.svd(self.matrix, compute_uv=False))

    @property
    def axis_ratio(self) -> float:
        """Short over long axis."""
        major, minor = self.semi_axes
        return float(minor / major)

    @property
    def shape(self) -> Floats:
        """``(1 - axis_ratio) (cos 2t, sin 2t)``, with t the direction of the long axis."""
        x, y = np.linalg.svd(self.matrix)[0][:, 0]
        return np.array([x**2 - y**2, 2 * x * y]) * (1 - self.axis_ratio)

    def to_circle(self, points: ArrayLike) -> Floats:
        """Carry points along with the ellipse back to the unit circle, shape (N, 2)."""
        offsets = np.asarray(points, dtype=float) - self.centre
        return np.asarray(offsets @ np.linalg.inv(self.matrix).T)

    def bent(self, harmonics: ArrayLike) -> Ellipse:
        """Move and deform the ellipse by a wave on its circle.

        Parameters
        ----------
        harmonics : array_like, shape (5,)
            Coefficients of 1, cos t, sin t, cos 2t, sin 2t: the radius, the shift of the centre
            and, for small coefficients, the deformation into an ellipse.
        """
        size, x, y, plus, cross = (float(h) for h in np.asarray(harmonics, dtype=float))
        deformed = np.array([[size + plus, cross], [cross, size - plus]])
        return Ellipse(self.centre + self.matrix @ (x, y), self.matrix @ deformed)
