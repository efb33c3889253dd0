"""A measured table as text for a page: units, errors and flags spelt out, all of it escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from astropy.table import QTable

from galseg.measure import decode_flags
from galseg.report.numbers import plain_column, round_to_error

__all__ = ["PageColumn", "page_columns", "picture_column"]

Kind: TypeAlias = Literal["text", "number", "picture"]

_ERR = "_err"
_DEGREES = {"ra_deg", "dec_deg"}


class PageColumn(NamedTuple):
    """One column of a table on a page.

    Attributes
    ----------
    name : str
        As in the table.
    heading : str
        HTML: the name over its unit, with the description as a tooltip.
    cells : list of str
        HTML; empty where there is nothing.
    kind : str
        ``"text"``, ``"number"`` (every cell starts with one) or ``"picture"``.
    """

    name: str
    heading: str
    cells: list[str]
    kind: Kind


def page_columns(table: QTable) -> list[PageColumn]:
    """Spell out a table, column by column.

    A number and its ``_err`` make one column; flags become their names; columns without any
    content are left out.

    Parameters
    ----------
    table : astropy.table.QTable
        Of `galseg.measure.measure_catalog`.

    Returns
    -------
    list of PageColumn

    Examples
    --------
    >>> table = QTable({"galaxy_id": ["<J1>"], "a_deg": [12.34], "a_deg_err": [0.5], "flags": [8]})
    >>> [(column.name, column.cells) for column in page_columns(table)]
    [('galaxy_id', ['&lt;J1&gt;']), ('a_deg', ['12.34 ± 0.50']), ('flags', ['TOUCHES_EDGE'])]
    """
    columns = (
        _page_column(table, name)
        for name in table.colnames
        if name.removesuffix(_ERR) == name or name.removesuffix(_ERR) not in table.colnames
    )
    return [column for column in columns if any(column.cells)]


def picture_column(pictures: list[str]) -> PageColumn:
    """Make a column of HTML elements that show pictures, empty where there is none."""
    return PageColumn("picture", "picture", pictures, "picture")


def _page_column(table: QTable, name: str) -> PageColumn:
    values = plain_column(table[name])
    is_flags = name.endswith("flags")
    if is_flags:
        cells: Sequence[str] = [", ".join(names) for names in decode_flags(values)]
    elif name in _DEGREES:
        cells = ["" if np.isnan(value) else f"{value:.5f}" for value in values]
    elif values.dtype.kind == "f":
        has_err = name + _ERR in table.colnames
        errs = plain_column(table[name + _ERR]) if has_err else np.full(len(values), np.nan)
        cells = [round_to_error(*pair) for pair in zip(values, errs, strict=True)]
    else:
        cells = [str(value) for value in values.tolist()]
    kind: Kind = "number" if values.dtype.kind in "fiu" and not is_flags else "text"
    return PageColumn(name, _heading(table, name), [escape(cell) for cell in cells], kind)


def _heading(table: QTable, name: str) -> str:
    info = table[name].info
    unit = f"<br><small>{escape(str(info.unit))}</small>" if info.unit else ""
    return f'<span title="{escape(info.description or "")}">{escape(name)}</span>{unit}'
