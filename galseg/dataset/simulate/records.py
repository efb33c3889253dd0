"""A simulated galaxy and what is true of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import Polygon

from galseg.frame import ImageFrame

__all__ = [
    "ArmTruth",
    "BarTruth",
    "GalaxyTruth",
    "Morphology",
    "SimulatedGalaxy",
    "TidalKind",
    "TidalTruth",
    "Winding",
]

Morphology = Literal["spiral", "barred spiral", "barred disc", "disc", "elliptical", "blank"]
TidalKind = Literal["tail", "stream", "shell"]
Winding = Literal["S", "Z"]


@dataclass(frozen=True)
class BarTruth:
    """A bar; the outline is exact, so these are.

    Attributes
    ----------
    length_arcsec, length_pix : float
        Extent of the outline along its principal axis, end to end, as seen on the sky.
    length_deprojected_arcsec : float
        End to end in the plane of the disc.
    width_arcsec : float
        Extent of the outline across that axis, as seen on the sky.
    position_angle_deg : float
        Of that axis, north through east, [0, 180).
    contrast : float
        Mean light of the bar inside its outline, over the other light and the sky noise there.
    """

    length_arcsec: float
    length_pix: float
    length_deprojected_arcsec: float
    width_arcsec: float
    position_angle_deg: float
    contrast: float


@dataclass(frozen=True)
class ArmTruth:
    """A logarithmic spiral in the plane of the disc.

    Attributes
    ----------
    pitch_angle_deg : float
        Positive.
    winding : str
        ``"S"`` when the arm turns clockwise going outwards as seen on the sky, else ``"Z"``.
    r_inner_arcsec, r_outer_arcsec : float
        Radii in the plane between which the arm's centre line runs.
    azimuth_deg : float
        Of the inner end, in the plane, from the line of nodes, north through east.
    contrast : float
        As of `BarTruth`.
    """

    pitch_angle_deg: float
    winding: Winding
    r_inner_arcsec: float
    r_outer_arcsec: float
    azimuth_deg: float
    contrast: float


@dataclass(frozen=True)
class TidalTruth:
    """A tidal structure; `contrast` as of `BarTruth`."""

    kind: TidalKind
    contrast: float


@dataclass(frozen=True)
class GalaxyTruth:
    """What is true of a simulated galaxy.

    Attributes
    ----------
    morphology : str
    centre_xy : tuple of float
        In pixels.
    inclination_deg, line_of_nodes_deg : float
        Of the disc; NaN where there is none.
    axis_ratio : float
        Of disc or elliptical, as seen on the sky; NaN of a blank.
    bulge_share : float
        Of the light, tidal structures left out; 1 of an elliptical, 0 where there is none.
    psf_fwhm_arcsec : float
    sky_noise : float
        Standard deviation of an empty pixel, in the units of the image.
    bar : BarTruth or None
    arms : tuple of ArmTruth
        In the order of the outlines.
    tidal : tuple of TidalTruth
        In the order of the outlines.
    """

    morphology: Morphology
    centre_xy: tuple[float, float]
    inclination_deg: float
    line_of_nodes_deg: float
    axis_ratio: float
    bulge_share: float
    psf_fwhm_arcsec: float
    sky_noise: float
    bar: BarTruth | None
    arms: tuple[ArmTruth, ...]
    tidal: tuple[TidalTruth, ...]

    def contrasts(self, feature: str) -> tuple[float, ...]:
        """Return the contrast of each outline of a feature, in their order."""
        bars = () if self.bar is None else (self.bar,)
        structures = {"bar": bars, "spiral_arm": self.arms, "tidal": self.tidal}
        return tuple(structure.contrast for structure in structures[feature])


@dataclass(frozen=True, eq=False)
class SimulatedGalaxy:
    """An image of a galaxy that never was, with all its structures known.

    Attributes
    ----------
    galaxy_id : str
    image : ndarray of float32, shape (ny, nx)
        Electrons above the sky.
    frame : ImageFrame
    outlines : dict of str to tuple of shapely.Polygon
        Per feature, the exact outlines in pixels, which may reach beyond the image.
    masks : dict of str to ndarray of bool, shape (ny, nx)
        Per feature, the pixels whose centres lie in any of its outlines.
    truth : GalaxyTruth
    """

    galaxy_id: str
    image: NDArray[np.float32]
    frame: ImageFrame
    outlines: dict[str, tuple[Polygon, ...]]
    masks: dict[str, NDArray[np.bool_]]
    truth: GalaxyTruth
