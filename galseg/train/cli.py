"""``galseg train``: a run that ends in a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from pytorch_lightning.cli import LightningArgumentParser
from pytorch_lightning.utilities import rank_zero_only

from galseg.dataset.datamodule import ConsensusDataModule
from galseg.dataset.splits import Split
from galseg.report.extra import need
from galseg.train.export import export_model
from galseg.train.module import SegmentationModule
from galseg.train.pictures import OverlayPictures
from galseg.train.run import RunCLI
from galseg.train.score_files import write_scores
from galseg.train.scoring import score_network

__all__ = ["TrainCLI", "train_main"]


def train_main(words: Sequence[str]) -> None:
    """Train a model, or score a checkpoint.

    Parameters
    ----------
    words : sequence of str
        ``fit`` (may be left out), ``validate`` or ``test``, then options of Lightning, of
        `SegmentationModule` as ``--model.<option>``, of `ConsensusDataModule` as
        ``--data.<option>``, of `OverlayPictures` as ``--pictures.<option>``, and those of the
        run: ``--output`` (folder), ``--export.name``, ``--export.licence``, ``--export.limits``
        and ``--export.half``. All of them also go into a YAML file for ``--config``.

    Raises
    ------
    ConfigError
        If an option is unknown or wrong, or a checkpoint is missing that should be scored.
    OutputError
        If the run folder holds another run.
    MissingDependencyError
        If a checkpoint is scored and matplotlib, which draws its reliability, is not installed.
    """
    TrainCLI.run(words)


class TrainCLI(RunCLI):
    """A run whose folder gets ``model.safetensors`` with its card ``model.json`` at the end.

    While it trains, ``pictures/`` gets sheets of validation galaxies. ``validate`` and ``test``
    write ``val/`` or ``test/`` with ``scores.csv``, ``scores.json`` and ``reliability.png``.
    """

    verb = "train"
    module_class = SegmentationModule
    data_class = ConsensusDataModule
    monitor = "val_log_score"
    inputs = ("data.images", "data.consensus")
    groups = {  # noqa: RUF012  read-only, see RunCLI
        "export": ("half", "licence", "limits", "name"),
        "pictures": ("every_n_epochs", "n_galaxies"),
    }

    def add_arguments_to_parser(self, parser: LightningArgumentParser) -> None:
        """Add the options of a run, of its pictures and of the model's file."""
        super().add_arguments_to_parser(parser)
        parser.add_argument("--export.name", type=str, default="galseg", help="of the model")
        parser.add_argument(
            "--export.licence", type=str, default="BSD-3-Clause", help="of the weights"
        )
        parser.add_argument(
            "--export.limits", type=tuple[str, ...], default=(), help="what its card warns of"
        )
        parser.add_argument(
            "--export.half", type=bool, default=False, help="store weights with 16 bits"
        )
        parser.add_lightning_class_args(OverlayPictures, "pictures")
        parser.link_arguments("output", "pictures.folder", compute_fn=_pictures)
        parser.link_arguments("data.features", "model.features")
        parser.link_arguments("data.side", "model.side")
        parser.link_arguments("data.bands", "model.in_channels")

    def finish(self, folder: Path, best: Mapping[str, Any]) -> None:
        """Write the best network and its card."""
        export = self.config_init.fit.export
        export_model(
            folder / "model",
            self.model,
            self.datamodule,
            name=export.name,
            licence=export.licence,
            limits=export.limits,
            dtype=torch.float16 if export.half else torch.float32,
            training=self.training_facts(best),
        )
        print(f"model written: {folder / 'model.safetensors'}")

    def before_validate(self) -> None:
        """Refuse early what could not be drawn."""
        need("matplotlib")

    def before_test(self) -> None:
        """Refuse early what could not be drawn."""
        need("matplotlib")

    def after_validate(self) -> None:
        """Write the scores of the validation galaxies."""
        self._write_scores("val")

    def after_test(self) -> None:
        """Write the scores of the test galaxies."""
        self._write_scores("test")

    def _write_scores(self, split: Split) -> None:
        if rank_zero_only.rank:
            return
        options = self.model.hparams
        _, scores = score_network(
            self.model.network.eval(),
            self.datamodule,
            features=options.features,
            splits=(split,),
            vote_threshold=options.vote_threshold,
        )
        folder = Path(self.config_init[self.subcommand].output) / split
        write_scores(folder, scores)
        print(f"scores written: {folder}")


def _pictures(output: Path) -> str:
    return str(Path(output) / "pictures")
