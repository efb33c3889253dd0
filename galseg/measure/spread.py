"""How much a measurement differs between draws, put into its errors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from galseg.measure.flags import MeasureFlag

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = ["Percentiles", "Spread", "err_names", "spread_of"]

Floats = NDArray[np.float64]
Percentiles: TypeAlias = dict[str, tuple[float, float]]
Record = TypeVar("Record", bound="DataclassInstance")

_ONE_SIGMA = (16, 50, 84)
_CIRCULAR = "position_angle_deg"
_HALF_TURN = 180.0


@dataclass(frozen=True)
class Spread(Generic[Record]):
    """A record with the errors that its draws give, and percentiles by the name of a field."""

    record: Record
    percentiles: Percentiles


def err_names(record: DataclassInstance) -> tuple[str, ...]:
    """Return the fields of a record that have an ``_err`` beside them."""
    names = [field.name for field in fields(record)]
    return tuple(name for name in names if f"{name}_err" in names)


def spread_of(
    record: Record, draws: Sequence[Record | None], *, fixed: Record | None = None
) -> Spread[Record]:
    """Replace every ``_err`` of a record by what its draws and its own error say together.

    The error is the standard deviation of the draws, added in quadrature to the error that the
    record had. The percentiles are those of the draws, as far again from their median. Position
    angles are taken modulo 180 degrees.

    Parameters
    ----------
    record : dataclass
        With a field ``flags``.
    draws : sequence of dataclass or None
        The same measured on every draw; None where it could not be.
    fixed : dataclass, optional
        Where the record's own errors are taken from, if not from itself.

    Returns
    -------
    Spread
        With FEW_DRAWS where a quantity is defined in fewer than half of the draws. Its error is
        NaN where fewer than two have it.

    Examples
    --------
    >>> from galseg.measure.bar import BarMeasurement
    >>> draws = [BarMeasurement(position_angle_deg=angle) for angle in (178.0, 179.0, 1.0, 2.0)]
    >>> spread = spread_of(BarMeasurement(position_angle_deg=0.5), draws)
    >>> round(spread.record.position_angle_deg_err, 2)
    1.83
    """
    changes: dict[str, Any] = {}
    percentiles: Percentiles = {}
    flags: MeasureFlag = record.flags  # type: ignore[attr-defined]
    for name in err_names(record):
        value = getattr(record, name)
        own_err = float(np.nan_to_num(getattr(fixed or record, f"{name}_err")))
        drawn = _known(name, value, draws)
        if math.isfinite(value) and len(drawn) < len(draws) / 2:
            flags |= MeasureFlag.FEW_DRAWS
        if not math.isfinite(value) or len(drawn) < 2:
            changes[f"{name}_err"] = math.nan
            percentiles[name] = (math.nan, math.nan)
            continue
        changes[f"{name}_err"] = math.hypot(float(np.std(drawn, ddof=1)), own_err)
        percentiles[name] = _percentiles(name, drawn, own_err)
    return Spread(replace(record, flags=flags, **changes), percentiles)


def _known(name: str, value: float, draws: Sequence[Record | None]) -> Floats:
    """Return the draws in which a quantity is defined; angles on the same side as `value`."""
    drawn: Floats = np.array([getattr(draw, name, math.nan) for draw in draws], dtype=np.float64)
    drawn = drawn[np.isfinite(drawn)]
    if not name.endswith(_CIRCULAR):
        return drawn
    return np.asarray(value + (drawn - value + _HALF_TURN / 2) % _HALF_TURN - _HALF_TURN / 2)


def _percentiles(name: str, drawn: Floats, own_err: float) -> tuple[float, float]:
    low, middle, high = (float(p) for p in np.percentile(drawn, _ONE_SIGMA))
    ends = middle - math.hypot(middle - low, own_err), middle + math.hypot(high - middle, own_err)
    if not name.endswith(_CIRCULAR):
        return ends
    return ends[0] % _HALF_TURN, ends[1] % _HALF_TURN
