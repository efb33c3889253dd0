"""Numbers out of tables, and as people write them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from astropy.table import Column
from astropy.units import Quantity
from numpy.typing import NDArray

__all__ = ["plain_column", "round_to_error"]

_MAX_DECIMALS = 6


def plain_column(column: Quantity | Column) -> NDArray[Any]:
    """Take the bare numbers or texts of a column; what is masked is NaN or empty."""
    values = column.value if isinstance(column, Quantity) else column
    if not np.ma.isMaskedArray(values):
        return np.asarray(values)
    is_number = values.dtype.kind in "iuf"
    numbers_or_texts = values.astype(float) if is_number else values
    return np.asarray(np.ma.filled(numbers_or_texts, np.nan if is_number else ""))


def round_to_error(value: float, err: float = math.nan, *, unit: str = "") -> str:
    """Write a number with its error, both to two digits of the error.

    Parameters
    ----------
    value : float
    err : float, optional
        One standard deviation; NaN, zero or infinite if it is not known, and four digits of the
        number are written.
    unit : str, optional
        Follows the number and the error, as in ``31.5″ ± 0.4″``.

    Returns
    -------
    str
        Empty if the number is NaN.

    Examples
    --------
    >>> round_to_error(31.4567, 0.4321, unit="″")
    '31.46″ ± 0.43″'
    >>> round_to_error(1234.5, 67.8)
    '1234 ± 68'
    >>> round_to_error(31.4567), round_to_error(math.nan)
    ('31.46', '')
    """
    if math.isnan(value):
        return ""
    if not (math.isfinite(err) and err > 0):
        return f"{value:.4g}{unit}"
    decimals = min(max(1 - math.floor(math.log10(err)), 0), _MAX_DECIMALS)
    return f"{value:.{decimals}f}{unit} ± {err:.{decimals}f}{unit}"
