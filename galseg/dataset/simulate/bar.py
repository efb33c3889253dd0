"""A bar: a boxy ellipse in the plane of the disc."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from galseg.dataset.simulate.plane import GalaxyPlane
from galseg.dataset.simulate.records import BarTruth

__all__ = ["Bar"]

Floats = NDArray[np.float64]

_N_VERTICES = 256


@dataclass(frozen=True)
class Bar:
    """A bar that ends where ``m = 1``, ``m^c = |x/a|^c + |y/b|^c`` in its own axes.

    Parameters
    ----------
    half_length_arcsec : float
        a, in the plane.
    axis_ratio : float
        b / a.
    azimuth_deg : float
        Of the long axis, in the plane, from the line of nodes.
    boxiness : float
        c; 2 is an ellipse.
    steepness : float
        n of the light ``(1 - m^2)^n``.
    brightness : float
        Light at the centre, in units of the disc's.

    References
    ----------
    Athanassoula, E. et al. (1990), MNRAS 245, 130 (generalised ellipses); Ferrers, N. M. (1877).
    """

    half_length_arcsec: float
    axis_ratio: float
    azimuth_deg: float
    boxiness: float
    steepness: float
    brightness: float

    def light(self, plane: GalaxyPlane) -> Floats:
        """Light on every pixel, shape (ny, nx)."""
        angle = np.radians(self.azimuth_deg)
        u, v = plane.grid
        along = np.abs(u * np.cos(angle) + v * np.sin(angle)) / self.half_length_arcsec
        across = np.abs(v * np.cos(angle) - u * np.sin(angle)) / self.half_length_arcsec
        across /= self.axis_ratio
        light = np.zeros(plane.frame.shape)
        near = (along < 1) & (across < 1)
        m_squared = (along[near] ** self.boxiness + across[near] ** self.boxiness) ** (
            2 / self.boxiness
        )
        light[near] = self.brightness * (1 - m_squared).clip(0) ** self.steepness
        return light

    def outline(self) -> Floats:
        """Vertices of ``m = 1`` in the plane, shape (N, 2), the two ends among them."""
        phase = np.arange(_N_VERTICES) * 2 * np.pi / _N_VERTICES
        cos_sin = np.column_stack([np.cos(phase), np.sin(phase)])
        unit = np.sign(cos_sin) * np.abs(cos_sin) ** (2 / self.boxiness)
        return np.asarray(unit @ self._half_axes)

    def truth(self, plane: GalaxyPlane, *, contrast: float) -> BarTruth:
        """Measure the exact outline as seen on the sky.

        Its principal axis is that of the ellipse with the same axes, however boxy it is.
        """
        to_sky = GalaxyPlane(plane.frame).pixel_to_plane @ np.linalg.inv(plane.pixel_to_plane)
        half_axes = self._half_axes @ to_sky.T  # north, east
        outline = self.outline() @ to_sky.T
        _, vectors = np.linalg.eigh(half_axes.T @ half_axes)
        across, along = vectors.T
        length = 2 * float((outline @ along).max())
        return BarTruth(
            length_arcsec=length,
            length_pix=length / plane.frame.pixel_scale_arcsec,
            length_deprojected_arcsec=2 * self.half_length_arcsec,
            width_arcsec=2 * float((outline @ across).max()),
            position_angle_deg=float(np.degrees(np.arctan2(along[1], along[0])) % 180.0),
            contrast=contrast,
        )

    @property
    def _half_axes(self) -> Floats:
        """From the centre to an end, and to a side, in the plane, shape (2, 2)."""
        angle = np.radians(self.azimuth_deg)
        along = np.array([np.cos(angle), np.sin(angle)])
        across = np.array([-np.sin(angle), np.cos(angle)]) * self.axis_ratio
        return self.half_length_arcsec * np.stack([along, across])
