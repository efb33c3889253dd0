"""Galaxies a second: the network in every runtime, and from FITS files to mask files.

The first table runs the network of the default model alone on arrays in memory, at the side that
it was trained at and at 256, with all cores: batches of 8, the fastest of several rounds in which
the runtimes take turns. ``off by`` is the largest difference in probability from PyTorch as it is.

The second goes from 256 x 256 FITS images with a WCS to prediction files, through `predict_files`
with one worker a core, and beside it the bare network of the same runtime with all cores, the
fastest of three batch sizes. Files a second come from the times of the files written, without the
start of the workers, which has its own column.

``python benchmarks/bench_predict.py`` prints both; ``--network`` or ``--files`` one of them, and
``--runtimes`` limits the runtimes, for runs of less than a minute.
"""

from __future__ import annotations

import argparse
import copy
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from astropy.io import fits
from numpy.typing import NDArray

from galseg.dataset.simulate import simulate_galaxy
from galseg.io.atomic import write_folder
from galseg.io.fits_file import frame_header
from galseg.io.images import GalaxyImage, list_images
from galseg.io.predictions import write_prediction
from galseg.models import ModelCard, SegmentationNetwork, load_network, model_stem
from galseg.predict import Segmenter, predict_files
from galseg.predict.runtimes import RUNTIMES, RuntimeName, start_runtime
from galseg.prediction import Prediction

Maps = NDArray[np.float32]
Forward = Callable[[Maps], Maps]

WIDE_SIDE = 256
BATCH = 8
BATCHES = (1, 4, 16)
ROUNDS = 4
N_FILES = 200
N_DRAWN = 8  # different galaxies among the files
N_SKIPPED = 20  # files until all workers are at work
BUDGET = 0.85


def inputs(n: int, side: int) -> Maps:
    return np.random.default_rng(0).random((n, 1, side, side), dtype=np.float32)


def torch_variant(network: torch.nn.Module, **to: object) -> Forward:
    """Run a network as ``Tensor.to`` is told."""
    network = copy.deepcopy(network).to(**to)
    dtype = to.get("dtype", torch.float32)
    layout = to.get("memory_format", torch.contiguous_format)

    @torch.inference_mode()
    def forward(values: Maps) -> Maps:
        tensor = torch.from_numpy(values).to(dtype=dtype, memory_format=layout)
        return network(tensor).float().numpy()

    return forward


def compiled(network: torch.nn.Module) -> Forward:
    fast = torch.compile(copy.deepcopy(network), dynamic=False)

    @torch.inference_mode()
    def forward(values: Maps) -> Maps:
        return fast(torch.from_numpy(values)).numpy()

    return forward


def has_bf16() -> bool:
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def variants(network: SegmentationNetwork, card: ModelCard) -> dict[str, Forward]:
    found = {
        "torch": start_runtime(network, card, runtime="torch").forward,
        "torch, channels_last": torch_variant(network, memory_format=torch.channels_last),
        "torch.compile": compiled(network),
        "ONNX Runtime": start_runtime(network, card, runtime="onnx").forward,
        "OpenVINO": start_runtime(network, card, runtime="openvino").forward,
    }
    if has_bf16():
        found["torch, bfloat16"] = torch_variant(network, dtype=torch.bfloat16)
    return found


def rate(forward: Forward, values: Maps) -> float:
    start = time.perf_counter()
    forward(values)
    return len(values) / (time.perf_counter() - start)


def network_alone(side: int) -> pd.DataFrame:
    """Galaxies a second of each way to run the network."""
    network, card = load_network(model_stem("default"))
    values = inputs(BATCH, side)
    ways = variants(network, replace(card, side=side))
    answers = {name: torch.from_numpy(forward(values)).sigmoid() for name, forward in ways.items()}
    rounds = [{name: rate(way, values) for name, way in ways.items()} for _ in range(ROUNDS)]
    table = pd.DataFrame({"galaxies/s": pd.DataFrame(rounds).max().round(1)})
    table["ratio to torch"] = (table["galaxies/s"] / table.loc["torch", "galaxies/s"]).round(2)
    off = {name: float((maps - answers["torch"]).abs().max()) for name, maps in answers.items()}
    table["off by"] = [f"{off[name]:.0e}" for name in table.index]
    table.insert(0, "side, px", side)
    return table.reset_index(names="network in")


