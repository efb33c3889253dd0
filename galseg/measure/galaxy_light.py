"""The light around a galaxy on the sky, and the isophotes that bound it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from galseg.frame import ImageFrame
from galseg.measure.background import Sky, sky_of
from galseg.measure.ellipse import Ellipse
from galseg.measure.flags import MeasureFlag
from galseg.measure.isophote import Isophote, fit_isophote, isophotes_along
from galseg.measure.plane import LocalPlane, as_seen, pixels_of

__all__ = ["GalaxyLight"]

Floats = NDArray[np.float64]

_LEVELS = np.array([1.4, 2.0, 2.8, 4.0])  # in units of the faintest
_STEP, _MAX_BRIGHTER = 1.5, 12
GOOD_SCATTER = 0.1  # of an isophote about its ellipse
_OUTER = 1 / 3  # of the faintest isophote, for one that stands for the outer disc
_SKY_FROM = 1.6  # in radii of the outer isophote
_MIN_SKY_SHARE = 0.05
_SMOOTHING = 1.5  # standard deviation in pixels, to find the galaxy


@dataclass(frozen=True, eq=False)
class GalaxyLight:
    """An image as light at places on the sky.

    Attributes
    ----------
    frame : ImageFrame
    origin_xy : ndarray, shape (2,)
        Pixel at which the places count from; in or near the galaxy.
    image : ndarray, shape (ny, nx)
    seen : ndarray of bool, shape (ny, nx)
        Pixels that are not NaN and have a place on the sky.
    points : ndarray, shape (N, 2)
        Places of the seen pixels, west and north of the origin in arcsec; in pixels without WCS.
    pixel : float
        Size of a pixel in the unit of the places.
    """

    frame: ImageFrame
    origin_xy: Floats
    image: Floats
    seen: NDArray[np.bool_]
    points: Floats
    pixel: float

    @classmethod
    def of(cls, image: Floats, frame: ImageFrame, origin_xy: Floats) -> GalaxyLight:
        """Place the pixels of an image on the sky."""
        y, x = np.indices(image.shape)
        points = as_seen(frame, np.column_stack([x.ravel(), y.ravel()]), origin_xy)
        seen = np.isfinite(image) & np.isfinite(points).all(axis=1).reshape(image.shape)
        pixel = LocalPlane.at(frame, origin_xy).unit_arcsec if frame.has_sky else 1.0
        return cls(frame, origin_xy, image, seen, points[seen.ravel()], pixel)

    @property
    def light(self) -> Floats:
        """Of the seen pixels, shape (N,)."""
        return self.image[self.seen]

    def sky_beyond(self, ellipse: Ellipse | None) -> Sky:
        """Estimate the sky outside an ellipse, or in the outermost quarter of the image."""
        distance = np.hypot(*self.points.T)
        beyond = distance >= np.quantile(distance, 0.75)
        if ellipse is not None:
            outside = np.hypot(*ellipse.to_circle(self.points).T) > _SKY_FROM
            beyond = outside if outside.mean() > _MIN_SKY_SHARE else beyond
        return sky_of(self.light[beyond])

    def ellipse_above(self, light: Floats, level: float) -> Ellipse | None:
        """Find the moments of the connected pixels above a level nearest to the origin."""
        smooth = np.zeros(self.image.shape, dtype=np.float32)
        smooth[self.seen] = light
        smooth = cv2.GaussianBlur(smooth, (0, 0), _SMOOTHING)
        _, labels = cv2.connectedComponents((smooth > level).astype(np.uint8))
        label = labels[self.seen]
        if not label.any():
            return None
        nearest = np.argmin(np.where(label > 0, np.hypot(*self.points.T), np.inf))
        piece = self.points[label == label[nearest]]
        ellipse = Ellipse.from_moments(piece.mean(axis=0), np.cov(piece.T, ddof=0))
        return ellipse if ellipse.semi_axes[1] > self.pixel else None

    def outer_isophotes(
        self, *, sky: float | None, level: float | None
    ) -> tuple[tuple[Isophote, ...], MeasureFlag]:
        """Fit the faintest isophote that closes within the image, and four that are brighter.

        Parameters
        ----------
        sky : float or None
            Level of the sky, if it is known.
        level : float or None
            Of the faintest isophote above the sky; the noise of a pixel if left out, or as much
            brighter as the image demands.

        Returns
        -------
        tuple of Isophote
            The faintest first; empty where there is none.
        MeasureFlag
        """
        isophotes: tuple[Isophote, ...] = ()
        known = None
        for _ in range(2):  # the sky is better known once the galaxy's size is
            found = self.sky_beyond(known)
            light = self.light - (found.level if sky is None else sky)
            faintest = found.noise if level is None else level
            start = self.ellipse_above(light, faintest) if faintest > 0 else None
            if start is None:
                return (), MeasureFlag.EMPTY
            n_levels = _MAX_BRIGHTER if level is None else 1
            levels = np.asarray(faintest * _STEP ** np.arange(n_levels), dtype=float)
            isophotes = self._isophotes(light, levels)
            if not isophotes:
                return (), self._flags_along(start) | MeasureFlag.POOR_FIT
            known = isophotes[0].ellipse
        return isophotes, self._flags_along(isophotes[0].ellipse)

    def _isophotes(self, light: Floats, levels: Floats) -> tuple[Isophote, ...]:
        """Fit the first level whose isophote is an ellipse, and some that are brighter."""
        best = None
        for level in levels:
            start = self.ellipse_above(light, level)
            if start is None:
                break
            found = fit_isophote(self.points, light, level=level, start=start, pixel=self.pixel)
            if found is None:
                continue
            best = best or found
            if found.ellipse.semi_axes[0] < _OUTER * best.ellipse.semi_axes[0]:
                break
            if found.scatter < GOOD_SCATTER:
                best = found
                break
        if best is None:
            return ()
        others = isophotes_along(
            self.points,
            light,
            levels=best.level * _LEVELS,
            ellipse=best.ellipse,
            pixel=self.pixel,
        )
        return (best, *others)

    def _flags_along(self, ellipse: Ellipse) -> MeasureFlag:
        """Tell whether the ellipse leaves the image or crosses missing pixels."""
        t = np.linspace(0, 2 * np.pi, 180, endpoint=False)
        line = ellipse.centre + np.column_stack([np.cos(t), np.sin(t)]) @ ellipse.matrix.T
        xy = np.rint(pixels_of(self.frame, line, self.origin_xy))
        ny, nx = self.image.shape
        inside = ((xy >= 0) & (xy < (nx, ny))).all(axis=1)
        column, row = xy[inside].astype(int).T
        flags = MeasureFlag.NONE if inside.all() else MeasureFlag.TOUCHES_EDGE
        is_missing = not self.seen[row, column].all()
        return flags | (MeasureFlag.NAN_PIXELS if is_missing else MeasureFlag.NONE)
