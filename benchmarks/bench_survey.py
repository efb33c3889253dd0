"""Galaxies a second, cores, memory and cost of a survey, each run one ``galseg survey run``.

Simulated cutouts with a WCS are written once, as FITS files, as tar files or as Parquet with a
column of FITS files: a few hundred different galaxies, again and again under other names and at
other places on the sky.

The first table runs all cutouts with one worker and with two. ``at work`` is the rate between the
first and the last shard, without the start of the processes and the catalogues at the end, which
have their own columns. A worker reads ahead in a thread, which takes some of a second core where
there is one; ``--pinned`` leaves it none. ``network`` is the bare network's on arrays in memory
with as many threads, the fastest of three batch sizes, and ``share`` the part of it that the survey
reaches. The second table is the peak memory of the driver and two workers (proportional set size,
looked at every ten seconds) for a tenth of the cutouts and for all. The third is the time of a
galaxy in one worker, and its bytes in the catalogues, when less or more is measured and kept, over
a tenth of them all.

``python benchmarks/bench_survey.py --galaxies 20000`` prints all three; ``--tables cores`` makes
the first two alone, ``--tables levels`` the third.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from astropy.io import fits

from galseg.dataset.simulate import SimulatedGalaxy, simulate_galaxy
from galseg.io.fits_file import frame_header
from galseg.models import load_network, model_stem
from galseg.predict.runtimes import RUNTIMES, start_runtime

N_DRAWN = 300  # different galaxies
IN_ONE_FILE = 1000  # cutouts in a tar or Parquet file
BATCHES = (1, 4, 16)
ROUNDS = 5
LOOK = 10.0  # seconds; every look takes the workers' time
WORKERS = (1, 2)
ALL = ("bar", "spiral_arm", "tidal")
LEVELS: Mapping[str, Mapping[str, Any]] = {
    "nothing, no masks": {"features": (), "masks": None},
    "the bar, no masks": {"features": ("bar",), "masks": None},
    "all features, no masks": {"features": ALL, "masks": None},
    "all features, masks": {"features": ALL, "masks": "rle"},
    "all features, probabilities": {"features": ALL, "masks": "probability"},
    "all features, masks, light": {"features": ALL, "masks": "rle", "light": True},
}


class Run(NamedTuple):
    """A finished survey."""

    rate: float
    seconds: float
    catalogues: float
    peak_mb: float
    disk_bytes: int


def cutouts(n: int, side: int) -> Iterator[tuple[str, bytes]]:
    """Yield names and FITS files."""
    drawn: list[SimulatedGalaxy] = []
    for k in range(n):
        if k < N_DRAWN:
            drawn.append(simulate_galaxy(k, shape=(side, side)))
        galaxy = drawn[k % N_DRAWN]
        header = frame_header(galaxy.frame)
        header["CRVAL1"] = (header["CRVAL1"] + 137.5 * (k // N_DRAWN)) % 360
        file = io.BytesIO()
        fits.PrimaryHDU(galaxy.image.astype(np.float32), header).writeto(file)
        yield f"J{k:08}", file.getvalue()


def write_cutouts(folder: Path, n: int, side: int, kind: str) -> Path:
    folder.mkdir(parents=True)
    made = list(cutouts(n, side)) if kind == "parquet" else cutouts(n, side)
    if kind == "fits":
        for name, content in made:
            (folder / f"{name}.fits").write_bytes(content)
    elif kind == "parquet":
        for start in range(0, n, IN_ONE_FILE):
            names, contents = zip(*made[start : start + IN_ONE_FILE], strict=True)
            table = pa.table({"galaxy_id": names, "image": pa.array(contents, pa.binary())})
            pq.write_table(table, folder / f"{start:08}.parquet", row_group_size=100)
    else:
        for k, (name, content) in enumerate(made):
            with tarfile.open(folder / f"{k // IN_ONE_FILE:04}.tar", "a") as tar:
                member = tarfile.TarInfo(f"{name}.fits")
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
    return folder


def survey(images: Path, output: Path, *, workers: int, **options: Any) -> Run:
    """Run a survey and watch its memory."""
    words = {"images": images, "output": output, "workers": workers, **options}
    spelled = [f"--{name}={_spelled(value)}" for name, value in words.items()]
    command = [sys.executable, "-m", "galseg", "survey", "run", *spelled]
    began = time.monotonic()
    peak = 0.0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as driver:
        while driver.poll() is None:
            peak = max(peak, memory_mb(driver.pid))
            with suppress(subprocess.TimeoutExpired):
                driver.wait(LOOK)
    if driver.returncode:
        raise RuntimeError(command)
    seconds = time.monotonic() - began
    events = [json.loads(line) for line in (output / "log.jsonl").read_text().splitlines()]
    at = {event["event"]: datetime.fromisoformat(event["time"]) for event in events}
    rate = rate_at_work([event for event in events if event["event"] == "shard"], workers)
    catalogues = (at["end"] - at["catalogues"]).total_seconds()
    disk = sum(path.stat().st_size for path in output.rglob("*.parquet"))
    return Run(rate, seconds, catalogues, peak, disk)


@contextmanager
def on_cores(n: int | None) -> Iterator[None]:
    """Keep what is started inside to so many cores."""
    all_cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(all_cores)[:n])
    try:
        yield
    finally:
        os.sched_setaffinity(0, all_cores)


def rate_at_work(shards: Sequence[Mapping[str, Any]], workers: int) -> float:
    """Rows a second while all workers worked: of all shards but each worker's first and last."""
    times = [datetime.fromisoformat(shard["time"]).timestamp() for shard in shards]
    first, last = workers - 1, len(shards) - workers
    if last <= first:
        return float("nan")
    rows = sum(shard["n_rows"] for shard in shards[first + 1 : last + 1])
    return rows / (times[last] - times[first])


