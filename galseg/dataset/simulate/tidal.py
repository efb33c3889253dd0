"""Tidal tails, streams and shells, in the plane of the sky."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from galseg.dataset.simulate.plane import GalaxyPlane
from galseg.dataset.simulate.records import TidalKind, TidalTruth
from galseg.dataset.simulate.ribbon import ribbon
from galseg.geometry import polygon_mask

__all__ = ["Tidal"]

Floats = NDArray[np.float64]

_N_VERTICES = 96
_FAINTEST = 0.3  # light of an end of a structure, in units of its brightest part


@dataclass(frozen=True)
class Tidal:
    """A tidal structure, an arc round the galaxy that may open outwards.

    Parameters
    ----------
    kind : str
        ``"tail"`` leaves the disc and opens outwards, ``"stream"`` goes round the galaxy,
        ``"shell"`` ends sharply at its outer edge.
    r_start_arcsec, r_end_arcsec : float
        Distance of the centre line from the galaxy at its two ends.
    position_angle_deg : float
        Of the first end.
    sweep_deg : float
        Angle from the first end to the last, either sign.
    half_width_arcsec : float
    flattening : float
        Axis ratio of the arc, squeezed across the direction of its first end.
    brightness : float
        In units of the sky noise of a pixel.
    """

    kind: TidalKind
    r_start_arcsec: float
    r_end_arcsec: float
    position_angle_deg: float
    sweep_deg: float
    half_width_arcsec: float
    flattening: float
    brightness: float

    def centre_line(self) -> Floats:
        """Points along the middle, arcsec north and east of the galaxy, shape (N, 2)."""
        along = np.linspace(0, 1, _N_VERTICES)
        radius = self.r_start_arcsec * (self.r_end_arcsec / self.r_start_arcsec) ** along
        azimuth = np.radians(self.sweep_deg) * along
        p, q = radius * np.cos(azimuth), radius * np.sin(azimuth) * self.flattening
        angle = np.radians(self.position_angle_deg)
        return np.column_stack(
            [p * np.cos(angle) - q * np.sin(angle), p * np.sin(angle) + q * np.cos(angle)]
        )

    def outline(self) -> Floats:
        """Vertices of the outline, arcsec north and east, shape (N, 2)."""
        return ribbon(self.centre_line(), half_width=self.half_width_arcsec)

    def light(self, sky: GalaxyPlane) -> Floats:
        """Light on every pixel in units of the sky noise, shape (ny, nx).

        Parameters
        ----------
        sky : GalaxyPlane
            Face on, the line of nodes to the north.
        """
        inside = polygon_mask(sky.to_polygon(self.outline()), sky.frame.shape)
        light = self.brightness * inside * self._fading(sky)
        if self.kind == "shell":
            return np.asarray(light)
        pixel_arcsec = np.sqrt(abs(np.linalg.det(sky.pixel_to_plane)))
        return np.asarray(
            cv2.GaussianBlur(light, (0, 0), 0.4 * self.half_width_arcsec / pixel_arcsec)
        )

    def _fading(self, sky: GalaxyPlane) -> Floats:
        """Light relative to the brightest: tails dim outwards, shells inwards, all at free ends."""
        angle = np.radians(self.position_angle_deg)
        north, east = sky.grid
        p = north * np.cos(angle) + east * np.sin(angle)
        q = (east * np.cos(angle) - north * np.sin(angle)) / self.flattening
        azimuth = np.arctan2(q * np.sign(self.sweep_deg), p) % (2 * np.pi)
        along = azimuth / np.radians(abs(self.sweep_deg))
        if self.kind == "tail":
            return np.asarray(1 - (1 - _FAINTEST) * along.clip(0, 1))
        light = _FAINTEST + (1 - _FAINTEST) * np.sin(np.pi * along.clip(0, 1))
        if self.kind == "shell":
            inner = self.r_start_arcsec - self.half_width_arcsec
            light = light * ((sky.radius - inner) / (2 * self.half_width_arcsec)).clip(0, 1)
        return np.asarray(light)

    def truth(self, contrast: float) -> TidalTruth:
        """Return the kind, with the contrast that came of it."""
        return TidalTruth(self.kind, contrast)
