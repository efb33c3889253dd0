"""Memory and time that it takes to make a survey's catalogues, by the number of galaxies.

Made-up measurements of galaxies all over the sky, one arm and one tidal feature each and two masks
of 300 bytes, in shards of up to 10,000, each size in a process of its own. Run as
``python benchmarks/bench_survey_catalogue.py``, or with sizes and the option ``--partition-rows``.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from galseg.survey.catalogue import write_catalogues
from galseg.survey.schema import ARM_SCHEMA, GALAXY_SCHEMA, MASK_SCHEMAS, TIDAL_SCHEMA

SCHEMAS = {
    "galaxies": GALAXY_SCHEMA,
    "arms": ARM_SCHEMA,
    "tidal": TIDAL_SCHEMA,
    "masks": MASK_SCHEMAS["rle"],
}
SHARD_ROWS = 10_000


def write_shard(folder: Path, number: int, n_rows: int) -> None:
    folder.mkdir(parents=True)
    rng = np.random.default_rng(number)
    row = number * SHARD_ROWS + np.arange(n_rows)
    ra_deg = rng.uniform(0, 360, n_rows)
    dec_deg = np.degrees(np.arcsin(rng.uniform(-1, 1, n_rows)))
    for name, schema in SCHEMAS.items():
        times = 2 if name == "masks" else 1
        known = {"row": row, "ra_deg": ra_deg, "dec_deg": dec_deg}
        columns = {key: np.repeat(values, times) for key, values in known.items()}
        n = n_rows * times
        for field in schema:
            if field.name not in columns:
                columns[field.name] = column_of(field, n, rng)
        pq.write_table(pa.table(columns, schema=schema), folder / f"{name}.parquet")


def column_of(field: pa.Field, n: int, rng: np.random.Generator) -> object:
    if pa.types.is_floating(field.type):
        return rng.gamma(4, 5, n).astype(np.float32).astype(float)
    if pa.types.is_integer(field.type):
        return rng.integers(0, 64, n)
    if field.name == "rle":
        return [rng.bytes(150).hex() for _ in range(n)]
    if field.name == "galaxy_id":
        return [f"J{number:09d}" for number in rng.integers(0, 10**9, n)]
    return ["ok"] * n


def measure(shards: list[Path], output: Path, partition_rows: int, answers) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter(), time.process_time()
    write_catalogues(shards, output, partition_rows=partition_rows)
    elapsed = time.perf_counter() - started[0], time.process_time() - started[1]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answers.put((before / 1024, peak / 1024, *elapsed))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("sizes", nargs="*", type=int, default=[2_000, 20_000, 200_000])
    parser.add_argument("--partition-rows", type=int, default=10_000)
    options = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    print("| galaxies | MB at start | MB at peak | seconds | CPU seconds | of it per million |")
    print("|---|---|---|---|---|---|")
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as folder:
            starts = range(0, size, SHARD_ROWS)
            shards = [Path(folder, "shards", f"{start:09d}") for start in starts]
            for number, shard in enumerate(shards):
                write_shard(shard, number, min(SHARD_ROWS, size - number * SHARD_ROWS))
            answers = context.Queue()
            job = (shards, Path(folder), options.partition_rows, answers)
            process = context.Process(target=measure, args=job)
            process.start()
            before, peak, wall, cpu = answers.get()
            process.join()
        each = cpu / size * 1e6
        print(f"| {size:,} | {before:.0f} | {peak:.0f} | {wall:.1f} | {cpu:.1f} | {each:.0f} |")


if __name__ == "__main__":
    main()
