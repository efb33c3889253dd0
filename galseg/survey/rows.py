"""What became of each row of a survey, collected into the tables of a shard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

import pyarrow as pa

from galseg.measure.columns import ARM_COLUMNS, GALAXY_COLUMNS, TIDAL_COLUMNS, ColumnSpec
from galseg.measure.galaxy import GalaxyMeasurement
from galseg.measure.rows import catalog_rows
from galseg.survey.fate import Fate
from galseg.survey.reasons import one_line
from galseg.survey.recipe import MaskKind
from galseg.survey.schema import (
    ARM_SCHEMA,
    GALAXY_SCHEMA,
    MASK_SCHEMAS,
    TIDAL_SCHEMA,
    measured_columns,
)
from galseg.survey.sources.item import Item

__all__ = ["MaskRow", "RowRecord", "Rows", "ShardTables"]

Row: TypeAlias = tuple[Any, ...]


class MaskRow(NamedTuple):
    """The mask of a feature, encoded."""

    feature: str
    height: int
    width: int
    content: str | bytes


@dataclass(frozen=True, kw_only=True)
class RowRecord:
    """All that a row puts into the tables.

    Attributes
    ----------
    item : Item
    fate : Fate
    measured : GalaxyMeasurement
        Without a number in it where there is no measurement.
    masks : sequence of MaskRow
    """

    item: Item
    fate: Fate
    measured: GalaxyMeasurement
    masks: Sequence[MaskRow] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class ShardTables:
    """The tables of some rows of a survey, in the order of the rows; see `galseg.survey.schema`.

    Attributes
    ----------
    galaxies, arms, tidal : pyarrow.Table
    masks : pyarrow.Table or None
        None where none are kept.
    failures : Counter of str
        Rows without a measurement, by kind of reason.
    """

    galaxies: pa.Table
    arms: pa.Table
    tidal: pa.Table
    masks: pa.Table | None
    failures: Counter[str] = field(default_factory=Counter)

    def named(self) -> dict[str, pa.Table]:
        """Return the tables that are there, by name."""
        tables = {
            "galaxies": self.galaxies,
            "arms": self.arms,
            "tidal": self.tidal,
            "masks": self.masks,
        }
        return {name: table for name, table in tables.items() if table is not None}


class Rows:
    """Collects rows into tables.

    Parameters
    ----------
    masks : str or None
        The kind of masks that the rows have; see `Recipe`.
    """

    def __init__(self, masks: MaskKind | None) -> None:
        self._mask_schema = None if masks is None else MASK_SCHEMAS[masks]
        self._galaxies: list[Row] = []
        self._arms: list[Row] = []
        self._tidal: list[Row] = []
        self._masks: list[Row] = []
        self._failures: Counter[str] = Counter()

    def add(self, one: RowRecord) -> None:
        """Add the rows of one galaxy."""
        item = one.item
        about = (item.row, _text(item.galaxy_id), item.ra_deg, item.dec_deg)
        (galaxy,), arms, tidal = catalog_rows(one.measured)
        self._galaxies.append((*about, one.fate.status, one.fate.reason, *_GALAXY.kept(galaxy)))
        for kept, columns, parts in (
            (self._arms, _ARM, arms),
            (self._tidal, _TIDAL, tidal),
        ):
            for part in parts:
                reason = one_line(columns.status(part), place=item.place)
                kept.append((*about, reason, *columns.kept(part)))
        self._masks += [(*about, *mask) for mask in one.masks]
        if one.fate.failure:
            self._failures[one.fate.failure] += 1

    def tables(self) -> ShardTables:
        """Return what was added."""
        schema = self._mask_schema
        return ShardTables(
            galaxies=_table(self._galaxies, GALAXY_SCHEMA),
            arms=_table(self._arms, ARM_SCHEMA),
            tidal=_table(self._tidal, TIDAL_SCHEMA),
            masks=None if schema is None else _table(self._masks, schema),
            failures=self._failures,
        )


class _Columns:
    """Which values of a measured row go into a table."""

    def __init__(self, columns: Sequence[ColumnSpec]) -> None:
        self._kept = tuple(measured_columns(columns, part=""))
        self._status = [column.name for column in columns].index("status")

    def kept(self, row: Row) -> Iterator[Any]:
        return (row[number] for number in self._kept)

    def status(self, row: Row) -> str:
        return str(row[self._status])


_GALAXY, _ARM, _TIDAL = map(_Columns, (GALAXY_COLUMNS, ARM_COLUMNS, TIDAL_COLUMNS))


def _table(rows: Iterable[Row], schema: pa.Schema) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [
        pa.array(values, type=field.type) for values, field in zip(columns, schema, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def _text(name: str) -> str:
    """Return a name that UTF-8 can hold; names of files need not be."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")
