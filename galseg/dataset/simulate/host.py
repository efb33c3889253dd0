"""The smooth light of a galaxy: an exponential disc and a Sersic bulge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from galseg.dataset.simulate.plane import GalaxyPlane

__all__ = ["Bulge", "Disc"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Disc:
    """An exponential disc of central brightness 1 that steepens beyond a break.

    Parameters
    ----------
    scale_length_arcsec : float
    break_radius_arcsec : float
        Beyond it the scale length is half as long.

    References
    ----------
    Freeman, K. C. (1970), ApJ 160, 811, doi:10.1086/150474; Pohlen, M. & Trujillo, I. (2006),
    A&A 454, 759, doi:10.1051/0004-6361:20064883.
    """

    scale_length_arcsec: float
    break_radius_arcsec: float

    def light(self, plane: GalaxyPlane) -> Floats:
        """Light on every pixel, shape (ny, nx)."""
        beyond = (plane.radius - self.break_radius_arcsec).clip(0)
        return np.asarray(np.exp(-(plane.radius + beyond) / self.scale_length_arcsec))


@dataclass(frozen=True)
class Bulge:
    """A Sersic spheroid.

    Parameters
    ----------
    effective_radius_arcsec : float
        Along its long axis.
    sersic_index : float
    axis_ratio : float
        As seen on the sky.
    brightness : float
        Light at the effective radius, in units of the disc's centre.

    References
    ----------
    Ciotti, L. & Bertin, G. (1999), A&A 352, 447 (the constant b_n).
    """

    effective_radius_arcsec: float
    sersic_index: float
    axis_ratio: float
    brightness: float

    def light(self, sky: GalaxyPlane) -> Floats:
        """Light on every pixel, shape (ny, nx).

        Parameters
        ----------
        sky : GalaxyPlane
            Face on; the long axis lies along its line of nodes. Radii are softened by half a
            pixel, since the cusp would fall on one.
        """
        u, v = sky.grid
        pixel_area = abs(np.linalg.det(sky.pixel_to_plane))
        radius_squared = u**2 + (v / self.axis_ratio) ** 2 + pixel_area / 4
        n = self.sersic_index
        b_n = 2 * n - 1 / 3 + 4 / (405 * n)
        shape = (radius_squared / self.effective_radius_arcsec**2) ** (0.5 / n)
        return np.asarray(self.brightness * np.exp(-b_n * (shape - 1)))
