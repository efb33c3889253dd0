"""Rows of Parquet files, read a row group at a time."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from galseg.errors import FormatError, MissingInputError
from galseg.survey.sources.columns import Columns, FoundColumns
from galseg.survey.sources.rows import DAMAGE

__all__ = ["ParquetRows", "RowGroup", "index_parquet"]

_READ_BYTES = 1 << 20  # of a column that are taken from the disk at a time
_BATCH_BYTES = 1 << 25  # of a column that are decoded at a time
_MAX_BATCH_ROWS = 64
_FOOTER_END = 8  # bytes: the length of the footer and the magic


@dataclass(frozen=True, eq=False)
class ParquetRows:
    """The rows of Parquet files, in the order of the files.

    Memory holds the names of the files and 12 bytes a row group.

    Attributes
    ----------
    paths : tuple of pathlib.Path
    schema : pyarrow.Schema
        Of the first file.
    starts : ndarray of int64, shape (n_groups + 1,)
        Number of the first row of each row group, and of all rows.
    files : ndarray of int32, shape (n_groups,)
        Which file each row group is in.
    fingerprint : str
        Of the names, sizes and ends of the files. The end of a Parquet file says where its values
        are, how long they are, and of most columns the least and the greatest.
    """

    paths: tuple[Path, ...]
    schema: pa.Schema
    starts: NDArray[np.int64]
    files: NDArray[np.int32]
    fingerprint: str

    def __len__(self) -> int:
        return int(self.starts[-1])

    def parts(self, rows: range) -> Iterator[RowGroup]:
        """Yield the row groups that hold some of these rows."""
        row = rows.start
        while row < rows.stop:
            group = self._group_of(row)
            start, stop = (int(n) for n in self.starts[group : group + 2])
            path = self.paths[self.files[group]]
            number = group - self._first_group(group)
            yield RowGroup(path, number, start, range(row, min(stop, rows.stop)))
            row = stop

    def place(self, row: int) -> str:
        """Say which row of which file this is, the first being 1."""
        group = self._group_of(row)
        first_row = int(self.starts[self._first_group(group)])
        return f"{self.paths[self.files[group]]}, row {row - first_row + 1}"

    def _group_of(self, row: int) -> int:
        return int(np.searchsorted(self.starts, row, side="right")) - 1

    def _first_group(self, group: int) -> int:
        """Return the first row group in the file of this one."""
        return int(np.searchsorted(self.files, self.files[group]))


@dataclass(frozen=True)
class RowGroup:
    """Some rows of a row group.

    Attributes
    ----------
    path : pathlib.Path
    number : int
        In its file.
    start : int
        Number in the table of its first row, wanted or not.
    rows : range
        Numbers in the table of those that are wanted.
    """

    path: Path
    number: int
    start: int
    rows: range

    def read(self, columns: Sequence[str]) -> pa.Table:
        """Return columns of the wanted rows, which should be of a few bytes a row."""
        with _open(self.path) as file:
            table = file.read_row_group(self.number, columns=list(columns), use_threads=False)
        return table.slice(self.rows.start - self.start, len(self.rows))

    def stream(self, column: Sequence[str]) -> Iterator[pa.Array]:
        """Yield a column of the wanted rows, as many at a time as take a few MB.

        Parameters
        ----------
        column : sequence of str
            Its name, and below it the names of fields.
        """
        row = self.start
        with _open(self.path) as file:
            for batch in file.iter_batches(
                batch_size=_batch_rows(file.metadata.row_group(self.number), ".".join(column)),
                row_groups=[self.number],
                columns=[".".join(column)],
                use_threads=False,
            ):
                first, stop = (max(0, n - row) for n in (self.rows.start, self.rows.stop))
                values = batch.column(column[0])
                for field in column[1:]:
                    values = pc.struct_field(values, field)
                yield values[first:stop]
                row += len(values)
                if row >= self.rows.stop:
                    return


def index_parquet(
    paths: Sequence[Path], root: Path, columns: Columns
) -> tuple[ParquetRows, FoundColumns]:
    """Read where the rows of Parquet files are, from the ends of the files.

    Parameters
    ----------
    paths : sequence of pathlib.Path
        In this order.
    root : pathlib.Path
        The folder that they are in, at any depth.
    columns : Columns

    Raises
    ------
    MissingInputError
        If there is no row in any of them.
    FormatError
        If a file is cut short or no Parquet, or lacks a column, or has it of another type than the
        first file.
    """
    first = _footer(paths[0]).schema.to_arrow_schema()
    found = columns.find(first.names, where=str(paths[0]))
    sizes: list[int] = []
    files: list[int] = []
    digest = hashlib.sha256()
    for k, path in enumerate(paths):
        footer = _footer(path)
        _check_alike(path, footer.schema.to_arrow_schema(), paths[0], first, found)
        filled = [footer.row_group(g).num_rows for g in range(footer.num_row_groups)]
        sizes += filled
        files += [k] * len(filled)
        digest.update(b"%s\0%s\n" % (os.fsencode(path.relative_to(root).as_posix()), _end_of(path)))
    starts = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)]).astype(np.int64)
    if not starts[-1]:
        raise MissingInputError(f"{root} holds no rows in {len(paths)} Parquet files")
    rows = ParquetRows(tuple(paths), first, starts, np.array(files, np.int32), digest.hexdigest())
    return rows, found


def _check_alike(
    path: Path, schema: pa.Schema, first_path: Path, first: pa.Schema, found: FoundColumns
) -> None:
    for name in (found.image, *found.labels):
        if name not in schema.names:
            raise FormatError(f"{path} has no column {name!r}, which {first_path} has")
        if schema.field(name).type != first.field(name).type:
            raise FormatError(
                f"{path} has the column {name!r} of type {schema.field(name).type}, {first_path} "
                f"of type {first.field(name).type}; write them alike"
            )


def _footer(path: Path) -> pq.FileMetaData:
    try:
        with _open(path) as file:
            return file.metadata
    except DAMAGE as error:
        raise FormatError(f"{path} is no Parquet file or is cut short: {error}") from error


def _open(path: Path) -> pq.ParquetFile:
    """Open a file so that no more of a column is in memory than is being decoded."""
    return pq.ParquetFile(path, memory_map=False, pre_buffer=False, buffer_size=_READ_BYTES)


def _end_of(path: Path) -> bytes:
    """Return the size of a file and the hash of its footer."""
    size = path.stat().st_size
    with path.open("rb") as handle:
        handle.seek(size - _FOOTER_END)
        length = int.from_bytes(handle.read(4), "little")
        handle.seek(size - _FOOTER_END - length)
        return b"%d\0%s" % (size, hashlib.sha256(handle.read(length)).digest())


def _batch_rows(group: pq.RowGroupMetaData, column: str) -> int:
    n_bytes: int = sum(
        chunk.total_uncompressed_size
        for chunk in map(group.column, range(group.num_columns))
        if chunk.path_in_schema == column
    )
    mean: int = max(1, n_bytes // max(1, group.num_rows))
    return min(_MAX_BATCH_ROWS, max(1, _BATCH_BYTES // mean))
