"""Whether a survey is what it was when it was made, and whether it comes out again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from galseg.errors import ConfigError, MissingInputError
from galseg.io.provenance import hash_of
from galseg.survey.catalogue import CATALOGUES
from galseg.survey.config import read_options
from galseg.survey.job import ShardProcessor
from galseg.survey.manifest import read_manifest
from galseg.survey.plan import Plan, changes, read_plan
from galseg.survey.record import changed_files, finished_shards, shard_folder
from galseg.survey.setup import set_up
from galseg.survey.sources import Columns

__all__ = ["changed_results", "changed_rows", "verify_survey"]

Find: TypeAlias = Callable[[str, int], pa.Table]

_SET_ASIDE = "set aside"


def verify_survey(folder: Path, *, sample: int = 20, seed: int = 0) -> list[str]:
    """Compare the files of a survey with their hashes, and a sample of its rows with new ones.

    Parameters
    ----------
    folder : pathlib.Path
        Of a finished run, or of one under way, whose finished shards are then looked at.
    sample : int, optional
        Galaxies, drawn at random, that are predicted and measured again; 0 for none. They come out
        bit for bit with the same versions on the same kind of processor.
    seed : int, optional
        Of the sample.

    Returns
    -------
    list of str
        What differs, a line each.

    Raises
    ------
    MissingInputError
        If there is no survey, or its images are gone.
    ConfigError
        If `sample` is negative, or the rows cannot come out again since the model, the source or
        galseg is another one now.
    """
    if sample < 0:
        raise ConfigError(f"sample must be 0 or more, got {sample}")
    plan = read_plan(folder)
    if plan is None:
        raise MissingInputError(f"no survey in {folder}")
    changed = list(changed_results(folder, plan))
    if changed or sample == 0:
        return changed
    rows = _drawn_rows(folder, plan, sample=sample, seed=seed)
    return list(changed_rows(rows, _processor(folder, plan), partial(_stored, folder, plan)))


def changed_results(folder: Path, plan: Plan) -> Iterator[str]:
    """Tell each file of the results that is not what was written."""
    manifest = read_manifest(folder)
    if manifest is None:
        for shard, record in finished_shards(folder, plan=plan.fingerprint).items():
            where = shard_folder(folder, shard).relative_to(folder)
            yield from (
                f"{where / name} is changed" for name in changed_files(folder / where, record)
            )
        return
    for name, sha256 in manifest.sha256.items():
        if not (folder / name).is_file():
            yield f"{name} is missing"
        elif hash_of(folder / name) != sha256:
            yield f"{name} is changed"
    tops = sorted({Path(name).parts[0] for name in manifest.sha256})
    found = (path for top in tops for path in sorted((folder / top).rglob("*")) if path.is_file())
    names = (path.relative_to(folder).as_posix() for path in found)
    yield from (f"{name} is none of it" for name in names if name not in manifest.sha256)


def changed_rows(rows: Sequence[int], processor: ShardProcessor, find: Find) -> Iterator[str]:
    """Make rows again, each alone, and tell which come out otherwise.

    Parameters
    ----------
    rows : sequence of int
    processor : ShardProcessor
    find : callable
        Takes the name of a table and a row, and returns what is stored of it.
    """
    for row in rows:
        (galaxy,) = find("galaxies", row).to_pylist() or [{}]
        if not galaxy:
            yield f"row {row} is missing"
            continue
        set_aside = {row: galaxy["reason"]} if galaxy["status"] == _SET_ASIDE else {}
        made = processor.process(range(row, row + 1), set_aside=set_aside)
        for name, again in made.named().items():
            yield from _differences(find(name, row), again, f"row {row} of {name}")


def _differences(stored: pa.Table, again: pa.Table, where: str) -> Iterator[str]:
    if stored.num_rows != again.num_rows:
        yield f"{where}: {stored.num_rows} stored, {again.num_rows} again"
        return
    for name in again.column_names:
        pairs = zip(stored[name].to_pylist(), again[name].to_pylist(), strict=True)
        for before, now in pairs:
            if before != now and not (_is_nan(before) and _is_nan(now)):
                yield f"{where}: {name} is {before!r} stored and {now!r} again"


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and np.isnan(value)


def _drawn_rows(folder: Path, plan: Plan, *, sample: int, seed: int) -> list[int]:
    rng = np.random.default_rng(seed)
    if read_manifest(folder) is not None:
        return sorted(rng.choice(plan.n_rows, min(sample, plan.n_rows), replace=False).tolist())
    done = finished_shards(folder, plan=plan.fingerprint)
    rows = np.concatenate([np.arange(0), *(np.array(plan.rows_of(shard)) for shard in done)])
    return sorted(rng.choice(rows, min(sample, len(rows)), replace=False).tolist())


def _stored(folder: Path, plan: Plan, table: str, row: int) -> pa.Table:
    """Return what the results hold of a row."""
    if read_manifest(folder) is None:
        files = [shard_folder(folder, row // plan.shard_size) / f"{table}.parquet"]
    else:
        partitions = (folder / CATALOGUES[table]).rglob("Npix=*.parquet")
        files = [*sorted(partitions), folder / "unplaced" / f"{table}.parquet"]
    there = [str(path) for path in files if path.is_file()]
    return ds.dataset(there, format="parquet").to_table(filter=pc.field("row") == row)


def _processor(folder: Path, plan: Plan) -> ShardProcessor:
    """Make what made the rows, out of the options that the folder keeps."""
    options = read_options(folder)
    now = set_up(options, columns=Columns(**options["columns"]), shard_size=plan.shard_size)
    if changed := changes(plan, now.plan):
        raise ConfigError(
            f"the rows of {folder} cannot be made again: {'; '.join(changed)}; sample 0 compares "
            "the files alone"
        )
    return now.processor_of(0)
