"""What a table of images has to offer, whatever file it is in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import pyarrow as pa

__all__ = ["DAMAGE", "RowPart", "TableRows"]

DAMAGE = (OSError, ValueError, TypeError, KeyError, NotImplementedError, pa.ArrowCapacityError)
"""What reading a part of a table raises where its file is damaged or gone; no want of memory."""


class RowPart(Protocol):
    """Consecutive rows that are read together."""

    @property
    def rows(self) -> range:
        """Their numbers in the table."""
        ...

    def read(self, columns: Sequence[str]) -> pa.Table:
        """Return some columns of these rows; raises one of `DAMAGE`."""
        ...


class TableRows(Protocol):
    """The rows of a table, which may be longer than memory."""

    @property
    def schema(self) -> pa.Schema:
        """Names and types of the columns."""
        ...

    @property
    def fingerprint(self) -> str:
        """64 hexadecimal digits that change when the table does."""
        ...

    def __len__(self) -> int: ...

    def parts(self, rows: range) -> Iterator[RowPart]:
        """Cut consecutive rows into those that are read together."""
        ...

    def place(self, row: int) -> str:
        """Say which file and row of it this is, the first being 1."""
        ...
