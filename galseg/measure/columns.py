"""Columns of the measured tables: names, units, UCDs and what they mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import astropy.units as u

__all__ = [
    "ARM_COLUMNS",
    "BAR_COLUMNS",
    "GALAXY_COLUMNS",
    "TIDAL_COLUMNS",
    "ColumnSpec",
    "percentile_columns",
    "unit_of",
]

_UNITS = {"deg": u.deg, "arcsec": u.arcsec, "arcsec2": u.arcsec**2, "pix": u.pix, "kpc": u.kpc}
_ERR = "_err"
_PERCENTILES = {"_p16": "16th", "_p84": "84th"}
_LIGHT_PREFIX = "light_"


class ColumnSpec(NamedTuple):
    """One column of a table; its unit stands in its name, see `unit_of`."""

    name: str
    kind: type
    ucd: str
    description: str


def unit_of(name: str) -> u.UnitBase | None:
    """Return the unit that a column's name ends in, before ``_err`` or a percentile.

    Examples
    --------
    >>> unit_of("length_kpc_err"), unit_of("axis_ratio")
    (Unit("kpc"), None)
    """
    for suffix in (_ERR, *_PERCENTILES):
        name = name.removesuffix(suffix)
    return _UNITS.get(name.rpartition("_")[2])


def _measured(name: str, ucd: str, description: str) -> tuple[ColumnSpec, ColumnSpec]:
    """Specify a number and its error."""
    return (
        ColumnSpec(name, float, ucd, description),
        ColumnSpec(name + _ERR, float, f"stat.error;{ucd}", f"one standard deviation of {name}"),
    )


_ANGULAR, _LINEAR, _SHAPE = "phys.angSize;src.morph", "phys.size;src.morph", "src.morph.param"
_MODELLED = ";meta.modelled"
_DIRECTION, _LETTER = "pos.posAng;src.morph", "meta.code.class;src.morph"
_NEAREST, _FARTHEST = "pos.angDistance;stat.min", "pos.angDistance;stat.max"
_AROUND = "pos.azimuth;src.morph"
_PROBABILITY, _QUALITY, _NUMBER = "stat.probability;stat.mean", "meta.code.qual", "meta.number"
_SEEN = "bar, end to end, as seen"
_IN_DISC = "bar, end to end, in the plane of the disc"
_DECODE = "decode with galseg.measure.decode_flags"

_LEVEL = "stat.probability;stat.min"
_OUTLINED = "value of the map at which it was outlined"

_ENDING = (
    ColumnSpec("subject_id", str, "meta.id", "what volunteers drew on; empty for a model's maps"),
    ColumnSpec("status", str, "meta.note", "why a measurement stopped; empty if it did not"),
)

_BAR = (
    ColumnSpec("galaxy_id", str, "meta.id;meta.main", "galaxy"),
    ColumnSpec("ra_deg", float, "pos.eq.ra;meta.main", "right ascension of the bar's middle, ICRS"),
    ColumnSpec("dec_deg", float, "pos.eq.dec;meta.main", "declination of the bar's middle, ICRS"),
    *_measured("length_pix", "phys.angSize;instr.pixel", _SEEN),
    *_measured("length_arcsec", _ANGULAR, _SEEN),
    *_measured("length_kpc", _LINEAR, _SEEN),
    *_measured("length_deprojected_arcsec", _ANGULAR + _MODELLED, _IN_DISC),
    *_measured("length_deprojected_kpc", _LINEAR + _MODELLED, _IN_DISC),
    *_measured("width_arcsec", _ANGULAR, "full width across the bar's middle, as seen"),
    *_measured("axis_ratio", _SHAPE + ";arith.ratio", "width over length of the bar, as seen"),
    *_measured("position_angle_deg", _DIRECTION, "bar, north through east, [0, 180)"),
    ColumnSpec("probability", float, _PROBABILITY, "mean of the map over the bar"),
    ColumnSpec("flags", int, _QUALITY, f"of the bar; {_DECODE}"),
    ColumnSpec("threshold", float, _LEVEL, f"of the bar: {_OUTLINED}"),
    *_measured("centre_offset_arcsec", "pos.angDistance", "of the bar's middle from the centre"),
    *_measured(
        "length_over_disc_diameter",
        _SHAPE + ";arith.ratio",
        "bar over disc, end to end both; the bar's deprojected length if there is one",
    ),
)

_SPIRAL = (
    ColumnSpec("n_arms", float, _NUMBER, "spiral arms; NaN where not looked for"),
    *_measured("pitch_angle_deg", _SHAPE, "mean of the arms of the dominant winding, by length"),
    *_measured(
        "pitch_angle_dispersion_deg", _SHAPE, "scatter between the arms of the dominant winding"
    ),
    ColumnSpec("winding", str, _LETTER, "S or Z, the winding with the greater length of arms"),
    ColumnSpec("winding_share", float, _SHAPE, "share of the arms' length that has that winding"),
    ColumnSpec("spiral_flags", int, _QUALITY, f"of the arms; {_DECODE}"),
    ColumnSpec("spiral_threshold", float, _LEVEL, f"of the arms: {_OUTLINED}"),
)

_TIDAL_SUMMARY = (
    ColumnSpec("n_tidal", float, _NUMBER, "tidal features; NaN where not looked for"),
    ColumnSpec("tidal_flags", int, _QUALITY, f"of the tidal features; {_DECODE}"),
    ColumnSpec("tidal_threshold", float, _LEVEL, f"of the tidal features: {_OUTLINED}"),
)

_LIGHT = (
    *_measured(
        "light_a2_max",
        "stat.Fourier.amplitude;stat.max",
        "greatest m = 2 Fourier amplitude over the mean, in the image",
    ),
    *_measured(
        "light_length_a2_arcsec",
        _ANGULAR,
        "bar in the image, end to end: twice the radius of the greatest m = 2 amplitude",
    ),
    *_measured(
        "light_length_phase_arcsec",
        _ANGULAR,
        "bar in the image, end to end: as far as the m = 2 phase stays within 10 degrees",
    ),
    *_measured(
        "light_position_angle_deg",
        _DIRECTION,
        "bar in the image, from the m = 2 phase, north through east, [0, 180)",
    ),
    *_measured(
        "light_max_ellipticity",
        "src.ellipticity;stat.max",
        "greatest ellipticity of the isophotes; NaN unless they were asked for",
    ),
    *_measured(
        "light_length_max_ellipticity_arcsec",
        _ANGULAR,
        "bar in the image, end to end: twice the semi-major axis of greatest ellipticity",
    ),
    *_measured(
        "light_length_twist_arcsec",
        _ANGULAR,
        "bar in the image, end to end: to where the isophotes have turned by 10 degrees",
    ),
    ColumnSpec(
        "light_deprojected_over_seen",
        float,
        _SHAPE + ";arith.ratio",
        "of a length along the bar in the image; makes each such length the one in the disc",
    ),
    ColumnSpec("light_flags", int, _QUALITY, f"of the bar in the image; {_DECODE}"),
)


def _light_in(name: str, what: str) -> tuple[ColumnSpec, ...]:
    return (
        *_measured(
            f"light_share_{name}", "phot.flux;arith.ratio", f"share of the image's light in {what}"
        ),
        *_measured(
            f"light_contrast_{name}",
            "phot.flux.sb;arith.ratio",
            f"mean light in {what} over that at the same radii beside",
        ),
        ColumnSpec(f"light_{name}_flags", int, _QUALITY, f"of the light in {what}; {_DECODE}"),
    )


_BAR_LIGHT = _light_in("bar", "the bar")
_OTHER_LIGHT = (*_light_in("arms", "the arms"), *_light_in("tidal", "the tidal features"))

BAR_COLUMNS: tuple[ColumnSpec, ...] = (*_BAR, *_LIGHT, *_BAR_LIGHT, *_ENDING)

GALAXY_COLUMNS: tuple[ColumnSpec, ...] = (
    *_BAR,
    *_SPIRAL,
    *_TIDAL_SUMMARY,
    *_LIGHT,
    *_BAR_LIGHT,
    *_OTHER_LIGHT,
    *_ENDING,
)

ARM_COLUMNS: tuple[ColumnSpec, ...] = (
    ColumnSpec("galaxy_id", str, "meta.id.parent", "galaxy"),
    ColumnSpec(
        "arm_id",
        int,
        "meta.id.part;meta.main",
        "number of the arm in its galaxy, the longest is 1; 0 where the arms could not be measured",
    ),
    *_measured("pitch_angle_deg", _SHAPE, "between the arm and a circle"),
    ColumnSpec(
        "winding", str, _LETTER, "S clockwise going outwards as seen on the sky, Z anticlockwise"
    ),
    *_measured("r_inner_arcsec", _NEAREST, "radius where the arm starts"),
    *_measured("r_outer_arcsec", _FARTHEST, "radius where the arm ends"),
    *_measured("arc_length_arcsec", _ANGULAR, "length along the arm"),
    *_measured("azimuth_deg", _AROUND, "angle that the arm covers, over 360 for more than a turn"),
    *_measured("width_arcsec", _ANGULAR, "median width across the arm"),
    ColumnSpec("probability", float, _PROBABILITY, "mean of the map along the middle of the arm"),
    ColumnSpec("flags", int, _QUALITY, _DECODE),
    ColumnSpec("threshold", float, _LEVEL, _OUTLINED),
    *_measured(
        "pitch_angle_change_deg",
        _SHAPE,
        "pitch angle at the outer end minus that at the inner end",
    ),
    *_ENDING,
)

TIDAL_COLUMNS: tuple[ColumnSpec, ...] = (
    ColumnSpec("galaxy_id", str, "meta.id.parent", "galaxy"),
    ColumnSpec(
        "tidal_id",
        int,
        "meta.id.part;meta.main",
        "number of the feature in its galaxy, the largest is 1; 0 where they could not be measured",
    ),
    ColumnSpec("ra_deg", float, "pos.eq.ra;meta.main", "right ascension halfway along it, ICRS"),
    ColumnSpec("dec_deg", float, "pos.eq.dec;meta.main", "declination halfway along it, ICRS"),
    *_measured("area_arcsec2", "phys.angArea;src.morph", "solid angle"),
    *_measured("perimeter_arcsec", _ANGULAR, "of its outlines, those of holes too"),
    *_measured("length_arcsec", _ANGULAR, "along the medial axis, end to end"),
    *_measured("length_kpc", _LINEAR, "along the medial axis, end to end"),
    *_measured("width_arcsec", _ANGULAR, "mean across the medial axis: area over length"),
    *_measured(
        "curvature", _SHAPE, "turning of the medial axis from end to end in radians; 0 straight"
    ),
    *_measured("elongation", _SHAPE + ";arith.ratio", "major over minor axis of its moments"),
    *_measured("position_angle_deg", _DIRECTION, "major axis, north through east, [0, 180)"),
    *_measured(
        "orientation_deg",
        _DIRECTION,
        "between the medial axis and the direction to the host: 0 radial, 90 round it",
    ),
    *_measured("distance_arcsec", "pos.angDistance", "from the host's centre to halfway along it"),
    *_measured(
        "distance_kpc", "pos.distance", "from the host's centre to halfway along it, in projection"
    ),
    *_measured("r_inner_arcsec", _NEAREST, "least distance of it from the host's centre"),
    *_measured("r_outer_arcsec", _FARTHEST, "greatest distance of it from the host's centre"),
    *_measured("azimuth_deg", _AROUND, "angle round the host that it covers"),
    *_measured("solidity", _SHAPE + ";arith.ratio", "share of its convex hull that it fills"),
    ColumnSpec("shape", str, _LETTER, "stream, shell, tail or plume; empty where it is not clear"),
    ColumnSpec("probability", float, _PROBABILITY, "mean of the map over it"),
    ColumnSpec("n_dropped", int, _NUMBER, "specks of the same map too small for a row"),
    ColumnSpec("flags", int, _QUALITY, _DECODE),
    ColumnSpec("threshold", float, _LEVEL, _OUTLINED),
    *_ENDING,
)


def percentile_columns(columns: Sequence[ColumnSpec]) -> tuple[ColumnSpec, ...]:
    """Specify the 16th and 84th percentile of every column that draws give an error.

    Those are all with an error, but for the light of the image, which is not drawn.

    Examples
    --------
    >>> [column.name for column in percentile_columns(ARM_COLUMNS)][:2]
    ['pitch_angle_deg_p16', 'pitch_angle_deg_p84']
    """
    names = {column.name for column in columns}
    return tuple(
        ColumnSpec(
            column.name + suffix,
            float,
            f"stat.percentile;{column.ucd}",
            f"{rank} percentile of {column.name}",
        )
        for column in columns
        if column.name + _ERR in names and not column.name.startswith(_LIGHT_PREFIX)
        for suffix, rank in _PERCENTILES.items()
    )
