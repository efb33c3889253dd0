"""Encoders and decoders: their size and time, and what a full-resolution stem brings.

Run as ``python benchmarks/bench_encoders.py`` for the tables of the README: parameters and the
time of one image through networks with random weights, and the thin arms of simulated galaxies
that the same short training finds with and without a stem. ``--tiny`` tries it in seconds.
"""

from __future__ import annotations

import argparse
import itertools
import time
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.utils.data import DataLoader

from galseg.dataset.samples import Samples
from galseg.dataset.simulated import SimulatedGalaxies
from galseg.errors import ConfigError
from galseg.models import SegmentationNetwork, build_network, check_side

ENCODERS = (
    "mobilenetv3_small_050", "resnet10t", "resnet18", "resnet50", "tf_efficientnet_lite0",
    "efficientnet_b0", "convnext_atto", "convnext_pico", "convnext_nano", "maxvit_tiny_rw_224",
)  # fmt: skip
DECODERS = ("unet", "unet++", "fpn", "deeplabv3+")
COMPARED = "resnet18"  # encoder of the table of decoders
SIDES = (128, 224, 256)
WIDTHS = (128, 64, 32, 16, 16)
N_REPEATS = 15

THIN = 5  # grid pixels: an arm is thin where no disc of this diameter fits into it
STEMS = (("convnext_atto", False), ("convnext_atto", True), ("resnet10t", False))
THRESHOLDS = np.linspace(0.1, 0.8, 15)


@dataclass(frozen=True)
class Budget:
    """What every network of the comparison gets."""

    side: int = 128
    n_training: int = 400
    n_validation: int = 100
    n_test: int = 200
    n_epochs: int = 8
    batch_size: int = 16
    lr: float = 2e-3


def size_and_time(encoder: str, decoder: str, stem: bool) -> str:
    """One row: parameters, megabytes, and milliseconds an image at every side."""
    network = build_network(
        n_features=3, encoder=f"tu-{encoder}", decoder=decoder, decoder_channels=WIDTHS, stem=stem
    ).eval()
    n_parameters = sum(p.numel() for p in network.parameters())
    times = [milliseconds(network, side) for side in SIDES]
    cells = [encoder, decoder, "yes" if stem else "", f"{n_parameters / 1e6:.1f}"]
    cells += [f"{4 * n_parameters / 1e6:.0f}", *times]
    return f"| {' | '.join(cells)} |"


@torch.inference_mode()
def milliseconds(network: SegmentationNetwork, side: int) -> str:
    """Median over some images, one at a time."""
    try:
        check_side(network, side, in_channels=1)
    except ConfigError:
        return "-"
    image, taken = torch.rand(1, 1, side, side), []
    for _ in range(N_REPEATS):
        start = time.perf_counter()
        network(image)
        taken.append(time.perf_counter() - start)
    return f"{1e3 * np.median(taken):.0f}"


def print_sizes(encoders: tuple[str, ...]) -> None:
    columns = ["encoder", "decoder", "stem", "million parameters", "MB"]
    columns += [f"ms at {side}" for side in SIDES]
    print(f"| {' | '.join(columns)} |")
    print("|---" * len(columns) + "|")
    for encoder in encoders:
        for stem in (False, True) if encoder.startswith("convnext") else (False,):
            print(size_and_time(encoder, "unet", stem), flush=True)
    for decoder in DECODERS[1:]:
        print(size_and_time(COMPARED, decoder, False), flush=True)


def train(network: SegmentationNetwork, data: SimulatedGalaxies, budget: Budget) -> None:
    """AdamW with one cycle of the learning rate, every galaxy turned and mirrored at random."""
    device = next(network.parameters()).device
    loader = DataLoader(Samples(data), batch_size=budget.batch_size, shuffle=True, drop_last=True)
    optimizer = torch.optim.AdamW(network.parameters(), lr=budget.lr)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=budget.lr, total_steps=budget.n_epochs * len(loader), pct_start=0.1
    )
    network.train()
    for _ in range(budget.n_epochs):
        for batch in loader:
            image, truth = turned(batch["image"].to(device), batch["fraction"].to(device))
            loss = binary_cross_entropy_with_logits(network(image), truth)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()


def turned(*maps: Tensor) -> list[Tensor]:
    n_turns, mirrored = int(torch.randint(4, ())), bool(torch.rand(()) < 0.5)
    spun = [torch.rot90(one, n_turns, dims=(-2, -1)) for one in maps]
    return [one.flip(-1) for one in spun] if mirrored else spun