def memory_mb(pid: int) -> float:
    """Proportional set size of a process and all that it started."""
    try:
        driver = psutil.Process(pid)
        processes = [driver, *driver.children(recursive=True)]
        return sum(proportional_kb(process.pid) for process in processes) / 1000
    except (psutil.Error, OSError):  # one has just ended
        return 0.0


def proportional_kb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def bare_network(runtime: str, n_threads: int) -> float:
    """Galaxies a second of the default model on arrays, the fastest batch size."""
    torch.set_num_threads(n_threads)
    network, card = load_network(model_stem("default"))
    forward = start_runtime(network, card, runtime=runtime).forward
    best = 0.0
    for n in BATCHES:
        values = np.random.default_rng(0).random((n, 1, card.side, card.side), dtype=np.float32)
        for _ in range(ROUNDS):
            began = time.perf_counter()
            forward(values)
            best = max(best, n / (time.perf_counter() - began))
    return best


def _spelled(value: Any) -> str:
    return json.dumps(value) if isinstance(value, tuple | bool) or value is None else str(value)


def cores_table(runs: Mapping[int, Run], runtime: str) -> pd.DataFrame:
    rows = []
    for workers, run in runs.items():
        bare = bare_network(runtime, workers)
        rows.append(
            {
                "workers": workers,
                "at work, 1/s": round(run.rate, 1),
                "network, 1/s": round(bare, 1),
                "share": f"{run.rate / bare:.0%}",
                "whole, s": round(run.seconds),
                "of it catalogues, s": round(run.catalogues, 1),
                "peak, MB": round(run.peak_mb),
            }
        )
    table = pd.DataFrame(rows)
    rates = table["at work, 1/s"]
    table["ratio to 1 worker"] = (rates / rates[0]).round(2)
    return table


def memory_table(runs: Mapping[int, Run]) -> pd.DataFrame:
    """Peak memory of the driver and two workers, by the number of galaxies."""
    return pd.DataFrame(
        {"galaxies": n, "peak of driver and 2 workers, MB": round(run.peak_mb)}
        for n, run in runs.items()
    )


def levels_table(images: Path, folder: Path, options: Mapping[str, Any]) -> pd.DataFrame:
    rows = []
    for k, (name, level) in enumerate(LEVELS.items()):
        run = survey(images, folder / f"level{k}", workers=1, **{**options, **level})
        cost = 1000 / run.rate
        rows.append(
            {
                "level": name,
                "1/s": round(run.rate, 1),
                "ms a galaxy": round(cost, 1),
                "bytes a galaxy": round(run.disk_bytes / len_of(images)),
            }
        )
    return pd.DataFrame(rows)


def len_of(images: Path) -> int:
    return int(images.name.rpartition("-")[2])


def markdown(table: pd.DataFrame) -> str:
    rows = [table.columns, ["---"] * len(table.columns), *table.to_numpy()]
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Galaxies a second, memory and cost of a survey.")
    parser.add_argument("--galaxies", type=int, default=20_000)
    parser.add_argument("--side", type=int, default=128, help="of the cutouts, in pixels")
    parser.add_argument("--kind", choices=("fits", "tar", "parquet"), default="fits")
    parser.add_argument("--runtime", choices=RUNTIMES, default="torch")
    parser.add_argument("--shard_size", type=int, default=256)
    parser.add_argument("--images", type=Path, help="where to write cutouts, or find them")
    parser.add_argument(
        "--tables", nargs="+", choices=("cores", "levels"), default=["cores", "levels"]
    )
    parser.add_argument("--pinned", action="store_true", help="as many cores as workers")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        kept = asked.images or folder
        few, all_ = (
            kept / f"{asked.kind}-{asked.side}-{n}" for n in (asked.galaxies // 10, asked.galaxies)
        )
        for images in (few, all_):
            if not images.exists():
                write_cutouts(images, len_of(images), asked.side, asked.kind)
        how = {"runtime": asked.runtime, "shard_size": asked.shard_size}
        print(f"{asked.galaxies} cutouts of {asked.side} px in {asked.kind}, {asked.runtime}\n")
        if "cores" in asked.tables:
            whole = {}
            for n in WORKERS:
                with on_cores(n if asked.pinned else None):
                    whole[n] = survey(all_, folder / f"all{n}", workers=n, **how)
            print(markdown(cores_table(whole, asked.runtime)), end="\n\n", flush=True)
            tenth = survey(few, folder / "few", workers=2, **how)
            memory = {len_of(few): tenth, len_of(all_): whole[2]}
            print(markdown(memory_table(memory)), end="\n\n", flush=True)
        if "levels" in asked.tables:
            print(markdown(levels_table(few, folder, how)))
