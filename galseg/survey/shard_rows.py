"""The rows of one table, out of all finished shards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from galseg.errors import FormatError, MissingInputError

__all__ = ["ShardRows"]

_PLACE = {"row": pa.int64(), "ra_deg": pa.float64(), "dec_deg": pa.float64()}
_BATCH_ROWS = 16_384
_AGAIN = "remove its folder and run the survey again to make it anew"


class ShardRows:
    """One table of all shards, read a part at a time.

    Parameters
    ----------
    shards : sequence of pathlib.Path
        Folders of finished shards, at least one.
    table : str
        Name of the table, that of its file without ``.parquet``.

    Raises
    ------
    MissingInputError
        If a shard does not hold the table.
    FormatError
        If it cannot be read, or has not the columns of the first shard's, or of any shard's.
    """

    def __init__(self, shards: Sequence[Path], table: str) -> None:
        self._paths = [shard / f"{table}.parquet" for shard in shards]
        self.schema: pa.Schema = _bare(self._paths[0])
        for name, kind in _PLACE.items():
            position = self.schema.get_field_index(name)
            if position < 0 or self.schema.field(position).type != kind:
                found = "none" if position < 0 else str(self.schema.field(position).type)
                raise FormatError(
                    f"{self._paths[0]} needs a column {name!r} of {kind}, got {found}; {_AGAIN}"
                )
        for path in self._paths[1:]:
            self._check(path)

    def batches(self) -> Iterator[pa.Table]:
        """Yield the rows, some thousands at a time, shard by shard.

        Raises
        ------
        FormatError
            If a shard is damaged.
        """
        for path in self._paths:
            try:
                with pq.ParquetFile(path) as file:
                    for batch in file.iter_batches(_BATCH_ROWS):
                        yield pa.Table.from_batches([batch]).cast(self.schema)
            except (pa.ArrowException, OSError) as error:
                raise FormatError(f"{path} is damaged: {error}; {_AGAIN}") from error

    def _check(self, path: Path) -> None:
        """Refuse a shard with other columns, units or descriptions than the first."""
        schema = _bare(path)
        if schema.equals(self.schema, check_metadata=True):
            return
        if schema.names != self.schema.names:
            odd = sorted(set(schema.names) ^ set(self.schema.names))
            what = f"has not the same columns ({', '.join(odd) or 'their order differs'})"
        else:
            name, here, there = next(
                (mine.name, mine, first)
                for mine, first in zip(schema, self.schema, strict=True)
                if not mine.equals(first, check_metadata=True)
            )
            what = f"has another column {name!r}: {_told(here)}, where that has {_told(there)}"
        raise FormatError(
            f"{path} {what} than {self._paths[0]}; were they made by different versions of "
            f"galseg? {_AGAIN}"
        )


def _bare(path: Path) -> pa.Schema:
    """Read a file's columns, without what it tells of itself as a whole."""
    if not path.is_file():
        raise MissingInputError(f"no table at {path}; is its shard finished?")
    try:
        return pq.read_schema(path).remove_metadata()
    except (pa.ArrowException, OSError) as error:
        raise FormatError(f"{path} is cut short or no Parquet file: {error}; {_AGAIN}") from error


def _told(field: pa.Field) -> str:
    told = {key.decode(): text.decode() for key, text in (field.metadata or {}).items()}
    return f"{field.type}{'' if field.nullable else ' not null'} {told}"
