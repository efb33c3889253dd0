"""Tables in text, FITS and VOTable, which are read whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
from astropy import units as u
from astropy.table import Column

from galseg.errors import FormatError, MissingInputError
from galseg.io.provenance import hash_of
from galseg.io.tables import read_table
from galseg.survey.sources.columns import Columns, FoundColumns

__all__ = ["WholeTable", "read_whole_table"]


@dataclass(frozen=True, eq=False)
class WholeTable:
    """The columns of a table that a survey needs, in memory."""

    path: Path
    table: pa.Table
    fingerprint: str

    @property
    def schema(self) -> pa.Schema:
        """Of these columns."""
        return self.table.schema

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def parts(self, rows: range) -> Iterator[_Slice]:
        """Return the rows as one part."""
        yield _Slice(self.table, rows)

    def place(self, row: int) -> str:
        """Say which row of the file this is, the first being 1."""
        return f"{self.path}, row {row + 1}"


@dataclass(frozen=True, eq=False)
class _Slice:
    table: pa.Table
    rows: range

    def read(self, columns: Sequence[str]) -> pa.Table:
        return self.table.select(list(columns)).slice(self.rows.start, len(self.rows))


def read_whole_table(path: Path, columns: Columns) -> tuple[WholeTable, FoundColumns]:
    """Read the columns of a table that a survey needs.

    Parameters
    ----------
    path : pathlib.Path
        CSV, ECSV, FITS or VOTable.
    columns : Columns

    Raises
    ------
    MissingInputError
        If there is no such file, or no row in it.
    FormatError
        If it is no table, or a column is not there.
    """
    if not path.is_file():
        raise MissingInputError(f"no table at {path}")
    if path.suffix.lower() == ".csv":
        table, found = _read_csv(path, columns)
    else:
        stored = read_table(path)
        found = columns.find(stored.colnames, where=str(path))
        wanted = dict.fromkeys([found.image, *found.labels])
        table = pa.table({name: _as_arrow(path, name, stored[name]) for name in wanted})
    if not table.num_rows:
        raise MissingInputError(f"{path} holds no rows")
    return WholeTable(path, table, hash_of(path)), found


def _read_csv(path: Path, columns: Columns) -> tuple[pa.Table, FoundColumns]:
    """Read a CSV file; identifiers of digits stay text, so that zeros in front are kept."""
    try:
        with pyarrow.csv.open_csv(path) as head:
            names = head.schema.names
        found = columns.find(names, where=str(path))
        kinds = dict.fromkeys([found.ra, found.dec], pa.float64())
        kinds |= dict.fromkeys([found.image, found.galaxy_id], pa.string())
        kinds.pop(None, None)
        options = pyarrow.csv.ConvertOptions(include_columns=list(kinds), column_types=kinds)
        return pyarrow.csv.read_csv(path, convert_options=options), found
    except (pa.ArrowException, KeyError, ValueError, OSError) as error:
        if isinstance(error, FormatError):
            raise
        raise FormatError(f"{path} is not a readable .csv table: {error}") from error


def _as_arrow(path: Path, name: str, column: Column | u.Quantity) -> pa.Array:
    if isinstance(column, u.Quantity):
        try:
            return pa.array(np.asarray(column.to_value(u.deg), np.float64))
        except u.UnitConversionError as error:
            raise FormatError(
                f"{path}: the column {name!r} is in {column.unit}, not deg"
            ) from error
    try:
        return pa.array(column.tolist())
    except pa.ArrowException as error:
        raise FormatError(f"{path}: the column {name!r} cannot be used: {error}") from error
