"""Tables for a paper: numbers with their errors, rounded, in LaTeX."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from astropy.table import Table
from numpy.typing import NDArray

from galseg.measure.columns import unit_of

__all__ = ["write_latex"]

Floats = NDArray[np.float64]

_UNDEFINED = r"\ldots"
_DIGITS = 2  # of an error; its number keeps as many decimals
_DIGITS_ALONE = 4  # of a number without an error
_DECIMALS_OF_PLACE = 5  # of degrees on the sky: 0.04 arcsec
_PARTS = ("_err", "_p16", "_p84")
_ESCAPES = str.maketrans(
    {sign: f"\\{sign}" for sign in "&%$#_{}"}
    | {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\\": r"\textbackslash{}"}
)


def write_latex(path: Path, table: Table) -> None:
    r"""Write a table that any LaTeX document class sets.

    A number and its error share a column, as ``$31.52 \pm 0.41$``, or, where the table has the
    16th and 84th percentiles, as ``$31.52^{+0.52}_{-0.33}$``. The smaller error keeps two digits
    and the number as many decimals. What is undefined is an ellipsis.

    Parameters
    ----------
    path : pathlib.Path
    table : astropy.table.Table
        Few columns fit a page: choose them first, with their ``_err``, as in
        ``table["galaxy_id", "length_arcsec", "length_arcsec_err"]``.

    Examples
    --------
    >>> import tempfile
    >>> table = Table({"galaxy_id": ["J1_a"], "length_kpc": [5.234], "length_kpc_err": [0.21]})
    >>> path = Path(tempfile.mkdtemp()) / "bars.tex"
    >>> write_latex(path, table)
    >>> print(path.read_text().strip())
    \begin{table}
    \begin{tabular}{cc}
    \hline
    galaxy id & length ($\mathrm{kpc}$) \\
    \hline
    J1\_a & $5.23 \pm 0.21$ \\
    \hline
    \end{tabular}
    \end{table}
    """
    printed = Table()
    for name in table.colnames:
        if not any(name.endswith(end) and name.removesuffix(end) in table.columns
                   for end in _PARTS):  # fmt: skip
            printed[_heading(name)] = _cells(table, name)
    lines = dict.fromkeys(("header_start", "header_end", "data_end"), r"\hline")
    printed.write(path, format="ascii.latex", latexdict=lines, overwrite=True)


def _heading(name: str) -> str:
    unit = unit_of(name)
    if unit is None:
        return name.replace("_", " ")
    words, _, _ = name.rpartition("_")
    return f"{words.replace('_', ' ')} ({unit.to_string('latex_inline')})"


def _cells(table: Table, name: str) -> list[str]:
    column = table[name]
    if column.dtype.kind != "f":
        return [
            _UNDEFINED if value is np.ma.masked else str(value).translate(_ESCAPES) or _UNDEFINED
            for value in column
        ]
    values = _bare(column)
    ends = [f"{name}_p16", f"{name}_p84"]
    if all(end in table.columns for end in ends):
        low, high = (_bare(table[end]) for end in ends)
        return list(map(_between, values, values - low, high - values))
    if f"{name}_err" in table.columns:
        return list(map(_with_error, values, _bare(table[f"{name}_err"])))
    return [_alone(value, name) for value in values]


def _bare(column: Any) -> Floats:
    return np.asarray(np.ma.filled(getattr(column, "value", column), np.nan), dtype=float)


def _alone(value: float, name: str) -> str:
    if not math.isfinite(value):
        return _UNDEFINED
    if name in ("ra_deg", "dec_deg"):
        return f"${value:.{_DECIMALS_OF_PLACE}f}$"
    digits = np.format_float_positional(value, _DIGITS_ALONE, fractional=False, trim="-")
    return f"${digits}$"


def _with_error(value: float, error: float) -> str:
    if not (math.isfinite(value) and math.isfinite(error)):
        return _alone(value, "")
    decimals = _decimals(error)
    return rf"${value:.{decimals}f} \pm {error:.{decimals}f}$"


def _between(value: float, below: float, above: float) -> str:
    if not np.isfinite([value, below, above]).all():
        return _alone(value, "")
    decimals = _decimals(min(abs(below), abs(above)) or max(abs(below), abs(above)))
    return f"${value:.{decimals}f}^{{{above:+.{decimals}f}}}_{{{-below:+.{decimals}f}}}$"


def _decimals(error: float) -> int:
    """Decimals that leave an error its digits; at least none and at most those of a double."""
    if error <= 0:
        return _DIGITS_ALONE
    return min(max(_DIGITS - 1 - math.floor(math.log10(error)), 0), 12)
