"""Columns of the measured tables: names, units and what they mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import astropy.units as u
import numpy as np
from astropy.table import Column, QTable
from numpy.typing import NDArray

__all__ = ["ARM_COLUMNS", "GALAXY_COLUMNS", "ColumnSpec", "build_table"]


class ColumnSpec(NamedTuple):
    """One column of a table."""

    name: str
    kind: type
    unit: u.UnitBase | None
    description: str


def _measured(name: str, unit: u.UnitBase | None, description: str) -> tuple[ColumnSpec, ...]:
    """Specify a number and its error."""
    return (
        ColumnSpec(name, float, unit, description),
        ColumnSpec(f"{name}_err", float, unit, f"one standard deviation of {name}"),
    )


_SEEN = "bar, end to end, as seen"
_IN_DISC = "bar, end to end, in the plane of the disc"

GALAXY_COLUMNS: tuple[ColumnSpec, ...] = (
    ColumnSpec("galaxy_id", str, None, "galaxy"),
    ColumnSpec("ra_deg", float, u.deg, "right ascension of the bar's middle, ICRS"),
    ColumnSpec("dec_deg", float, u.deg, "declination of the bar's middle, ICRS"),
    *_measured("length_pix", u.pix, _SEEN),
    *_measured("length_arcsec", u.arcsec, _SEEN),
    *_measured("length_kpc", u.kpc, _SEEN),
    *_measured("length_deprojected_arcsec", u.arcsec, _IN_DISC),
    *_measured("length_deprojected_kpc", u.kpc, _IN_DISC),
    *_measured("width_arcsec", u.arcsec, "full width across the bar's middle, as seen"),
    *_measured("axis_ratio", None, "width over length of the bar, as seen"),
    *_measured("position_angle_deg", u.deg, "bar, north through east, [0, 180)"),
    ColumnSpec("probability", float, None, "mean of the map over the bar"),
    ColumnSpec("flags", int, None, "of the bar; decode with galseg.measure.decode_flags"),
    ColumnSpec("n_arms", float, None, "spiral arms; NaN where not looked for"),
    *_measured("pitch_angle_deg", u.deg, "mean of the arms of the dominant winding, by length"),
    ColumnSpec("winding", str, None, "S or Z, the winding with the greater length of arms"),
    ColumnSpec("spiral_flags", int, None, "of the arms; decode with galseg.measure.decode_flags"),
    ColumnSpec("status", str, None, "why a measurement stopped; empty if it did not"),
)

ARM_COLUMNS: tuple[ColumnSpec, ...] = (
    ColumnSpec("galaxy_id", str, None, "galaxy"),
    ColumnSpec("arm_id", int, None, "number of the arm in its galaxy, the longest is 1"),
    *_measured("pitch_angle_deg", u.deg, "between the arm and a circle"),
    ColumnSpec(
        "winding", str, None, "S clockwise going outwards as seen on the sky, Z anticlockwise"
    ),
    *_measured("r_inner_arcsec", u.arcsec, "radius where the arm starts"),
    *_measured("r_outer_arcsec", u.arcsec, "radius where the arm ends"),
    *_measured("arc_length_arcsec", u.arcsec, "length along the arm"),
    *_measured("azimuth_deg", u.deg, "angle that the arm covers, over 360 for more than a turn"),
    *_measured("width_arcsec", u.arcsec, "median width across the arm"),
    ColumnSpec("probability", float, None, "mean of the map along the middle of the arm"),
    ColumnSpec("flags", int, None, "decode with galseg.measure.decode_flags"),
)


def build_table(rows: Iterable[Mapping[str, Any]], columns: Sequence[ColumnSpec]) -> QTable:
    """Make a table with units and descriptions from rows that name every column.

    Examples
    --------
    >>> table = build_table([], ARM_COLUMNS)
    >>> len(table), str(table["width_arcsec"].unit)
    (0, 'arcsec')
    """
    listed = list(rows)
    table = QTable()
    for name, kind, unit, description in columns:
        values: NDArray[Any] = np.array([row[name] for row in listed], dtype=kind)
        table[name] = Column(values, description=description) if unit is None else values * unit
        table[name].info.description = description
    return table
