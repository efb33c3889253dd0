"""``galseg train``: Lightning's own command line, with a run folder around it."""

from __future__ import annotations

from collections.abc import Sequence
from inspect import signature
from pathlib import Path
from typing import Any

import torch
from jsonargparse import ArgumentError
from pytorch_lightning import Trainer
from pytorch_lightning.callbacks import ModelCheckpoint
from pytorch_lightning.cli import LightningArgumentParser, LightningCLI
from pytorch_lightning.loggers import CSVLogger

from galseg.dataset.datamodule import ConsensusDataModule
from galseg.errors import ConfigError, OutputError, nearest_name
from galseg.io.provenance import write_run_record
from galseg.options import unknown_option
from galseg.train.export import export_model
from galseg.train.lightning_warnings import without_idle_warnings
from galseg.train.module import SegmentationModule

__all__ = ["TrainCLI", "train_main"]

_VERBS = ("fit", "validate", "test")
_STRICT = {"exit_on_error": False, "allow_abbrev": False}
_OPTIONS = {
    "": ("checkpoint", "ckpt_path", "config", "data", "export", "model", "output",
         "seed_everything", "trainer"),
    "data": tuple(signature(ConsensusDataModule).parameters),
    "export": ("half", "limits", "name"),
    "model": tuple(signature(SegmentationModule).parameters),
    "trainer": tuple(signature(Trainer).parameters),
}  # fmt: skip


def train_main(words: Sequence[str]) -> None:
    """Train a model, or score a checkpoint.

    Parameters
    ----------
    words : sequence of str
        ``fit`` (may be left out), ``validate`` or ``test``, then options of Lightning, of
        `SegmentationModule` as ``--model.<option>``, of `ConsensusDataModule` as
        ``--data.<option>``, and those of the run: ``--output`` (folder), ``--export.name``,
        ``--export.limits`` and ``--export.half``. All of them also go into a YAML file for
        ``--config``.

    Raises
    ------
    ConfigError
        If an option is unknown or wrong, or a checkpoint is missing that should be scored.
    OutputError
        If the run folder holds another run.
    """
    verb, *rest = words if words and words[0] in _VERBS else ("fit", *words)
    try:
        with without_idle_warnings():
            TrainCLI([verb, *rest])
    except ArgumentError as error:
        raise ConfigError(_explain(str(error))) from error


class TrainCLI(LightningCLI):
    """LightningCLI that keeps one folder a run.

    The folder gets ``config.yaml`` and ``run.yaml``, ``logs/version_<n>/metrics.csv``,
    ``checkpoints/best.ckpt`` and ``last.ckpt``, and at the end ``model.safetensors`` with its card
    ``model.json``. A run that was stopped goes on with
    ``--ckpt_path <output>/checkpoints/last.ckpt``.

    Parameters
    ----------
    words : list of str
        Subcommand and options.
    """

    def __init__(self, words: list[str]) -> None:
        super().__init__(
            SegmentationModule,
            ConsensusDataModule,
            args=words,
            seed_everything_default=0,
            save_config_callback=None,  # the run record holds it, see before_fit
            auto_configure_optimizers=False,
            parser_kwargs={"prog": "galseg train", **_STRICT} | dict.fromkeys(_VERBS, _STRICT),
        )

    @staticmethod
    def subcommands() -> dict[str, set[str]]:
        """Return the verbs, without Lightning's predict: that is ``galseg predict``."""
        return {verb: LightningCLI.subcommands()[verb] for verb in _VERBS}

    def add_arguments_to_parser(self, parser: LightningArgumentParser) -> None:
        """Add the options of a run."""
        parser.add_argument("--output", type=Path, default=Path("runs/train"), help="run folder")
        parser.add_argument("--export.name", type=str, default="galseg", help="of the model")
        parser.add_argument(
            "--export.limits", type=tuple[str, ...], default=(), help="what its card warns of"
        )
        parser.add_argument(
            "--export.half", type=bool, default=False, help="store weights with 16 bits"
        )
        parser.add_lightning_class_args(ModelCheckpoint, "checkpoint")
        parser.set_defaults(
            {
                "checkpoint.monitor": "val_log_score",
                "checkpoint.filename": "best",
                "checkpoint.save_last": True,
                "trainer.num_sanity_val_steps": 0,  # the mean map is empty before training
            }
        )
        parser.link_arguments("output", "checkpoint.dirpath", compute_fn=_checkpoints)
        parser.link_arguments("data.features", "model.features")
        parser.link_arguments("data.side", "model.side")

    def before_instantiate_classes(self) -> None:
        """Refuse what would waste a run or spoil another one."""
        options = self.config[self.subcommand]
        if options.get("ckpt_path"):
            return
        if self.subcommand != "fit":
            raise ConfigError(
                f"galseg train {self.subcommand} scores a checkpoint; "
                "give --ckpt_path <run>/checkpoints/best.ckpt"
            )
        folder = Path(options.output)
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise OutputError(
                f"{folder} exists; name another --output, or go on with that run by "
                f"--ckpt_path {folder / 'checkpoints' / 'last.ckpt'}"
            )

    def instantiate_trainer(self, **kwargs: Any) -> Trainer:
        """Make the trainer, with its logs in the run folder."""
        folder = Path(self.config_init[self.subcommand].output)
        given = self.config_init[self.subcommand].trainer
        if given.logger is None:
            kwargs["logger"] = CSVLogger(folder, name="logs")
        return super().instantiate_trainer(default_root_dir=folder, **kwargs)

    def before_fit(self) -> None:
        """Keep every option as resolved, the version and the hashes of the inputs."""
        write_run_record(
            Path(self.config_init.fit.output),
            "train",
            options=self.config_dump,
            inputs=("data.images", "data.consensus"),
        )

    def after_fit(self) -> None:
        """Write the best network and its card."""
        folder = Path(self.config_init.fit.output)
        best = torch.load(self.trainer.checkpoint_callback.best_model_path, weights_only=True)
        self.model.load_state_dict(best["state_dict"])
        export = self.config_init.fit.export
        export_model(
            folder / "model",
            self.model.cpu(),
            self.datamodule,
            name=export.name,
            limits=export.limits,
            dtype=torch.float16 if export.half else torch.float32,
            training={
                "data": self.config_dump["data"],
                "model": self.config_dump["model"],
                "n_epochs": self.trainer.current_epoch,
                "best_epoch": int(best["epoch"]),
                "device": str(self.trainer.strategy.root_device),
                "torch": torch.__version__,
            },
        )
        print(f"model written: {folder / 'model.safetensors'}")


def _checkpoints(output: Path) -> str:
    return str(Path(output) / "checkpoints")


def _explain(message: str) -> str:
    text = f"galseg train: {' '.join(message.split())}"
    key = unknown_option(message)
    if key is None:
        return text
    group, _, option = key.partition(".")
    if group in _OPTIONS and option:
        return f"{text}; {nearest_name(option, _OPTIONS[group])}"
    return f"{text}; {nearest_name(group, _OPTIONS[''])}"