def write_images(folder: Path) -> None:
    shape = (WIDE_SIDE, WIDE_SIDE)
    drawn = [simulate_galaxy(seed, shape=shape) for seed in range(N_DRAWN)]
    for n in range(N_FILES):
        galaxy = drawn[n % N_DRAWN]
        header = frame_header(galaxy.frame)
        fits.writeto(folder / f"J{n:04}.fits", galaxy.image.astype(np.float32), header)


def save(folder: Path, image: GalaxyImage, prediction: Prediction) -> None:
    write_prediction(folder / f"{image.galaxy_id}.fits", prediction)


def files_to_files(segmenter: Segmenter, images: Path) -> tuple[float, float]:
    """Files a second once the workers run, and the seconds until then."""
    with tempfile.TemporaryDirectory() as parent, write_folder(Path(parent, "maps")) as folder:
        began = time.time()
        n_workers = torch.get_num_threads()
        save_here = partial(save, folder)
        files = list_images(images)
        outcomes = list(predict_files(segmenter, files, save=save_here, n_workers=n_workers))
        if any(outcome.reason for outcome in outcomes):
            raise RuntimeError(outcomes)
        written = sorted(path.stat().st_mtime for path in folder.iterdir())
    n_timed = len(written) - 1 - N_SKIPPED
    return n_timed / (written[-1] - written[N_SKIPPED]), written[0] - began


def whole_line(side: int, runtimes: Sequence[RuntimeName]) -> pd.DataFrame:
    """Files a second, and what share of the bare network's rate that is."""
    network, card = load_network(model_stem("default"))
    card = replace(card, side=side)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        write_images(Path(folder))
        for runtime in runtimes:
            segmenter = Segmenter(network, card, runtime=runtime)
            forward = segmenter.members[0].runtime.forward
            batches = [inputs(n, side) for n in BATCHES for _ in range(ROUNDS)]
            bare = max(rate(forward, values) for values in batches)
            through, start = files_to_files(segmenter, Path(folder))
            rows.append(
                {
                    "network in": runtime,
                    "side, px": side,
                    "network alone, 1/s": round(bare, 1),
                    "files to files, 1/s": round(through, 1),
                    "share": f"{through / bare:.0%}",
                    "start, s": round(start, 1),
                }
            )
    return pd.DataFrame(rows)


def sides() -> tuple[int, int]:
    return load_network(model_stem("default"))[1].side, WIDE_SIDE


def markdown(table: pd.DataFrame) -> str:
    rows = [table.columns, ["---"] * len(table.columns), *table.to_numpy()]
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in rows)


def test_files_go_through_at_85_percent_of_the_network() -> None:
    table = whole_line(WIDE_SIDE, RUNTIMES)
    assert (table["files to files, 1/s"] >= BUDGET * table["network alone, 1/s"]).all()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Galaxies a second.")
    parser.add_argument("--network", action="store_true", help="the first table only")
    parser.add_argument("--files", action="store_true", help="the second table only")
    parser.add_argument("--sides", type=int, nargs="+", help="the model's own and 256 if left out")
    parser.add_argument("--runtimes", nargs="+", choices=RUNTIMES, default=RUNTIMES)
    asked = parser.parse_args()
    print(f"{torch.get_num_threads()} threads; bfloat16: {has_bf16()}", end="\n\n")
    chosen = asked.sides or sides()
    if not asked.files:
        print(markdown(pd.concat([network_alone(side) for side in chosen])), end="\n\n")
    if not asked.network:
        print(markdown(pd.concat([whole_line(side, asked.runtimes) for side in chosen])))
