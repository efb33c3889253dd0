"""Finished shards on disk: the tables, and a record of what they are."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from secrets import token_hex

import pyarrow.parquet as pq

from galseg.errors import OutputError
from galseg.io.atomic import write_folder
from galseg.io.provenance import hash_of
from galseg.survey.rows import ShardTables

__all__ = [
    "SHARDS",
    "ShardRecord",
    "changed_files",
    "failures_of",
    "finished_shards",
    "remove_leftovers",
    "shard_folder",
    "write_shard",
]

SHARDS = "shards"
_RECORD = "record.json"
_DIGITS = 6
_COMPRESSION = "zstd"


@dataclass(frozen=True, kw_only=True)
class ShardRecord:
    """What a finished shard holds.

    Attributes
    ----------
    shard : int
    plan : str
        Fingerprint of the plan that it is of.
    start, n_rows : int
        Its rows.
    failures : mapping of str to int
        Rows that could not be measured, by kind of reason.
    sizes : mapping of str to int
        Bytes of each file.
    sha256 : mapping of str to str
        Of each file.
    """

    shard: int
    plan: str
    start: int
    n_rows: int
    failures: Mapping[str, int]
    sizes: Mapping[str, int]
    sha256: Mapping[str, str]


def shard_folder(folder: Path, shard: int) -> Path:
    """Where a shard of a run lies.

    Examples
    --------
    >>> shard_folder(Path("out"), 123).as_posix()
    'out/shards/000123'
    """
    return folder / SHARDS / f"{shard:0{_DIGITS}}"


def write_shard(folder: Path, shard: int, tables: ShardTables, *, rows: range, plan: str) -> None:
    """Write the tables of a shard and their record; they appear together or not at all.

    Where the shard is finished already, by a worker that outlived its run, that one stays: it
    holds the same.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    target = shard_folder(folder, shard)
    try:
        with write_folder(target) as temporary:
            written = tables.named()
            files = [temporary / f"{name}.parquet" for name in written]
            for path, table in zip(files, written.values(), strict=True):
                pq.write_table(table, path, compression=_COMPRESSION)
            record = ShardRecord(
                shard=shard,
                plan=plan,
                start=rows.start,
                n_rows=len(rows),
                failures=dict(sorted(tables.failures.items())),
                sizes={path.name: path.stat().st_size for path in files},
                sha256={path.name: hash_of(path) for path in files},
            )
            (temporary / _RECORD).write_text(json.dumps(asdict(record), indent=1))
    except OutputError:
        if read_record(target, plan=plan) is None:
            raise


def read_record(folder: Path, *, plan: str) -> ShardRecord | None:
    """Read the record of a shard; None where it is not whole, or of another plan."""
    try:
        record = ShardRecord(**json.loads((folder / _RECORD).read_text()))
        sizes = {name: (folder / name).stat().st_size for name in record.sizes}
    except (OSError, ValueError, TypeError):
        return None
    return record if record.plan == plan and sizes == record.sizes else None


def finished_shards(
    folder: Path, *, plan: str, check_content: bool = False
) -> dict[int, ShardRecord]:
    """Return the records of the shards that are whole, by number, in order.

    Parameters
    ----------
    folder : pathlib.Path
        Of the run.
    plan : str
        Fingerprint of its plan.
    check_content : bool, optional
        Whether to read all files and compare their hashes, not only their sizes.
    """
    shards = folder / SHARDS
    records = {}
    for path in sorted(shards.iterdir()) if shards.is_dir() else []:
        record = read_record(path, plan=plan) if path.name.isdecimal() else None
        if record is not None and not (check_content and changed_files(path, record)):
            records[record.shard] = record
    return records


def failures_of(records: Iterable[ShardRecord]) -> dict[str, int]:
    """Return how many rows of some shards could not be measured, by kind of reason."""
    return dict(sum((Counter(record.failures) for record in records), Counter[str]()))


def changed_files(folder: Path, record: ShardRecord) -> list[str]:
    """Return the files of a shard that are not what their record says."""
    return [name for name, sha256 in record.sha256.items() if hash_of(folder / name) != sha256]


def remove_leftovers(folder: Path, *, keep: Mapping[int, ShardRecord]) -> int:
    """Remove what is no finished shard: what a killed worker was writing, or what is damaged.

    A worker that is still writing cannot give its shard a name afterwards, since the folder is
    renamed before anything in it is removed.

    Parameters
    ----------
    folder : pathlib.Path
        Of a run that is locked by the caller.
    keep : mapping of int to ShardRecord
        The finished shards.

    Returns
    -------
    int
        Folders that were removed.
    """
    shards = folder / SHARDS
    names = {shard_folder(folder, shard).name for shard in keep}
    found = [path for path in shards.iterdir() if path.name not in names] if shards.is_dir() else []
    for path in found:
        doomed = shards / f".removed.{token_hex(4)}"
        try:
            os.rename(path, doomed)  # noqa: PTH104
        except FileNotFoundError:  # its worker removed it
            continue
        shutil.rmtree(doomed, ignore_errors=True)
    return len(found)
