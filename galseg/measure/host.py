"""What is known of a galaxy beside its image: centre, disc, distance."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TypeAlias

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord
from astropy.cosmology import FLRW, Planck18
from astropy.table import Table
from numpy.typing import NDArray

from galseg.errors import ConfigError, FrameError, ShapeError
from galseg.frame import ImageFrame
from galseg.measure.deprojection import HIGH_INCLINATION_DEG, deprojection_matrix
from galseg.measure.flags import MeasureFlag
from galseg.measure.plane import LocalPlane

__all__ = ["Centre", "Host", "disc_stretch", "hosts_from_table", "kpc_per_arcsec", "pixel_of"]

Floats = NDArray[np.float64]
Centre: TypeAlias = tuple[float, float] | SkyCoord

_KNOWN_COLUMNS = (
    "redshift",
    "distance_mpc",
    "inclination_deg",
    "line_of_nodes_deg",
    "disc_radius_arcsec",
)
_ERR_COLUMNS = (*(f"{name}_err" for name in _KNOWN_COLUMNS), "centre_arcsec_err")
_PLACE_COLUMNS = ("ra_deg", "dec_deg")
_EDGE_ON = math.nextafter(90.0, 0.0)


@dataclass(frozen=True)
class Host:
    """Properties of one galaxy that a measurement may use; None where unknown.

    Every ``_err`` is one standard deviation, zero where none was given.

    Attributes
    ----------
    redshift : float or None
    distance_mpc : float or None
        Angular diameter distance; used instead of the redshift's where it is given.
    inclination_deg, line_of_nodes_deg : float or None
        Of the disc: 0 face-on; north through east.
    disc_radius_arcsec : float or None
        Semi-major axis of the disc, by whatever definition the source has (R25, an isophote).
    centre : tuple of float (x, y), SkyCoord or None
    centre_arcsec_err : float
        Along each axis.
    """

    redshift: float | None = None
    redshift_err: float = 0.0
    distance_mpc: float | None = None
    distance_mpc_err: float = 0.0
    inclination_deg: float | None = None
    inclination_deg_err: float = 0.0
    line_of_nodes_deg: float | None = None
    line_of_nodes_deg_err: float = 0.0
    disc_radius_arcsec: float | None = None
    disc_radius_arcsec_err: float = 0.0
    centre: Centre | None = None
    centre_arcsec_err: float = 0.0

    def drawn(self, rng: np.random.Generator, *, frame: ImageFrame | None = None) -> Host:
        """Draw one galaxy that this one may be, each property from a normal distribution.

        What falls below its range comes back from the border: an inclination of -5 degrees is
        the disc at 5, one of 95 the disc at 85; distances, redshifts and radii stay above zero.
        Errors are kept, and so is what has none.

        Parameters
        ----------
        rng : numpy.random.Generator
            As many numbers are taken from it whatever is known.
        frame : ImageFrame, optional
            Needed to move a centre that is given in pixels.

        Returns
        -------
        Host

        Raises
        ------
        FrameError
            If the centre is in pixels with an error in arcsec, and there is no WCS to compare.

        Examples
        --------
        >>> host = Host(inclination_deg=40.0, inclination_deg_err=3.0)
        >>> round(host.drawn(np.random.default_rng(1)).inclination_deg, 1)
        41.0
        """
        *scores, right, up = rng.standard_normal(len(_KNOWN_COLUMNS) + 2)
        drawn: dict[str, float] = {}
        for name, score in zip(_KNOWN_COLUMNS, scores, strict=True):
            value, err = getattr(self, name), getattr(self, f"{name}_err")
            if value is not None and err:
                drawn[name] = _within_range(name, value, float(value + err * score))
        centre = self.centre
        if centre is not None and self.centre_arcsec_err:
            centre = _moved(centre, self.centre_arcsec_err * np.array([right, up]), frame)
        return replace(self, centre=centre, **drawn)


def _within_range(name: str, value: float, draw: float) -> float:
    """Bring a draw back to where the property is defined; a bad value stays as it is."""
    if name == "line_of_nodes_deg":
        return draw % 180.0
    if name == "inclination_deg":
        return min(abs((draw + 90.0) % 180.0 - 90.0), _EDGE_ON)
    return abs(draw) if value > 0 else value


def _moved(centre: Centre, offset_arcsec: Floats, frame: ImageFrame | None) -> Centre:
    """Move a centre to the right (west) and up (north) of where it is."""
    if isinstance(centre, SkyCoord):
        west, north = offset_arcsec * u.arcsec
        return centre.icrs.spherical_offsets_by(-west, north)
    if frame is None or not frame.has_sky:
        raise FrameError(
            "the centre is in pixels and centre_arcsec_err in arcsec; give a frame with a WCS, "
            "the centre as a SkyCoord, or no error"
        )
    plane = LocalPlane.at(frame, centre)
    x, y = plane.to_pixel(offset_arcsec / plane.unit_arcsec)
    return float(x), float(y)


def hosts_from_table(table: Table) -> dict[str, Host]:
    """Read what is known of galaxies from a table.

    Parameters
    ----------
    table : astropy.table.Table or pandas.DataFrame
        With ``galaxy_id`` and any of ``redshift``, ``distance_mpc``, ``inclination_deg``,
        ``line_of_nodes_deg``, ``disc_radius_arcsec``, their ``_err``, and ``ra_deg`` with
        ``dec_deg`` for the centre (ICRS) and ``centre_arcsec_err``. NaN or masked: unknown.

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
    numbers: dict[str, Floats] = {
        name: np.asarray(np.ma.filled(np.ma.asarray(table[name], dtype=float), np.nan))
        for name in (*_KNOWN_COLUMNS, *_ERR_COLUMNS, *_PLACE_COLUMNS)
        if name in names
    }
    hosts = {}
    for row, galaxy_id in enumerate(table["galaxy_id"]):
        given = {name: float(values[row]) for name, values in numbers.items()
                 if np.isfinite(values[row])}  # fmt: skip
        place = [given.pop(name, None) for name in _PLACE_COLUMNS]
        centre = None if None in place else SkyCoord(*place, unit="deg")
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


def kpc_per_arcsec(
    redshift: float | None,
    *,
    distance_mpc: float | None = None,
    cosmology: FLRW = Planck18,
) -> tuple[float, MeasureFlag]:
    """Proper length on the sky from a distance, else a redshift; NaN where neither is known.

    Raises
    ------
    ConfigError
        If the distance is not above zero.
    """
    if distance_mpc is not None:
        if not (math.isfinite(distance_mpc) and distance_mpc > 0):
            raise ConfigError(f"distance_mpc must be above 0, got {distance_mpc}")
        return math.radians(distance_mpc * 1000 / 3600), MeasureFlag.NONE
    if redshift is None:
        return math.nan, MeasureFlag.NONE
    if not (math.isfinite(redshift) and redshift > 0):
        return math.nan, MeasureFlag.BAD_REDSHIFT
    distance = cosmology.angular_diameter_distance(redshift).to_value("kpc")
    return math.radians(float(distance) / 3600), MeasureFlag.NONE


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
        xy = frame.to_pixel(centre)[0]
        if not np.isfinite(xy).all():
            raise FrameError(f"the centre {centre.to_string()} is not on this image's sky")
        return np.asarray(xy)
    xy = np.asarray(centre, dtype=float)
    if xy.shape != (2,) or not np.isfinite(xy).all():
        raise ConfigError(f"centre must be x, y in pixels or a SkyCoord, got {centre!r}")
    return xy