@torch.inference_mode()
def predicted(
    network: SegmentationNetwork, data: SimulatedGalaxies
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Probabilities and true masks, (galaxies, side, side) each."""
    device = next(network.parameters()).device
    network.eval()
    probabilities, truths = [], []
    for batch in DataLoader(Samples(data), batch_size=32):
        probabilities.append(network(batch["image"].to(device)).sigmoid().cpu()[:, 0])
        truths.append(batch["fraction"][:, 0] >= 0.5)
    return torch.cat(probabilities).numpy(), torch.cat(truths).numpy()


def intersection_over_union(mask: NDArray[np.bool_], truth: NDArray[np.bool_]) -> float:
    return float((mask & truth).sum() / max((mask | truth).sum(), 1))


def share_of(pixels: NDArray[np.bool_], inside: NDArray[np.bool_]) -> str:
    return f"{inside[pixels].mean():.3f}" if pixels.any() else "-"


def thin_part(truth: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where no disc of the diameter THIN fits into a mask."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (THIN, THIN))
    wide = [cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, disc) for mask in truth]
    return truth & ~np.array(wide, dtype=bool)


@dataclass(frozen=True)
class Split:
    """The same galaxies for every network."""

    training: SimulatedGalaxies
    validation: SimulatedGalaxies
    test: SimulatedGalaxies

    @classmethod
    def draw(cls, budget: Budget) -> Split:
        """Simulate them."""
        counts = np.cumsum([0, budget.n_training, budget.n_validation, budget.n_test])
        return cls(
            *(
                SimulatedGalaxies(
                    range(first, end), features=("spiral_arm",), side=budget.side, seed=20
                )
                for first, end in itertools.pairwise(counts.tolist())
            )
        )


def stem_row(encoder: str, stem: bool, seed: int, split: Split, budget: Budget) -> str:
    """Train one network, choose its threshold on validation galaxies, score it on others."""
    torch.manual_seed(seed)
    network = build_network(
        n_features=1, encoder=f"tu-{encoder}", decoder_channels=WIDTHS, stem=stem
    ).to("cuda" if torch.cuda.is_available() else "cpu")
    start = time.perf_counter()
    train(network, split.training, budget)
    minutes = (time.perf_counter() - start) / 60
    probability, truth = predicted(network, split.validation)
    threshold = max(THRESHOLDS, key=lambda t: intersection_over_union(probability >= t, truth))
    probability, truth = predicted(network, split.test)
    mask, thin = probability >= threshold, thin_part(truth)
    scores = [share_of(thin, mask), share_of(truth & ~thin, mask), share_of(mask, truth)]
    overlap = intersection_over_union(mask, truth)
    cells = [encoder, "yes" if stem else "", str(seed), *scores, f"{overlap:.3f}"]
    return f"| {' | '.join(cells)} | {minutes:.1f} |"


def print_stems(budget: Budget, seeds: range) -> None:
    split = Split.draw(budget)
    for data in (split.training, split.validation):
        list(data)  # simulated now, which is no part of the first training's time
    truth = np.stack([galaxy.fraction[0] >= 0.5 for galaxy in split.test])
    share = thin_part(truth).sum() / truth.sum()
    print(f"{share:.0%} of the arms are narrower than {THIN} of {budget.side} pixels\n")
    columns = ["encoder", "stem", "seed", "recall, thin", "recall, wide", "precision", "IoU", "min"]
    print(f"| {' | '.join(columns)} |")
    print("|---" * len(columns) + "|")
    for encoder, stem in STEMS:
        for seed in seeds:
            print(stem_row(encoder, stem, seed, split, budget), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tiny", action="store_true", help="a few galaxies, to try it")
    parser.add_argument("--seeds", type=int, default=2, help="trainings a network")
    parser.add_argument(
        "--tables", nargs="+", choices=("sizes", "stems"), default=("sizes", "stems")
    )
    options = parser.parse_args()
    if options.tiny:
        print_sizes(("mobilenetv3_small_050", "convnext_atto"))
        budget = Budget(side=64, n_training=16, n_validation=4, n_test=8, n_epochs=1, batch_size=8)
        print()
        print_stems(budget, range(1))
        return
    if "sizes" in options.tables:
        print_sizes(ENCODERS)
        print()
    if "stems" in options.tables:
        print_stems(Budget(), range(options.seeds))


if __name__ == "__main__":
    main()
