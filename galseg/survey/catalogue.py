"""The catalogues of a survey, made from its finished shards."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from galseg.errors import ConfigError, MissingInputError
from galseg.io.atomic import remove_unfinished, write_folder
from galseg.io.provenance import hash_of
from galseg.survey.hats_files import write_hats, write_parquet
from galseg.survey.partition import choose_partitions, empty_map, pixels_of
from galseg.survey.shard_rows import ShardRows
from galseg.survey.sorted_rows import INDEX_FIELD, SortedRows
from galseg.survey.votable_header import with_votable_header

__all__ = ["CATALOGUES", "write_catalogues"]

_GALAXIES, _MASKS, _UNPLACED = "galaxies", "masks", "unplaced"

CATALOGUES: dict[str, str] = {
    _GALAXIES: "catalogue/galaxies",
    "arms": "catalogue/arms",
    "tidal": "catalogue/tidal",
    _MASKS: "masks",
}
"""Folder of the catalogue that each table of the shards becomes."""

_FOLDERS = ("catalogue", _MASKS, _UNPLACED)
_UNPLACED_SPAN = 10_000  # galaxies whose rows make one row group


class _Limit(NamedTuple):
    """How much a partition may hold, and how much of that each row is."""

    most: int
    weigh: Callable[[pa.Table], NDArray[np.int64]]


def write_catalogues(
    shards: Sequence[Path],
    output: Path,
    *,
    partition_rows: int = 200_000,
    mask_bytes: int = 1 << 28,
) -> dict[str, str]:
    """Make the HATS catalogues of a survey from its finished shards.

    ``catalogue/galaxies``, ``catalogue/arms``, ``catalogue/tidal`` and ``masks`` are a catalogue
    each; rows without a place on the sky go to ``unplaced/<table>.parquet``, ordered by ``row``.
    All their bytes depend on the rows alone: not on how these were dealt out to shards, on the
    order in which shards are listed, or on the time. Memory is bounded by a partition, a few times
    over; the disk holds the rows of a table twice while they are sorted.

    Parameters
    ----------
    shards : sequence of pathlib.Path
        Folders of finished shards, in any order, with ``galaxies.parquet``, ``arms.parquet``,
        ``tidal.parquet`` and, all or none, ``masks.parquet``. They have the columns ``row``
        (int64), ``ra_deg`` and ``dec_deg`` (float64, ICRS, NaN where unknown), and all rows of
        one galaxy, which is what ``row`` numbers, are in one shard.
    output : pathlib.Path
        Folder of the run. ``catalogue``, ``masks`` and ``unplaced`` in it are replaced.
    partition_rows : int, optional
        The most rows in a partition, where the sky is not denser than that in 14 arcmin.
    mask_bytes : int, optional
        The same for ``masks``, in bytes before compression.

    Returns
    -------
    dict of str to str
        SHA-256 of every file made, by its path from `output`, sorted.

    Raises
    ------
    ConfigError
        If a limit is less than 1.
    MissingInputError
        If there is no shard, or one does not hold a table.
    FormatError
        If a shard is damaged, or its columns are not those of the others.
    MissingDependencyError
        If hats is not installed.
    OutputError
        If the output cannot be written.
    """
    for option, given in (("partition_rows", partition_rows), ("mask_bytes", mask_bytes)):
        if given < 1:
            raise ConfigError(f"{option} must be at least 1, got {given}")
    if not shards:
        raise MissingInputError(f"no finished shard to make the catalogues of {output} from")
    masked = any((shard / f"{_MASKS}.parquet").exists() for shard in shards)
    names = [name for name in CATALOGUES if masked or name != _MASKS]
    tables = {name: ShardRows(sorted(shards), name) for name in names}
    made = [output / name for name in _FOLDERS if masked or name != _MASKS]
    for name in _FOLDERS:
        remove_unfinished(output / name)
        shutil.rmtree(output / name, ignore_errors=True)
    with ExitStack() as stack:
        work = {folder.name: stack.enter_context(write_folder(folder)) for folder in made}
        for name, rows in tables.items():
            top, _, inner = CATALOGUES[name].partition("/")
            limit = _Limit(mask_bytes, _bytes) if name == _MASKS else _Limit(partition_rows, _ones)
            _write_table(name, rows, work[top] / inner, work[_UNPLACED], limit=limit)
    files = sorted(path for folder in made for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(output).as_posix(): hash_of(path) for path in files}


def _write_table(
    name: str, rows: ShardRows, catalogue: Path, unplaced: Path, *, limit: _Limit
) -> None:
    """Write one table's catalogue and what has no place in it."""
    with tempfile.TemporaryDirectory(dir=unplaced) as folder:
        by_place = SortedRows(Path(folder))
        counts, weights = empty_map(), empty_map()
        for some in _gathered(rows.batches(), limit):
            pixels, placed = pixels_of(by_place.add(some))
            np.add.at(counts, pixels, 1)
            np.add.at(weights, pixels, limit.weigh(some)[placed])
        partitions = choose_partitions(weights, limit=limit.most)
        write_hats(
            catalogue,
            ((partition, by_place.placed(partition)) for partition in partitions),
            name=name,
            kind="object" if name == _GALAXIES else "source",
            schema=with_votable_header(rows.schema.insert(0, INDEX_FIELD)),
            sky_map=counts,
        )
        write_parquet(
            unplaced / f"{name}.parquet",
            by_place.unplaced(n_rows=_UNPLACED_SPAN),
            schema=with_votable_header(rows.schema),
            sorted_by=["row"],
        )


def _gathered(batches: Iterator[pa.Table], limit: _Limit) -> Iterator[pa.Table]:
    """Put batches together until they fill a partition."""
    waiting: list[pa.Table] = []
    weight = 0
    for batch in batches:
        waiting.append(batch)
        weight += int(limit.weigh(batch).sum())
        if weight >= limit.most:
            yield pa.concat_tables(waiting)
            waiting, weight = [], 0
    if waiting:
        yield pa.concat_tables(waiting)


def _ones(rows: pa.Table) -> NDArray[np.int64]:
    return np.ones(len(rows), dtype=np.int64)


def _bytes(rows: pa.Table) -> NDArray[np.int64]:
    """Count the bytes of each row before compression."""
    total = np.zeros(len(rows), dtype=np.int64)
    for field, column in zip(rows.schema, rows.columns, strict=True):
        try:
            total += field.type.bit_width // 8
        except ValueError:  # of no fixed width
            total += pc.binary_length(column).fill_null(0).to_numpy()
    return total
