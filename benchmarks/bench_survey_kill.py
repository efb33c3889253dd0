"""A survey that is killed again and again, against one that is left alone.

Simulated galaxies as FITS files, some of them damaged, through the shipped default model. The
survey runs once undisturbed; then again while it is killed with SIGKILL at random moments of its
way, the driver and a worker in turn, the last time while the catalogues are made, and is started
anew with the same command after each death of the driver. All bytes of ``catalogue/``, ``masks/``,
``unplaced/`` and ``manifest.json`` are compared.

``python benchmarks/bench_survey_kill.py`` prints the line of the table; ``--engine dask`` runs the
workers in a cluster of dask.distributed, ``--kills`` and ``--galaxies`` make it shorter. It fails
when a byte differs.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
from astropy.io import fits

from galseg.dataset.simulate import simulate_galaxy
from galseg.io.fits_file import frame_header

SIDE = 64
SHARD_SIZE = 8
WORKERS = 2
BAD_EVERY = 50
SEED = 7
LONGEST_DELAY = 2.0  # seconds after the shard at which a kill is due
LOOK = 0.02  # seconds
COMPARED = ("catalogue", "masks", "unplaced", "manifest.json")


def write_images(folder: Path, n: int) -> None:
    folder.mkdir()
    for k in range(n):
        path = folder / f"J{k:05}.fits"
        galaxy = simulate_galaxy(k, shape=(SIDE, SIDE))
        fits.writeto(path, galaxy.image.astype(np.float32), frame_header(galaxy.frame))
        if k % BAD_EVERY == BAD_EVERY - 1:
            path.write_bytes(path.read_bytes()[:3000])


def start(images: Path, output: Path, engine: str) -> subprocess.Popen[bytes]:
    words = ["survey", "run", f"--images={images}", f"--output={output}", f"--engine={engine}"]
    words += [f"--workers={WORKERS}", f"--shard_size={SHARD_SIZE}"]
    return subprocess.Popen([sys.executable, "-m", "galseg", *words], stdout=subprocess.DEVNULL)


def results(folder: Path) -> dict[str, bytes]:
    files = [path for name in COMPARED for path in (folder / name, *(folder / name).rglob("*"))]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files if path.is_file()}


def workers_of(driver: int, engine: str) -> list[int]:
    """Return the worker processes: the leaves of the driver's tree that do the work."""
    found = []
    try:
        for process in psutil.Process(driver).children(recursive=True):
            is_deep = engine == "dask" or process.ppid() != driver  # local: below the fork server
            is_tracker = "resource_tracker" in str(process.cmdline())
            if is_deep and not is_tracker and not process.children():
                found.append(process.pid)
    except psutil.NoSuchProcess:  # one has just ended
        return []
    return found


def n_finished(output: Path) -> int:
    return len(list((output / "shards").glob("[0-9]*")))


def makes_catalogues(output: Path) -> bool:
    log = output / "log.jsonl"
    return log.exists() and '"event": "catalogues"' in log.read_text()


def wait_until(condition: Callable[[], bool], driver: subprocess.Popen[bytes]) -> bool:
    """Wait; tell whether it came before the driver's end."""
    while not condition():
        if driver.poll() is not None:
            return False
        time.sleep(LOOK)
    return True


def wait_for_workers(driver: subprocess.Popen[bytes], engine: str) -> list[int]:
    wait_until(lambda: workers_of(driver.pid, engine) != [], driver)
    return workers_of(driver.pid, engine)


def disturbed(images: Path, output: Path, *, engine: str, n_kills: int, n: int) -> dict[str, int]:
    """Run to the end, killed so often, and tell how often what was killed."""
    rng = random.Random(SEED)
    n_shards = -(-n // SHARD_SIZE)
    moments = sorted(rng.randrange(n_shards - 4 * WORKERS) for _ in range(n_kills - 1))
    killed = {"driver": 0, "worker": 0}
    driver, before = start(images, output, engine), 0
    for number, moment in enumerate(moments):
        due = moment
        if (
            engine == "dask" and number % 2
        ):  # a cluster whose worker dies at its start is no cluster
            due = max(moment, before + 1)
        if not wait_until(lambda: n_finished(output) >= due, driver):  # noqa: B023
            raise RuntimeError(f"it ended before kill {number}")
        time.sleep(rng.uniform(0, LONGEST_DELAY))
        if number % 2 and (workers := wait_for_workers(driver, engine)):
            os.kill(rng.choice(workers), signal.SIGKILL)
            killed["worker"] += 1
            continue
        driver.kill()
        driver.wait()
        killed["driver"] += 1
        driver, before = start(images, output, engine), n_finished(output)
    if wait_until(lambda: makes_catalogues(output), driver):
        driver.kill()
        killed["driver"] += 1
        driver.wait()
        driver = start(images, output, engine)
    if driver.wait():
        raise RuntimeError("the survey did not come to its end")
    return killed


def main(engine: str, n_kills: int, n: int) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        images, alone, killed = (Path(folder) / name for name in ("images", "alone", "killed"))
        write_images(images, n)
        began = time.monotonic()
        if start(images, alone, engine).wait():
            raise RuntimeError("the undisturbed survey did not come to its end")
        between = time.monotonic()
        deaths = disturbed(images, killed, engine=engine, n_kills=n_kills, n=n)
        end = time.monotonic()
        expected, found = results(alone), results(killed)
        same = expected == found
        manifest = json.loads(expected["manifest.json"])
    print(
        "| engine | galaxies | failed | kills of the driver | of a worker | undisturbed, s |",
        end="",
    )
    print(" killed, s | files | bytes | differing files |")
    print("|" + "---|" * 10)
    differing = sum(expected.get(name) != found.get(name) for name in expected | found)
    cells = (engine, n, sum(manifest["failures"].values()), deaths["driver"], deaths["worker"])
    times = (round(between - began), round(end - between))
    sizes = (len(expected), sum(map(len, expected.values())), differing)
    print("| " + " | ".join(map(str, (*cells, *times, *sizes))) + " |")
    return same


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A survey killed again and again.")
    parser.add_argument("--engine", choices=("local", "dask"), default="local")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--galaxies", type=int, default=400)
    asked = parser.parse_args()
    sys.exit(0 if main(asked.engine, asked.kills, asked.galaxies) else 1)
