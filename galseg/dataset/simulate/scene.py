"""The light and the outline of every part of a galaxy, on the pixels of an image."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray
from shapely.geometry import Polygon

from galseg.dataset.simulate.design import Design
from galseg.dataset.simulate.plane import GalaxyPlane
from galseg.dataset.simulate.telescope import Telescope
from galseg.frame import ImageFrame
from galseg.geometry import polygon_mask

__all__ = ["Scene", "Structure", "lay_out"]

Floats = NDArray[np.float64]

_ARM_SLOPE = 0.7  # arms stand out more the further out, as of the disc's light to this power
_CLUMP_SCALE = 0.012  # of the image's shorter side


@dataclass(frozen=True, eq=False)
class Structure:
    """One bar, arm or tidal structure on the pixels.

    Attributes
    ----------
    feature : str
    outline : shapely.Polygon
        In pixels.
    mask : ndarray of bool, shape (ny, nx)
    light : ndarray, shape (ny, nx)
        Before the seeing.
    """

    feature: str
    outline: Polygon
    mask: NDArray[np.bool_]
    light: Floats

    @classmethod
    def project(cls, feature: str, plane: GalaxyPlane, outline: Floats, light: Floats) -> Structure:
        """Project an outline in a plane, shape (N, 2)."""
        polygon = plane.to_polygon(outline)
        return cls(feature, polygon, polygon_mask(polygon, plane.frame.shape), light)

    def contrast(self, everything: Floats, noise: float) -> float:
        """Mean light over the other light and the noise inside; 0 where the image ends before."""
        if not self.mask.any():
            return 0.0
        own = float(self.light[self.mask].mean())
        return own / (float(everything[self.mask].mean()) - own + noise)


@dataclass(frozen=True, eq=False)
class Scene:
    """A galaxy before the seeing, in electrons.

    Attributes
    ----------
    disc_plane : GalaxyPlane
    smooth : ndarray, shape (ny, nx)
        Disc and bulge.
    bulge_share : float
        Of the light of disc, bulge, bar and arms, what is in the bulge; 0 where there is none.
    structures : tuple of Structure
        Bar, arms and tidal structures.
    """

    disc_plane: GalaxyPlane
    smooth: Floats
    bulge_share: float
    structures: tuple[Structure, ...]

    @cached_property
    def light(self) -> Floats:
        """Everything together, shape (ny, nx)."""
        return np.asarray(np.sum([self.smooth, *(part.light for part in self.structures)], axis=0))


def lay_out(
    rng: np.random.Generator,
    design: Design,
    frame: ImageFrame,
    *,
    telescope: Telescope,
    depth: float,
) -> Scene:
    """Put a galaxy on the pixels of an image.

    Parameters
    ----------
    rng : numpy.random.Generator
        For the clumps of the arms and the disc.
    design : Design
    frame : ImageFrame
        With the galaxy's centre as reference point.
    telescope : Telescope
        Its seeing and its sky noise say how bright the galaxy is.
    depth : float
        Peak of disc, bulge, bar and arms over the sky noise, after the seeing.

    Returns
    -------
    Scene
    """
    plane = GalaxyPlane(
        frame, np.nan_to_num(design.inclination_deg), np.nan_to_num(design.line_of_nodes_deg)
    )
    clumps = _clumps(rng, frame.shape, design.clumpiness)
    disc = np.zeros(frame.shape) if design.disc is None else design.disc.light(plane)
    bulge = np.zeros(frame.shape)
    if design.bulge is not None:
        bulge = design.bulge.light(GalaxyPlane(frame, 0.0, plane.line_of_nodes_deg))
    smooth = disc * clumps**0.25 + bulge
    bars = () if design.bar is None else (design.bar,)
    parts = [("bar", bar.outline(), bar.light(plane)) for bar in bars]
    parts += [
        ("spiral_arm", a.outline(), a.light(plane) * disc**_ARM_SLOPE * clumps) for a in design.arms
    ]
    galaxy = np.sum([smooth, *(light for _, _, light in parts)], axis=0)
    peak = telescope.blur(galaxy).max()
    gain = depth * telescope.sky_noise / peak if peak > 0 else 0.0
    structures = [Structure.project(name, plane, line, gain * light) for name, line, light in parts]
    sky = GalaxyPlane(frame)
    for tidal in design.tidal:
        light = telescope.sky_noise * tidal.light(sky)
        structures.append(Structure.project("tidal", sky, tidal.outline(), light))
    bulge_share = float(bulge.sum() / galaxy.sum()) if peak > 0 else 0.0
    return Scene(plane, gain * smooth, bulge_share, tuple(structures))


def _clumps(rng: np.random.Generator, shape: tuple[int, int], strength: float) -> Floats:
    """Log-normal texture of mean near 1; `strength` is the spread of its logarithm."""
    texture = cv2.GaussianBlur(rng.standard_normal(shape), (0, 0), _CLUMP_SCALE * min(shape))
    texture *= strength / texture.std()
    return np.asarray(np.exp(texture - strength**2 / 2))
