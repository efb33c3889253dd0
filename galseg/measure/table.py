"""Tables with units, descriptions and UCDs, from rows and the columns they fill."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from astropy.table import Column, QTable
from numpy.typing import NDArray

from galseg.measure.columns import ColumnSpec, unit_of
from galseg.measure.flags import decode_flags

__all__ = ["build_table", "with_decoded_flags"]


def build_table(rows: Iterable[Sequence[Any]], columns: Sequence[ColumnSpec]) -> QTable:
    """Make a table with units, descriptions and UCDs.

    Parameters
    ----------
    rows : iterable of sequence
        One value a column.
    columns : sequence of ColumnSpec

    Returns
    -------
    astropy.table.QTable
        The UCD of a column is its ``info.meta["ucd"]``, where astropy's VOTable writer looks.

    Examples
    --------
    >>> from galseg.measure.columns import ARM_COLUMNS
    >>> table = build_table([], ARM_COLUMNS)
    >>> len(table), str(table["width_arcsec"].unit), table["width_arcsec"].info.meta["ucd"]
    (0, 'arcsec', 'phys.angSize;src.morph')
    """
    listed = list(rows)
    table = QTable()
    for place, (name, kind, ucd, description) in enumerate(columns):
        values: NDArray[Any] = np.array([row[place] for row in listed], dtype=kind)
        unit = unit_of(name)
        table[name] = Column(values) if unit is None else values * unit
        table[name].info.description = description
        table[name].info.meta = {"ucd": ucd}
    return table


def with_decoded_flags(table: QTable, *, separator: str = " ") -> QTable:
    """Put the names of the flags beside every column of flags, as ``<column>_decoded``.

    Parameters
    ----------
    table : astropy.table.QTable
        Of `galseg.measure.measure_catalog`.
    separator : str, optional
        Between names.

    Returns
    -------
    astropy.table.QTable
        A copy.

    Examples
    --------
    >>> with_decoded_flags(QTable({"flags": [0, 12]}))["flags_decoded"].tolist()
    ['', 'NO_WCS TOUCHES_EDGE']
    """
    decoded = table.copy()
    for name in [name for name in table.colnames if name.endswith("flags")]:
        texts = np.array([separator.join(names) for names in decode_flags(table[name])], dtype=str)
        decoded.add_column(
            Column(texts, name=f"{name}_decoded", description=f"names of the bits of {name}"),
            index=decoded.colnames.index(name) + 1,
        )
        decoded[f"{name}_decoded"].info.meta = {"ucd": "meta.code.qual"}
    return decoded
