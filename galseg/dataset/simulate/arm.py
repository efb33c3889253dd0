"""A spiral arm: a logarithmic spiral in the plane of the disc."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from galseg.dataset.simulate.plane import GalaxyPlane
from galseg.dataset.simulate.records import ArmTruth, Winding
from galseg.dataset.simulate.ribbon import end_taper, ribbon

__all__ = ["Arm"]

Floats = NDArray[np.float64]

_N_VERTICES = 160
_HWHM = np.sqrt(2 * np.log(2))  # half width at half maximum of a Gaussian, in standard deviations


@dataclass(frozen=True)
class Arm:
    """An arm whose width grows with radius, so that its edges are log-spirals too.

    Parameters
    ----------
    pitch_angle_deg : float
        Positive.
    winding : str
        ``"S"`` or ``"Z"``.
    r_inner_arcsec, r_outer_arcsec : float
        Ends of the centre line, in the plane.
    azimuth_deg : float
        Of the inner end, from the line of nodes.
    half_width : float
        Half width at half maximum over radius; the outline runs there.
    brightness : float
        Of the centre line at the inner end, relative to the light that `light` is put on.
    fade : float
        Share of that lost from the inner to the outer end, 0 to 1.

    References
    ----------
    Kennicutt, R. C. (1981), AJ 86, 1847, doi:10.1086/113064.
    """

    pitch_angle_deg: float
    winding: Winding
    r_inner_arcsec: float
    r_outer_arcsec: float
    azimuth_deg: float
    half_width: float
    brightness: float
    fade: float

    @property
    def turn(self) -> float:
        """Azimuth in radians per unit of ln r, negative for clockwise."""
        sign = -1 if self.winding == "S" else 1
        return float(sign / np.tan(np.radians(self.pitch_angle_deg)))

    def light(self, plane: GalaxyPlane) -> Floats:
        """Light on every pixel relative to a smooth one, shape (ny, nx)."""
        light = np.zeros(plane.frame.shape)
        near = (plane.radius > self.r_inner_arcsec) & (plane.radius < self.r_outer_arcsec)
        log_r = np.log(plane.radius[near] / self.r_inner_arcsec)
        ridge = np.radians(self.azimuth_deg) + self.turn * log_r
        behind = (plane.azimuth[near] - ridge + np.pi) % (2 * np.pi) - np.pi
        offset = behind * np.sin(np.radians(self.pitch_angle_deg)) / self.half_width * _HWHM
        along = log_r / np.log(self.r_outer_arcsec / self.r_inner_arcsec)
        ridge_light = self.brightness * end_taper(along) * (1 - self.fade * along)
        light[near] = ridge_light * np.exp(-0.5 * offset**2)
        return light

    def centre_line(self) -> Floats:
        """Points of the spiral from the inner to the outer end, in the plane, shape (N, 2)."""
        along = np.linspace(0, 1, _N_VERTICES)
        log_r = along * np.log(self.r_outer_arcsec / self.r_inner_arcsec)
        azimuth = np.radians(self.azimuth_deg) + self.turn * log_r
        radius = self.r_inner_arcsec * np.exp(log_r)
        return np.asarray(radius[:, None] * np.column_stack([np.cos(azimuth), np.sin(azimuth)]))

    def outline(self) -> Floats:
        """Vertices of the outline in the plane, shape (N, 2)."""
        line = self.centre_line()
        return ribbon(line, half_width=self.half_width * np.hypot(*line.T))

    def truth(self, contrast: float) -> ArmTruth:
        """Return what was asked for, with the contrast that came of it."""
        return ArmTruth(
            pitch_angle_deg=self.pitch_angle_deg,
            winding=self.winding,
            r_inner_arcsec=self.r_inner_arcsec,
            r_outer_arcsec=self.r_outer_arcsec,
            azimuth_deg=self.azimuth_deg,
            contrast=contrast,
        )
