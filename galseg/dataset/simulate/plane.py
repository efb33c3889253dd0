"""The plane of a galaxy, and its projection to pixels through the sky."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from astropy.wcs import WCS
from numpy.typing import ArrayLike, NDArray
from shapely.geometry import Polygon

from galseg.errors import FrameError
from galseg.frame import ImageFrame

__all__ = ["GalaxyPlane", "draw_frame"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class GalaxyPlane:
    """A plane through the reference point of a WCS, tilted against the sky.

    Points (u, v) lie in the plane, in arcsec: u runs along the line of nodes, v at 90 degrees to
    it, north through east. Their azimuth therefore grows north through east.

    Parameters
    ----------
    frame : ImageFrame
        With an undistorted gnomonic WCS, whose reference point is the galaxy's centre; the
        projection is then linear, and exact.
    inclination_deg : float
        0 is face on.
    line_of_nodes_deg : float
        Position angle, north through east.
    """

    frame: ImageFrame
    inclination_deg: float = 0.0
    line_of_nodes_deg: float = 0.0

    @property
    def centre_xy(self) -> Floats:
        """The galaxy's centre in pixels, shape (2,)."""
        return np.asarray(self.wcs.wcs.crpix - 1.0)

    @cached_property
    def pixel_to_plane(self) -> Floats:
        """Matrix from (x, y) off the centre to (u, v), shape (2, 2)."""
        tilt, angle = np.radians([self.inclination_deg, self.line_of_nodes_deg])
        along = np.array([np.sin(angle), np.cos(angle)])  # east, north
        across = np.array([np.cos(angle), -np.sin(angle)]) / np.cos(tilt)
        return np.asarray(np.stack([along, across]) @ self.wcs.pixel_scale_matrix * 3600)

    def to_pixel(self, uv: ArrayLike) -> Floats:
        """Project points of the plane, shape (N, 2), to pixels."""
        steps = np.linalg.solve(self.pixel_to_plane, np.asarray(uv, dtype=float).T)
        return np.asarray(steps.T + self.centre_xy)

    def to_polygon(self, uv: ArrayLike) -> Polygon:
        """Project a closed outline in the plane, shape (N, 2), to a polygon in pixels."""
        return Polygon(self.to_pixel(uv))

    @cached_property
    def grid(self) -> tuple[Floats, Floats]:
        """Coordinates u and v of every pixel centre, each of shape (ny, nx)."""
        ny, nx = self.frame.shape
        x0, y0 = self.centre_xy
        x, y = np.arange(nx) - x0, (np.arange(ny) - y0)[:, None]
        (ux, uy), (vx, vy) = self.pixel_to_plane
        return ux * x + uy * y, vx * x + vy * y

    @cached_property
    def radius(self) -> Floats:
        """Distance of every pixel centre from the galaxy's centre, in the plane, in arcsec."""
        return np.asarray(np.hypot(*self.grid))

    @cached_property
    def azimuth(self) -> Floats:
        """Azimuth of every pixel centre in radians, from the line of nodes."""
        u, v = self.grid
        return np.asarray(np.arctan2(v, u))

    @property
    def wcs(self) -> WCS:
        """The frame's WCS."""
        if self.frame.wcs is None:
            raise FrameError("a galaxy's plane needs a frame with a WCS; draw_frame makes one")
        return self.frame.wcs


def draw_frame(
    rng: np.random.Generator,
    shape: tuple[int, int],
    *,
    pixel_scale_arcsec: float,
    mirrored: bool | None = None,
) -> ImageFrame:
    """Draw a place on the sky, an orientation and a handedness for an image.

    The matrix is rounded to 1e-12 degree, so that it survives any text form.

    Parameters
    ----------
    rng : numpy.random.Generator
    shape : tuple of int
        ``(ny, nx)``.
    pixel_scale_arcsec : float
    mirrored : bool, optional
        Whether east is to the right when north is up; one image in five if left out.

    Returns
    -------
    ImageFrame
        Gnomonic, its reference point within 2% of the image's size from the middle.
    """
    ny, nx = shape
    angle = rng.uniform(0, 2 * np.pi)
    one_in_five = rng.random() < 0.2
    parity = 1.0 if (one_in_five if mirrored is None else mirrored) else -1.0
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = "RA---TAN", "DEC--TAN"
    wcs.wcs.cunit = "deg", "deg"
    declination = np.degrees(np.arcsin(rng.uniform(-0.95, 0.95)))
    wcs.wcs.crval = round(rng.uniform(0, 360), 6), round(declination, 6)
    offset = rng.uniform(-0.02, 0.02, 2) * (nx, ny)
    wcs.wcs.crpix = np.round(np.array([nx + 1, ny + 1]) / 2 + offset, 3)
    wcs.wcs.cd = np.round(pixel_scale_arcsec / 3600 * np.diag([parity, 1.0]) @ rotation, 12)
    wcs.wcs.set()
    return ImageFrame(shape, wcs)
