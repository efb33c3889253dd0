r"""What a model gains from where its encoder starts, from its loss, and from more drawn galaxies.

Run as ``python benchmarks/bench_training.py recipes`` or ``... labels``, about an hour each on two
cores; needs the Galaxy Builder images and drawings in ../shared/data, their consensus as made for
configs/train_default.yaml, the optional packages of ``galseg[imagenet,pretrain]``, and the two
pretrained encoders:

    galseg pretrain --config configs/pretrain_default.yaml
    galseg pretrain --config configs/pretrain_default.yaml --model.objective supervised \
        --data.images [] --data.repeat 1 --output runs/pretrain_supervised

Every network has the same architecture, galaxies, steps and calibration. The rows come as they are
ready, as lines of the table of benchmarks/README.md. ``--tiny`` tries it in a few minutes.

The human ceiling is one crowd against the other of the same galaxy, as if the first one's vote
fractions were a model's probabilities, its threshold chosen on these galaxies like a model's.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from pytorch_lightning import Trainer, seed_everything

from galseg import ImageFrame, measure_bar
from galseg.dataset.datamodule import ConsensusDataModule
from galseg.dataset.observed import ObservedGalaxies, find_pairs
from galseg.dataset.samples import Samples
from galseg.train.answers import Answers, collect_answers
from galseg.train.calibration import Calibration, calibrate
from galseg.train.evaluation import evaluate
from galseg.train.module import SegmentationModule
from galseg.train.scoring import VOTE_SHARES, score_network

DATA = Path(__file__).parents[2] / "shared" / "data"
IMAGES = DATA / "galaxy-builder" / "images"
CONSENSUS = Path("runs/galaxy-builder/consensus")
ENCODER = "tf_efficientnet_lite0"
STARTS = {
    "scratch": None,
    "imagenet": "imagenet",
    "supervised": "runs/pretrain_supervised/encoder",
    "hybrid": "runs/pretrain_default/encoder",
}
LOSSES = ("l1", "beta_binomial")
LABELS = (10, 25, 50, 100)
FEATURES = ("bar", "spiral_arm", "tidal")
SETS = ("val observed", "test observed", "test simulated")


@dataclass(frozen=True)
class Budget:
    """What every network gets."""

    n_simulated: int = 600
    repeat: int = 4
    n_epochs: int = 8
    n_labelled_shown: int = 400
    side: int = 128


TINY = Budget(n_simulated=40, repeat=1, n_epochs=1, n_labelled_shown=60, side=64)


class Subset(ConsensusDataModule):
    """The same galaxies, but only the first few of the real ones are trained on."""

    def keep_observed(self, n_galaxies: int, *, n_shown: int) -> None:
        """Keep galaxies (with all their crowds), shown so often that an epoch is as long."""
        observed = self._parts["train"]["observed"]
        names = list(dict.fromkeys(pair.galaxy_id for pair in observed._pairs))
        kept = set(np.random.default_rng(0).permutation(names)[:n_galaxies])
        pairs = [pair for pair in observed._pairs if pair.galaxy_id in kept]
        galaxies = ObservedGalaxies(pairs, features=FEATURES, side=self.hparams.side)
        self._parts["train"]["observed"] = galaxies
        self.hparams.repeat = max(1, round(n_shown / len(pairs)))


def galaxies_to_train_on(budget: Budget) -> Subset:
    data = Subset(
        images=IMAGES,
        consensus=CONSENSUS,
        repeat=budget.repeat,
        n_simulated=budget.n_simulated,
        n_volunteers=12,
        simulated_side=(80, 280),
        side=budget.side,
    )
    data.setup("fit")
    return data


def start_of(name: str) -> str | None:
    """Return the weights that an encoder starts from."""
    start = STARTS[name]
    if start and "/" in start and not Path(start).exists():
        sys.exit(f"{start} is missing; the docstring of this file says how it is made")
    return start


def fit(module, data, *, n_epochs: int) -> None:
    trainer = Trainer(
        max_epochs=n_epochs,
        accelerator="auto",
        devices=1,
        logger=False,
        enable_checkpointing=False,
        enable_model_summary=False,
        enable_progress_bar=False,
        limit_val_batches=0,
    )
    trainer.fit(module, datamodule=data)


def trained(data: Subset, budget: Budget, *, start: str, loss: str) -> SegmentationModule:
    seed_everything(0, verbose=False)
    module = SegmentationModule(
        side=budget.side,
        encoder=f"tu-{ENCODER}",
        encoder_weights=start_of(start),
        loss=loss,
        lr=2e-3,
    )
    fit(module, data, n_epochs=budget.n_epochs)
    return module.eval()


def rows_of(name: str, module: SegmentationModule, data: Subset) -> Iterator[str]:
    """Lines of the table: one a set of galaxies."""
    calibration, scores = score_network(
        module.network, data, features=FEATURES, splits=("val", "test"), vote_threshold=0.2
    )
    for place in filter(scores.__contains__, SETS):
        split, source = place.split()
        loader = data.sources(split)[source]
        error = bar_length_error(collect_answers(module.network, loader), calibration)
        yield line(name, place, scores[place], error)


def line(name, place, scores, error) -> str:
    bar, arms = (scores.features[feature] for feature in FEATURES[:2])
    numbers = [
        *(
            f"{feature.masks[share].median_iou:.2f}"
            for feature in (bar, arms)
            for share in VOTE_SHARES
        ),
        f"{scores.mae:.4f}",
        f"{scores.log_score:.4f}",
        f"{scores.calibration_error:.4f}",
        *(percent(feature.masks[0.2].false_mask_share) for feature in (bar, arms)),
        percent(error),
    ]
    return f"| {name} | {place} | {' | '.join(numbers)} |"


def percent(share: float | None) -> str:
    return "" if share is None or not np.isfinite(share) else f"{share:.0%}"


def bar_length_error(answers: Sequence[Answers], calibration: Calibration) -> float:
    """Median over galaxies with two measurable bars: the model's, and that of a fifth of votes."""
    ratios = []
    for batch in answers:
        both = zip(calibration.probability(batch.logits)[:, 0], batch.fraction[:, 0], strict=True)
        for probability, fraction in both:
            frame = ImageFrame(tuple(fraction.shape))
            limits = (calibration.thresholds[0.2]["bar"], 0.2)
            lengths = [
                measure_bar(plane.numpy(), frame=frame, threshold=limit).length_pix
                for plane, limit in zip((probability, fraction), limits, strict=True)
            ]
            if np.isfinite(lengths).all():
                ratios.append(abs(np.log(lengths[0] / lengths[1])))
    return float(np.median(ratios)) if ratios else np.nan


