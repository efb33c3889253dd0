"""A survey of made-up rows, run in this process or in one of its own that can be killed."""

import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from galseg.io.provenance import hash_of
from galseg.survey.carry_out import carry_out
from galseg.survey.engines import LocalEngine
from galseg.survey.job import Work
from galseg.survey.plan import Plan
from tests.survey.fakes import FakeProcessor

OPTIONS = {"seed": 0, "model": ["default 1f"], "columns": {"ra": None}}


def run(
    folder, processor=None, *, n_rows=30, n_workers=2, watch=None, engine=LocalEngine, **options
):
    """Carry out a survey; options of `carry_out`, or of the plan."""
    how = {"max_failed": 1.0, "keep_shards": False, "assemble": assemble}
    how |= {name: options.pop(name) for name in how.keys() & options.keys()}
    shard_size = options.pop("shard_size", 10)
    plan = Plan(n_rows=n_rows, shard_size=shard_size, options={**OPTIONS, **options})
    work = Work(Path(folder), plan.fingerprint, processor or FakeProcessor())
    return carry_out(
        Path(folder),
        plan,
        engine=partial(engine, work, n_workers=n_workers),
        describe=lambda: None,
        facts={},
        watch=watch or (lambda tally: None),
        **how,
    )


def assemble(shards, output):
    """Put all shards into one file."""
    tables = [pq.read_table(shard / "galaxies.parquet") for shard in shards]
    path = output / "catalogue" / "galaxies.parquet"
    path.parent.mkdir(exist_ok=True)
    pq.write_table(pa.concat_tables(tables), path)
    return {path.relative_to(output).as_posix(): hash_of(path)}


def results(folder):
    """Return all bytes that must not depend on how a run went."""
    kept = ("catalogue", "masks", "unplaced", "manifest.json")
    files = [path for name in kept for path in (folder / name, *(folder / name).rglob("*"))]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files if path.is_file()}


def start(folder, *, seconds):
    """Start the same survey in a process of its own, with rows that take so long."""
    words = [sys.executable, "-m", "tests.survey.survey_run", str(folder), str(seconds)]
    return subprocess.Popen(words, stderr=subprocess.PIPE, text=True, start_new_session=True)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background ignores it
    try:
        run(sys.argv[1], FakeProcessor(seconds=float(sys.argv[2])))
    except KeyboardInterrupt as stop:
        print(f"interrupted; {stop}", file=sys.stderr)
        sys.exit(130)
