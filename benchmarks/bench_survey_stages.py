"""What a galaxy of a survey costs, stage by stage, and what batches and threads change.

Simulated galaxies as FITS files with a WCS, in the page cache, through the shipped default model
with one thread, as one worker of a survey does. Every stage is timed alone, in CPU time, the median
over galaxies of the fastest of a few repeats: ``read`` is the file to pixels and WCS, ``square``
fits and stretches them for the model, ``maps`` puts its answer onto the image's grid, ``masks``
packs them as run lengths, ``tables`` makes rows and Arrow tables. ``rest`` is what a whole
`ShardWorker.process` takes beyond these: queues, threads, records.

The second table is the network alone, images one at a time against batches of four; the third the
whole line on images of 128 pixels, on the cores that the process may use: one stage after the
other, images read ahead in a thread, and the network in a thread of its own too, with files that
are there at once and files that are waited for.

``python benchmarks/bench_survey_stages.py`` prints the three; ``--sides`` and ``--runtimes`` limit
them.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

import numpy as np
import pandas as pd
from astropy.io import fits

from galseg.dataset.simulate import simulate_galaxy
from galseg.io.fits_file import frame_header
from galseg.io.images import GalaxyImage, list_images, read_image
from galseg.measure.galaxy import measure_galaxy
from galseg.measure.task import MEASURED
from galseg.predict.runtimes import RUNTIMES, RuntimeName
from galseg.predict.squares import Square, to_square
from galseg.predict.threads import one_thread
from galseg.survey.fate import FINE
from galseg.survey.masks import encode_mask
from galseg.survey.pipeline import run_ahead
from galseg.survey.recipe import Recipe
from galseg.survey.rows import RowRecord, Rows
from galseg.survey.sources import ImageSource, Item, open_source
from galseg.survey.worker import ShardWorker

SIDES = (128, 256)
N_GALAXIES = 16
REPEATS = 2
ROUNDS = 3
BATCH = 4
WAITS_MS = (0, 20)


def write_images(folder: Path, side: int) -> None:
    for seed in range(N_GALAXIES):
        galaxy = simulate_galaxy(seed, shape=(side, side))
        header = frame_header(galaxy.frame)
        fits.writeto(folder / f"J{seed:04}.fits", galaxy.image.astype(np.float32), header)


def milliseconds(work: Callable[[], object], *, clock: Callable[[], float]) -> float:
    """Return the fastest of a few repeats."""
    times = []
    for _ in range(REPEATS):
        start = clock()
        work()
        times.append(clock() - start)
    return 1000 * min(times)


def stages_of(worker: ShardWorker, path: Path) -> dict[str, Callable[[], object]]:
    """Return what is done to one galaxy, each stage with what the one before left."""
    segmenter = worker.segmenter
    image = read_image(path)
    square = to_square(image, segmenter.card)
    (answer,) = segmenter.answer([square])
    prediction = segmenter.place(answer)
    measured = measure_galaxy(prediction)
    item = next(iter(open_source(path.parent).items(range(1))))

    def tables() -> None:
        rows = Rows("rle")
        for _ in range(N_GALAXIES):
            rows.add(RowRecord(item=item, fate=FINE, measured=measured))
        rows.tables()

    return {
        "read": partial(read_image, path),
        "square": partial(to_square, image, segmenter.card),
        "network": lambda: list(segmenter.answer([square] * BATCH)),
        "maps": partial(segmenter.place, answer),
        **{
            f"measure {name}": partial(measure_galaxy, prediction, features=(name,))
            for name in MEASURED
        },
        "masks": lambda: [encode_mask(prediction.of(name), threshold=0.2) for name in MEASURED],
        "tables": tables,
    }


def stage_times(worker: ShardWorker, folder: Path) -> pd.Series:
    """Milliseconds of CPU a galaxy, by stage."""
    rows = []
    with one_thread():
        for path in list_images(folder).values():
            stages = stages_of(worker, path)
            rows.append(
                {name: milliseconds(work, clock=time.process_time) for name, work in stages.items()}
            )
    times = pd.DataFrame(rows)
    times["tables"] /= N_GALAXIES
    times["network"] /= BATCH
    whole = milliseconds(lambda: worker.process(range(N_GALAXIES)), clock=time.process_time)
    mean = times.mean()
    mean["rest"] = whole / N_GALAXIES - mean.sum()
    return mean


def cost(sides: Sequence[int], runtimes: Sequence[RuntimeName]) -> pd.DataFrame:
    """Milliseconds and share of every stage."""
    columns = {}
    for side in sides:
        with tempfile.TemporaryDirectory() as folder:
            write_images(Path(folder), side)
            for runtime in runtimes:
                worker = worker_on(Path(folder), runtime)
                times = stage_times(worker, Path(folder))
                times["all"] = times.sum()
                share = 100 * times / times["all"]
                columns[f"{side} px, {runtime}"] = [
                    f"{ms:.2f} ({percent:.0f}%)" for ms, percent in zip(times, share, strict=True)
                ]
    return pd.DataFrame(columns, index=pd.Index(times.index, name="ms of CPU (share)"))


def worker_on(folder: Path, runtime: RuntimeName) -> ShardWorker:
    return ShardWorker(Recipe(runtime=runtime), open_source(folder), device="cpu")


def batches(runtimes: Sequence[RuntimeName]) -> pd.DataFrame:
    """Milliseconds an image of the network, one at a time and in fours, and how far they differ."""
    with tempfile.TemporaryDirectory() as folder, one_thread():
        write_images(Path(folder), SIDES[0])
        images = [read_image(path) for path in list_images(folder).values()][:BATCH]
        rows = [batch_times(worker_on(Path(folder), runtime), images) for runtime in runtimes]
    return pd.DataFrame(rows, index=pd.Index(runtimes, name="network in")).reset_index()


def batch_times(worker: ShardWorker, images: Sequence[GalaxyImage]) -> dict[str, object]:
    squares = [to_square(image, worker.segmenter.card) for image in images]

    def answer(few: Sequence[Sequence[Square]]) -> list[np.ndarray]:
        return [one.probability for some in few for one in worker.segmenter.answer(some)]

    ways = {"one": [[square] for square in squares], "four": [squares]}
    rounds = [
        {
            way: milliseconds(partial(answer, few), clock=time.process_time) / BATCH
            for way, few in ways.items()
        }
        for _ in range(ROUNDS)
    ]
    best = pd.DataFrame(rounds).min()
    return {
        "one at a time, ms": round(best["one"], 2),
        "in fours, ms": round(best["four"], 2),
        "ratio": round(best["one"] / best["four"], 2),
        "differ by": f"{np.max(np.abs(np.subtract(*map(answer, ways.values())))):.0e}",
    }


class Waiting(NamedTuple):
    """A source on a disk that takes its time."""

    source: ImageSource
    seconds: float

    def items(self, rows: range) -> Iterator[Item]:
        """Yield items that wait before they are read."""
        for item in self.source.items(rows):
            yield item._replace(load=partial(self._load, item))

    def _load(self, item: Item) -> GalaxyImage:
        time.sleep(self.seconds)
        return item.load()


def in_turn(stage: Iterator[object], *, n_ahead: int) -> Iterator[object]:
    """Stand in for `run_ahead`, without a thread."""
    return stage


def threads(runtimes: Sequence[RuntimeName]) -> pd.DataFrame:
    """Milliseconds a galaxy, CPU and wall, by the threads that share the work."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        write_images(Path(folder), SIDES[0])
        for runtime in runtimes:
            for wait_ms in WAITS_MS:
                source = Waiting(open_source(folder), wait_ms / 1000)
                one, two = (
                    ShardWorker(Recipe(runtime=runtime), source, device="cpu", network_apart=apart)
                    for apart in (False, True)
                )
                ways = {"in turn": one, "read ahead": one, "network apart": two}
                rounds = [
                    {
                        f"{way}, {clock}": ms
                        for way, worker in ways.items()
                        for clock, ms in whole_line(way, worker).items()
                    }
                    for _ in range(ROUNDS)
                ]
                best = pd.DataFrame(rounds).min().round(1)
                rows.append({"network in": runtime, "wait a file, ms": wait_ms, **best})
    return pd.DataFrame(rows)


def whole_line(way: str, worker: ShardWorker) -> dict[str, float]:
    stages = in_turn if way == "in turn" else run_ahead
    with patch("galseg.survey.worker.run_ahead", stages):
        began = time.process_time(), time.perf_counter()
        worker.process(range(N_GALAXIES))
        took = time.process_time() - began[0], time.perf_counter() - began[1]
    return {name: 1000 * s / N_GALAXIES for name, s in zip(("CPU", "wall"), took, strict=True)}


def markdown(table: pd.DataFrame) -> str:
    rows = [table.columns, ["---"] * len(table.columns), *table.to_numpy()]
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="What a galaxy of a survey costs.")
    parser.add_argument("--sides", type=int, nargs="+", default=SIDES)
    parser.add_argument("--runtimes", nargs="+", choices=RUNTIMES, default=RUNTIMES)
    asked = parser.parse_args()
    print(f"{len(os.sched_getaffinity(0))} cores", end="\n\n")
    print(markdown(cost(asked.sides, asked.runtimes).reset_index()), end="\n\n")
    print(markdown(batches(asked.runtimes)), end="\n\n")
    print(markdown(threads(asked.runtimes)))
