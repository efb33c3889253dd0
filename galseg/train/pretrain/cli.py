"""``galseg pretrain``: a run that ends in an encoder."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytorch_lightning.cli import LightningArgumentParser

from galseg.dataset.vote_datamodule import VoteDataModule
from galseg.errors import ConfigError
from galseg.models.encoders import save_encoder
from galseg.train.pretrain.module import Objective, PretrainModule
from galseg.train.run import RunCLI

__all__ = ["PretrainCLI"]

_LICENCE = "BSD-3-Clause"  # of an encoder that starts from nobody else's


class PretrainCLI(RunCLI):
    """A run whose folder gets ``encoder/`` at the end, in the layout of the Hugging Face hub."""

    verb = "pretrain"
    module_class = PretrainModule
    data_class = VoteDataModule
    monitor = "val_loss"
    inputs = ("data.catalogues", "data.images")

    def add_arguments_to_parser(self, parser: LightningArgumentParser) -> None:
        """Add the options of a run, and say once what model and data share."""
        super().add_arguments_to_parser(parser)
        for name in ("schemas", "side", "bands"):
            parser.link_arguments(f"data.{name}", f"model.{name}")
        parser.link_arguments("model.objective", "data.n_views", compute_fn=_n_views)

    def before_instantiate_classes(self) -> None:
        """Refuse what would waste a run or spoil another one."""
        super().before_instantiate_classes()
        options = self.config[self.subcommand]
        objective, data = options.model.objective, options.data
        if objective in ("supervised", "hybrid") and not (data.catalogues or data.n_simulated):
            raise ConfigError(
                f"the objective {objective!r} learns from votes; give --data.catalogues or "
                "--data.n_simulated"
            )
        if objective == "supervised" and data.images:
            raise ConfigError(
                "the objective 'supervised' learns nothing from --data.images without votes; "
                "leave them out, or take 'hybrid'"
            )

    def finish(self, folder: Path, best: Mapping[str, Any]) -> None:
        """Write the best encoder and how it was trained."""
        start = self.model.start
        target, new = folder / "encoder", folder / "encoder_new"
        shutil.rmtree(new, ignore_errors=True)
        save_encoder(
            new,
            self.model.encoder,
            architecture=self.model.hparams.encoder,
            licence=_LICENCE if start is None else start.licence,
            citation="" if start is None else start.citation,
            training=self.training_facts(best),
        )
        shutil.rmtree(target, ignore_errors=True)  # of this run, before it went on
        new.rename(target)
        print(f"encoder written: {target}")


def _n_views(objective: Objective) -> int:
    return 2 if objective in ("contrastive", "hybrid") else 1
