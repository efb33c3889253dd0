"""What is known of a galaxy beside its image: centre, disc, distance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from astropy.coordinates import SkyCoord
from astropy.cosmology import Planck18
from astropy.table import Table
from numpy.typing import NDArray

from galseg.errors import ConfigError, FrameError, ShapeError
from galseg.frame import ImageFrame
from galseg.measure.deprojection import HIGH_INCLINATION_DEG, deprojection_matrix
from galseg.measure.flags import MeasureFlag

__all__ = ["Centre", "Host", "disc_stretch", "hosts_from_table", "kpc_per_arcsec", "pixel_of"]

Floats = NDArray[np.float64]
Centre: TypeAlias = tuple[float, float] | SkyCoord

_HOST_COLUMNS = ("redshift", "inclination_deg", "line_of_nodes_deg")


@dataclass(frozen=True)
class Host:
    """Properties of one galaxy that a measurement may use; None where unknown.

    Attributes
    ----------
    redshift : float or None
    inclination_deg, line_of_nodes_deg : float or None
        Of the disc: 0 face-on; north through east.
    centre : tuple of float (x, y), SkyCoord or None
    """

    redshift: float | None = None
    inclination_deg: float | None = None
    line_of_nodes_deg: float | None = None
    centre: Centre | None = None


def hosts_from_table(table: Table) -> dict[str, Host]:
    """Read what is known of galaxies from a table.

    Parameters
    ----------
    table : astropy.table.Table or pandas.DataFrame
        With ``galaxy_id`` and any of ``redshift``, ``inclination_deg``, ``line_of_nodes_deg``,
        and ``ra_deg`` with ``dec_deg`` for the centre (ICRS). NaN or masked: unknown.

    Returns
    -------
    dict of str to Host

    Raises
    ------
    ShapeError
        If there is no column ``galaxy_id``.

    Examples
    --------
    >>> hosts_from_table(Table({"galaxy_id": ["J1"], "redshift": [0.03]}))["J1"].redshift
    0.03
    """
    names = list(table.columns)
    if "galaxy_id" not in names:
        raise ShapeError(f"a table of galaxies needs a column galaxy_id, got {names}")
    known = [name for name in _HOST_COLUMNS if name in names]
    has_centre = {"ra_deg", "dec_deg"} <= set(names)
    numbers: dict[str, Floats] = {
        name: np.ma.filled(np.ma.asarray(table[name], dtype=float), np.nan)
        for name in (*known, *(("ra_deg", "dec_deg") if has_centre else ()))
    }
    hosts = {}
    for row, galaxy_id in enumerate(table["galaxy_id"]):
        given = {name: _known(numbers[name][row]) for name in known}
        centre = None
        if has_centre and np.isfinite(numbers["ra_deg"][row] + numbers["dec_deg"][row]):
            centre = SkyCoord(numbers["ra_deg"][row], numbers["dec_deg"][row], unit="deg")
        hosts[str(galaxy_id)] = Host(**given, centre=centre)
    return hosts


def disc_stretch(
    frame: ImageFrame, inclination_deg: float | None, line_of_nodes_deg: float | None
) -> tuple[Floats | None, MeasureFlag]:
    """Map from the sky as seen (west right, north up) to the disc, None if it is not known.

    Raises
    ------
    ConfigError
        If only one of the angles is given, or one is outside its range.
    FrameError
        If they are given and the frame has no WCS, so that north is unknown.
    """
    if inclination_deg is None and line_of_nodes_deg is None:
        return None, MeasureFlag.NONE
    if inclination_deg is None or line_of_nodes_deg is None:
        raise ConfigError(
            "a disc needs both inclination_deg and line_of_nodes_deg, got "
            f"{inclination_deg} and {line_of_nodes_deg}; give both or neither"
        )
    if not frame.has_sky:
        raise FrameError(
            "line_of_nodes_deg counts from north, and this frame has no WCS to say where that is; "
            "leave the disc out to measure as seen"
        )
    flip = np.diag([-1.0, 1.0])
    stretch = flip @ deprojection_matrix(inclination_deg, line_of_nodes_deg) @ flip
    steep = inclination_deg > HIGH_INCLINATION_DEG
    return stretch, MeasureFlag.HIGH_INCLINATION if steep else MeasureFlag.NONE


def kpc_per_arcsec(redshift: float | None) -> tuple[float, MeasureFlag]:
    """Proper length at a redshift, with the Planck 2018 cosmology; NaN where it is not known."""
    if redshift is None:
        return math.nan, MeasureFlag.NONE
    if not (math.isfinite(redshift) and redshift > 0):
        return math.nan, MeasureFlag.BAD_REDSHIFT
    return float(Planck18.kpc_proper_per_arcmin(redshift).value) / 60, MeasureFlag.NONE


def pixel_of(centre: Centre, frame: ImageFrame) -> Floats:
    """Place a centre on the pixels, shape (2,).

    Raises
    ------
    FrameError
        If it is a place on the sky and the frame has no WCS, or the sky there is not on it.
    ConfigError
        If it is not two finite numbers.
    """
    if isinstance(centre, SkyCoord):
        xy = frame.to_pixel(centre.reshape(-1)[:1])[0]
        if not np.isfinite(xy).all():
            raise FrameError(f"the centre {centre.to_string()} is not on this image's sky")
        return np.asarray(xy)
    xy = np.asarray(centre, dtype=float)
    if xy.shape != (2,) or not np.isfinite(xy).all():
        raise ConfigError(f"centre must be x, y in pixels or a SkyCoord, got {centre!r}")
    return xy


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
