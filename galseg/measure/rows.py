"""What one measured galaxy adds to the tables of a catalogue."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from galseg.measure.columns import (
    ARM_COLUMNS,
    GALAXY_COLUMNS,
    TIDAL_COLUMNS,
    ColumnSpec,
    percentile_columns,
)
from galseg.measure.flags import MeasureFlag
from galseg.measure.galaxy import LIGHT, GalaxyMeasurement
from galseg.measure.photometry import RegionLight
from galseg.measure.spread import Percentiles
from galseg.measure.task import MEASURED

__all__ = ["CatalogRows", "Row", "catalog_columns", "catalog_rows"]

_BAR, _SPIRAL, _TIDAL = MEASURED
_THRESHOLDS = {_BAR: "threshold", _SPIRAL: "spiral_threshold", _TIDAL: "tidal_threshold"}
_LIGHT_NAMES = {_BAR: "bar", _SPIRAL: "arms", _TIDAL: "tidal"}
_UNKNOWN = {float: math.nan, str: "", int: 0}

Row: TypeAlias = tuple[Any, ...]


class CatalogRows(NamedTuple):
    """The rows of one galaxy in the tables of a catalogue, values in the order of their columns.

    Attributes
    ----------
    galaxies : tuple of tuple
        One row.
    arms : tuple of tuple
        One an arm; one that tells it where the arms could not be measured.
    tidal : tuple of tuple
        One a tidal feature; one that tells it where they could not be measured.
    """

    galaxies: tuple[Row, ...]
    arms: tuple[Row, ...]
    tidal: tuple[Row, ...]


def catalog_columns(*, percentiles: bool = False) -> tuple[tuple[ColumnSpec, ...], ...]:
    """Return the columns of the galaxies, the arms and the tidal features."""
    columns = GALAXY_COLUMNS, ARM_COLUMNS, TIDAL_COLUMNS
    if not percentiles:
        return columns
    return tuple((*specs, *percentile_columns(specs)) for specs in columns)


def catalog_rows(one: GalaxyMeasurement, *, percentiles: bool = False) -> CatalogRows:
    """Return what one galaxy adds to the tables of a catalogue.

    Parameters
    ----------
    one : GalaxyMeasurement
    percentiles : bool, optional
        Whether rows end with the percentiles of the draws.

    Returns
    -------
    CatalogRows
        In the order of `catalog_columns`.

    Examples
    --------
    >>> rows = catalog_rows(GalaxyMeasurement(galaxy_id="J1"))
    >>> rows.galaxies[0][0], rows.arms
    ('J1', ())
    """
    values = [_galaxy_row(one)], _part_rows(one, _SPIRAL), _part_rows(one, _TIDAL)
    return CatalogRows(
        *(
            tuple(_in_order(row, specs) for row in rows)
            for rows, specs in zip(values, catalog_columns(percentiles=percentiles), strict=True)
        )
    )


def _galaxy_row(one: GalaxyMeasurement) -> dict[str, Any]:
    return {
        **vars(one.spiral),
        **vars(one.bar),
        **{f"light_{name}": value for name, value in vars(one.bar_light).items()},
        **_percentiles(one.percentiles.get(_BAR, ({},))[0]),
        **_percentiles(one.percentiles.get(_SPIRAL, ({},))[0]),
        **_light_numbers(one),
        "galaxy_id": one.galaxy_id,
        "subject_id": one.subject_id,
        "n_arms": _count(one.spiral.n_arms, one.spiral.flags),
        "spiral_flags": one.spiral.flags,
        "n_tidal": _count(len(one.tidal), one.tidal_flags),
        "tidal_flags": one.tidal_flags,
        **{column: one.thresholds.get(name, math.nan) for name, column in _THRESHOLDS.items()},
        "status": one.status,
    }


def _light_numbers(one: GalaxyMeasurement) -> dict[str, Any]:
    unknown = MeasureFlag.FAILED if LIGHT in one.problems else MeasureFlag.NO_DATA
    numbers: dict[str, Any] = {}
    for feature, name in _LIGHT_NAMES.items():
        light = one.feature_light.get(feature, RegionLight(flags=unknown))
        numbers |= {
            f"light_share_{name}": light.total_share,
            f"light_share_{name}_err": light.total_share_err,
            f"light_contrast_{name}": light.contrast,
            f"light_contrast_{name}_err": light.contrast_err,
            f"light_{name}_flags": light.flags,
        }
    return numbers


def _part_rows(one: GalaxyMeasurement, feature: str) -> list[dict[str, Any]]:
    """Rows of the arms or the tidal features; one that tells it, if they could not be measured."""
    level = one.thresholds.get(feature, math.nan)
    about = {
        "galaxy_id": one.galaxy_id,
        "subject_id": one.subject_id,
        "threshold": level,
        "status": "",
    }
    if feature in one.problems:
        return [{**about, "flags": MeasureFlag.FAILED, "status": one.problems[feature]}]
    parts: Sequence[Any] = one.spiral.arms if feature == _SPIRAL else one.tidal
    drawn = one.percentiles.get(feature, ())[1:] or ({},) * len(parts)
    return [
        {**vars(part), **_percentiles(percentiles), **about}
        for part, percentiles in zip(parts, drawn, strict=True)
    ]


def _count(n: int, flags: MeasureFlag) -> float:
    return math.nan if flags & (MeasureFlag.NO_DATA | MeasureFlag.FAILED) else n


def _percentiles(drawn: Percentiles) -> dict[str, float]:
    return {
        f"{name}_{end}": value
        for name, both in drawn.items()
        for end, value in zip(("p16", "p84"), both, strict=True)
    }


def _in_order(row: Mapping[str, Any], columns: Sequence[ColumnSpec]) -> Row:
    """Take a row's columns and no more; what is not there is unknown."""
    return tuple(row.get(column.name, _UNKNOWN[column.kind]) for column in columns)
