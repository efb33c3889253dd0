"""Directions on the celestial sphere as vectors, and their change from any frame to ICRS.

A direction is a vector of any length, so that a pixel's place on the sky costs microseconds where
`astropy.coordinates.SkyCoord` costs a millisecond. All arrays have shape (N, 3) or (N, 2).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from astropy.coordinates import (
    FK4,
    FK5,
    ICRS,
    BaseCoordinateFrame,
    CartesianRepresentation,
    FK4NoETerms,
    Galactic,
)
from numpy.typing import NDArray

from galseg.errors import FrameError

__all__ = [
    "FrameChange",
    "directions_of",
    "lon_lat_of",
    "separation_arcsec",
    "tangent_offsets_arcsec",
]

Floats = NDArray[np.float64]

_E_STEPS = 3  # each gains six digits
_USUAL = (FK5(), Galactic())  # which millions of images share


def directions_of(lon_lat_deg: Floats) -> Floats:
    """Turn longitudes and latitudes into unit vectors."""
    lon, lat = np.radians(lon_lat_deg).T
    cos_lat = np.cos(lat)
    return np.stack([cos_lat * np.cos(lon), cos_lat * np.sin(lon), np.sin(lat)], axis=1)


def lon_lat_of(directions: Floats) -> Floats:
    """Longitudes, [0, 360), and latitudes in degrees."""
    x, y, z = directions.T
    lon = np.degrees(np.arctan2(y, x)) % 360.0
    lon = np.where(lon == 360.0, 0.0, lon)  # -1e-20 % 360 is 360
    return np.stack([lon, np.degrees(np.arctan2(z, np.hypot(x, y)))], axis=1)


def separation_arcsec(start: Floats, end: Floats) -> Floats:
    """Great-circle distances between pairs of directions, exact at any distance."""
    (ax, ay, az), (bx, by, bz) = start.T, end.T
    cross = np.hypot(np.hypot(ay * bz - az * by, az * bx - ax * bz), ax * by - ay * bx)
    return np.asarray(np.degrees(np.arctan2(cross, ax * bx + ay * by + az * bz)) * 3600)


def tangent_offsets_arcsec(directions: Floats, origin: Floats) -> Floats:
    """Offsets east and north in the gnomonic projection about an origin.

    `origin` has shape (1, 3) or that of `directions`.

    References
    ----------
    Calabretta, M. R. & Greisen, E. W. (2002), A&A 395, 1077, doi:10.1051/0004-6361:20021327.
    """
    (x, y, z), (x0, y0, z0) = directions.T, origin.T
    lon0, r0 = np.arctan2(y0, x0), np.hypot(x0, y0)
    outwards = x * np.cos(lon0) + y * np.sin(lon0)
    east = y * np.cos(lon0) - x * np.sin(lon0)
    length0 = np.hypot(r0, z0)
    depth = (outwards * r0 + z * z0) / length0
    north = (z * r0 - outwards * z0) / length0
    return np.asarray(np.degrees(np.stack([east, north] / depth, axis=1)) * 3600)


@dataclass(frozen=True, eq=False)
class FrameChange:
    """The change between a celestial frame and ICRS, found once and then cheap.

    astropy says where the frame's axes lie in ICRS; between two such frames that is all there is
    to know, except for the elliptic terms of aberration that FK4 includes.

    Attributes
    ----------
    axes : ndarray, shape (3, 3)
        Directions of the frame's axes in ICRS, one a row.
    e_terms : ndarray, shape (3,), or None
        The elliptic terms' vector e in the frame: a direction d loses e - (d . e) d.

    Examples
    --------
    >>> change = FrameChange.of(Galactic())
    >>> pole = change.to_icrs(directions_of(np.array([[0.0, 90.0]])))
    >>> lon_lat_of(pole).round(3)
    array([[192.859,  27.128]])
    """

    axes: Floats
    e_terms: Floats | None = None

    @classmethod
    def of(cls, frame: BaseCoordinateFrame) -> FrameChange:
        """Find the change for ICRS, FK5, FK4, FK4NoETerms or Galactic, of any equinox.

        Raises
        ------
        FrameError
            For any other frame: the place of a planet's or a telescope's sky depends on time.
        """
        if isinstance(frame, ICRS):
            return cls(np.eye(3))
        if isinstance(frame, FK5 | FK4NoETerms | Galactic):
            usual = next(filter(frame.is_equivalent_frame, _USUAL), None)
            return cls(_axes_in(frame, ICRS()) if usual is None else _axes_of_usual(usual.name))
        if isinstance(frame, FK4):
            plain = FK4NoETerms(equinox=frame.equinox, obstime=frame.obstime)
            first, second = _axes_in(frame, plain)[:2]  # (1, -e_y, -e_z), (-e_x, 1, -e_z)
            e_terms = -np.array([second[0] / second[1], first[1] / first[0], first[2] / first[0]])
            return cls(_axes_in(plain, ICRS()), e_terms)
        raise FrameError(
            f"the WCS counts in {frame.name}, which has no fixed place in ICRS; "
            "a WCS in ICRS, FK5, FK4 or Galactic coordinates is needed"
        )

    def to_icrs(self, directions: Floats) -> Floats:
        """Change from the frame, from unit vectors, shape (N, 3)."""
        if self.e_terms is not None:
            directions = directions * (1 + directions @ self.e_terms)[:, None] - self.e_terms
        return np.asarray(directions @ self.axes)

    def from_icrs(self, directions: Floats) -> Floats:
        """Change to the frame, from unit vectors, shape (N, 3)."""
        plain = directions @ np.linalg.inv(self.axes)
        if self.e_terms is None:
            return np.asarray(plain)
        plain /= np.linalg.norm(plain, axis=1, keepdims=True)
        seen = plain
        for _ in range(_E_STEPS):
            seen = (plain + self.e_terms) / (1 + seen @ self.e_terms)[:, None]
        return np.asarray(seen)


@cache
def _axes_of_usual(name: str) -> Floats:
    return next(_axes_in(frame, ICRS()) for frame in _USUAL if frame.name == name)


def _axes_in(frame: BaseCoordinateFrame, other: BaseCoordinateFrame) -> Floats:
    """Find the unit vectors along a frame's axes as another sees them, one a row."""
    axes = frame.realize_frame(CartesianRepresentation(np.eye(3))).transform_to(other)
    return np.asarray(axes.cartesian.xyz.value.T)
