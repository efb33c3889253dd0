"""More rows than memory holds, sorted by place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from galseg.survey.partition import UNPLACED, Partition, spatial_index

__all__ = ["INDEX_FIELD", "SortedRows"]

INDEX_FIELD = pa.field(
    "_healpix_29",
    pa.int64(),
    nullable=False,
    metadata={
        "ucd": "pos.healpix",
        "description": "nested HEALPix pixel of order 29 that holds ra_deg, dec_deg",
    },
)


class SortedRows:
    """Rows by ``_healpix_29``, then by ``row``, in files that are sorted each for itself.

    Rows that agree in both keep the order in which they were added. It needs as much of the disk
    as the rows would need of memory.

    Parameters
    ----------
    folder : pathlib.Path
        An empty one for the files.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._n_runs = 0

    def add(self, rows: pa.Table) -> NDArray[np.int64]:
        """Sort some more rows and put them on the disk.

        Parameters
        ----------
        rows : pyarrow.Table
            With ``row``, ``ra_deg`` and ``dec_deg``; held in memory about twice.

        Returns
        -------
        numpy.ndarray of int64, shape (N,)
            Their ``_healpix_29``, in the order given.
        """
        index = spatial_index(rows["ra_deg"].to_numpy(), rows["dec_deg"].to_numpy())
        ordered = rows.add_column(0, INDEX_FIELD, [index]).take(
            np.lexsort((rows["row"].to_numpy(), index))
        )
        with (
            pa.OSFile(str(self._path(self._n_runs)), "wb") as file,
            pa.ipc.new_file(file, ordered.schema) as writer,
        ):
            writer.write_table(ordered.combine_chunks())
        self._n_runs += 1
        return index

    def placed(self, partition: Partition) -> pa.Table:
        """Return the rows of a partition, ``_healpix_29`` their first column."""
        return self._merged(INDEX_FIELD.name, partition.first, partition.end)

    def unplaced(self, *, n_rows: int) -> Iterator[pa.Table]:
        """Yield the rows without a place by ``row``, of so many values of it at a time."""
        numbers = (_unplaced(run)["row"].to_numpy() for run in self._runs())
        ends = [(int(some[0]), int(some[-1])) for some in numbers if len(some)]
        if ends:
            first = min(low for low, _ in ends) // n_rows * n_rows
            for start in range(first, max(high for _, high in ends) + 1, n_rows):
                found = self._merged("row", start, start + n_rows)
                if len(found):
                    yield found.drop_columns(INDEX_FIELD.name)

    def _merged(self, key: str, first: int, end: int) -> pa.Table:
        """Take the rows with a key in ``[first, end)``; by ``row``, those without a place."""
        parts = []
        for run in self._runs():
            part = run if key == INDEX_FIELD.name else _unplaced(run)
            low, high = np.searchsorted(part[key].to_numpy(), [first, end])
            parts.append(part.slice(low, high - low))
        together = pa.concat_tables(parts)
        order = np.lexsort((together["row"].to_numpy(), together[INDEX_FIELD.name].to_numpy()))
        return together.take(order).combine_chunks()

    def _runs(self) -> Iterator[pa.Table]:
        for number in range(self._n_runs):
            with pa.memory_map(str(self._path(number))) as file:
                yield pa.ipc.open_file(file).read_all()

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:06d}.arrow"


def _unplaced(run: pa.Table) -> pa.Table:
    return run.slice(0, np.searchsorted(run[INDEX_FIELD.name].to_numpy(), UNPLACED, side="right"))