def human_ceiling(budget: Budget) -> str:
    """One crowd's fractions for the other's, over the galaxies that were drawn twice."""
    pairs = find_pairs(IMAGES, CONSENSUS)
    crowds: dict[str, list[int]] = {}
    for index, pair in enumerate(pairs):
        crowds.setdefault(pair.galaxy_id, []).append(index)
    samples = Samples(ObservedGalaxies(pairs, features=FEATURES, side=budget.side))
    answers = []
    for first, second in (both for both in crowds.values() if len(both) == 2):
        for guess, truth in ((samples[first], samples[second]), (samples[second], samples[first])):
            logits = torch.logit(guess["fraction"], eps=1e-3)
            held = [truth[name] for name in ("votes", "fraction", "n_asked", "valid")]
            answers.append(Answers(*(one.unsqueeze(0) for one in (logits, *held))))
    calibration = calibrate(answers, features=FEATURES, vote_shares=VOTE_SHARES)
    calibration = replace(calibration, temperatures=dict.fromkeys(FEATURES, 1.0))
    error = bar_length_error(answers, calibration)
    return line(
        "another crowd", f"{len(answers) // 2} drawn twice", evaluate(answers, calibration), error
    )


def recipes(budget: Budget, starts: Sequence[str]) -> None:
    data = galaxies_to_train_on(budget)
    print(human_ceiling(budget), flush=True)
    for start in starts:
        for loss in LOSSES:
            module = trained(data, budget, start=start, loss=loss)
            for row in rows_of(f"{start}, {loss}", module, data):
                print(row, flush=True)


def labels(budget: Budget, starts: Sequence[str]) -> None:
    """Without simulated galaxies, which are labels too."""
    for n_galaxies in LABELS:
        for start in starts:
            data = galaxies_to_train_on(replace(budget, n_simulated=1))
            data.keep_observed(n_galaxies, n_shown=budget.n_labelled_shown)
            module = trained(data, budget, start=start, loss="beta_binomial")
            rows = rows_of(f"{n_galaxies} galaxies, {start}", module, data)
            print("\n".join(row for row in rows if "observed" in row), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", choices=("recipes", "labels"))
    parser.add_argument("--starts", nargs="+", choices=STARTS, help="default: what the table needs")
    parser.add_argument("--tiny", action="store_true")
    options = parser.parse_args()
    warnings.filterwarnings("ignore", module="pytorch_lightning")
    columns = (
        "| network | galaxies | bar 20% | bar 40% | arms 20% | arms 40% | vote error | log score "
    )
    print(columns + "| calibration | false bars | false arms | bar length |")
    print("|---" * 12 + "|")
    budget = TINY if options.tiny else Budget()
    if options.table == "recipes":
        recipes(budget, options.starts or list(STARTS))
    else:
        labels(budget, options.starts or ["scratch", "hybrid"])


if __name__ == "__main__":
    main()
