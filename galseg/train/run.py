"""Lightning's own command line, with a run folder around it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from inspect import signature
from pathlib import Path
from typing import Any, ClassVar

import torch
from jsonargparse import ArgumentError
from pytorch_lightning import LightningDataModule, LightningModule, Trainer
from pytorch_lightning.callbacks import ModelCheckpoint
from pytorch_lightning.cli import LightningArgumentParser, LightningCLI
from pytorch_lightning.utilities import rank_zero_only

from galseg.errors import ConfigError, OutputError, nearest_name
from galseg.io.provenance import write_run_record
from galseg.options import unknown_option
from galseg.train.lightning_warnings import without_idle_warnings
from galseg.train.loggers import run_loggers
from galseg.train.precision import best_precision
from galseg.train.step_seed import StepSeed

__all__ = ["RunCLI"]

_STAGES = ("fit", "validate", "test")
_STRICT = {"exit_on_error": False, "allow_abbrev": False}
_OF_A_RUN = ("checkpoint", "ckpt_path", "config", "data", "model", "output", "seed_everything",
             "trainer")  # fmt: skip


class RunCLI(LightningCLI, ABC):
    """LightningCLI that keeps one folder a run.

    The folder gets ``config.yaml`` and ``run.yaml``, ``logs/version_<n>/metrics.csv`` and, with
    TensorBoard, ``tensorboard/``; ``checkpoints/best.ckpt`` and ``last.ckpt``; and at the end what
    the verb makes of the best one, in `finish`. A run that was stopped goes on with
    ``--ckpt_path <output>/checkpoints/last.ckpt``, and ends as it would have ended.

    Subclasses say what is run; options of their own are added in `add_arguments_to_parser`.

    Attributes
    ----------
    verb : str
        Of ``galseg``.
    module_class, data_class : type
        Their parameters are the options ``--model.<option>`` and ``--data.<option>``.
    monitor : str
        Score, the lower the better, by which the best checkpoint is told.
    inputs : tuple of str
        Options that name files and folders which are read, as ``"data.images"``.
    groups : mapping of str to tuple of str
        Options of the verb's own, by group.

    Parameters
    ----------
    words : list of str
        Stage and options.
    """

    verb: ClassVar[str]
    module_class: ClassVar[type[LightningModule]]
    data_class: ClassVar[type[LightningDataModule]]
    monitor: ClassVar[str]
    inputs: ClassVar[tuple[str, ...]]
    groups: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    def __init__(self, words: list[str]) -> None:
        super().__init__(
            self.module_class,
            self.data_class,
            args=words,
            seed_everything_default=0,
            save_config_callback=None,  # the run record holds it, see before_fit
            auto_configure_optimizers=False,
            parser_kwargs={"prog": f"galseg {self.verb}", **_STRICT}
            | dict.fromkeys(_STAGES, _STRICT),
        )

    @classmethod
    def run(cls, words: Sequence[str]) -> None:
        """Run a stage, ``fit`` if the first word names none.

        Raises
        ------
        ConfigError
            If an option is unknown or wrong, or a checkpoint is missing that should be scored.
        OutputError
            If the run folder holds another run.
        """
        stage, *rest = words if words and words[0] in _STAGES else ("fit", *words)
        try:
            with without_idle_warnings():
                cls([stage, *rest])
        except ArgumentError as error:
            raise ConfigError(cls._explain(str(error))) from error

    @abstractmethod
    def finish(self, folder: Path, best: Mapping[str, Any]) -> None:
        """Write what the run was for.

        Parameters
        ----------
        folder : pathlib.Path
            Of the run.
        best : mapping
            The best checkpoint, with whose weights `model` is filled, on the CPU.
        """

    @staticmethod
    def subcommands() -> dict[str, set[str]]:
        """Return the stages, without Lightning's predict: that is ``galseg predict``."""
        return {stage: LightningCLI.subcommands()[stage] for stage in _STAGES}

    def add_arguments_to_parser(self, parser: LightningArgumentParser) -> None:
        """Add the options of a run."""
        folder = Path("runs") / self.verb
        parser.add_argument("--output", type=Path, default=folder, help="run folder")
        parser.add_lightning_class_args(ModelCheckpoint, "checkpoint")
        parser.set_defaults(
            {
                "checkpoint.monitor": self.monitor,
                "checkpoint.filename": "best",
                "trainer.num_sanity_val_steps": 0,  # baselines are empty before training
            }
        )
        parser.link_arguments("output", "checkpoint.dirpath", compute_fn=_checkpoints)

    def before_instantiate_classes(self) -> None:
        """Refuse what would waste a run or spoil another one."""
        options = self.config[self.subcommand]
        if options.get("ckpt_path") or rank_zero_only.rank:
            return
        if self.subcommand != "fit":
            raise ConfigError(
                f"galseg {self.verb} {self.subcommand} scores a checkpoint; "
                "give --ckpt_path <run>/checkpoints/best.ckpt"
            )
        folder = Path(options.output)
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise OutputError(
                f"{folder} exists; name another --output, or go on with that run by "
                f"--ckpt_path {folder / 'checkpoints' / 'last.ckpt'}"
            )

    def instantiate_trainer(self, **kwargs: Any) -> Trainer:
        """Make the trainer, with its logs in the run folder.

        The precision is what the processor is good at, unless it is given.
        """
        options = self.config_init[self.subcommand]
        folder = Path(options.output)
        if options.trainer.logger is None:
            kwargs["logger"] = run_loggers(folder)
        if options.trainer.precision is None:
            kwargs["precision"] = best_precision(options.trainer.accelerator)
        # Lightning's own save_last leaves out the epochs since the best one.
        last = ModelCheckpoint(_checkpoints(folder), filename="last", enable_version_counter=False)
        seeds = [] if options.seed_everything is False else [StepSeed(options.seed_everything)]
        self.trainer_defaults["callbacks"] = [*seeds, last]
        return super().instantiate_trainer(default_root_dir=folder, **kwargs)

    def before_fit(self) -> None:
        """Keep every option as resolved, the version and the hashes of the inputs."""
        if rank_zero_only.rank:
            return
        folder = Path(self.config_init.fit.output)
        write_run_record(folder, self.verb, options=self.config_dump, inputs=self.inputs)

    def after_fit(self) -> None:
        """Fill the model with the best weights, and finish."""
        is_shared = torch.distributed.is_available() and torch.distributed.is_initialized()
        if is_shared:  # metrics would wait for processes that have ended
            torch.distributed.destroy_process_group()
        if rank_zero_only.rank:
            return
        best = torch.load(self.trainer.checkpoint_callback.best_model_path, weights_only=True)
        self.model.load_state_dict(best["state_dict"])
        self.model.cpu()
        self.finish(Path(self.config_init.fit.output), best)

    def training_facts(self, best: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a card says of the run: data, options and versions."""
        return {
            "data": self.config_dump["data"],
            "model": self.config_dump["model"],
            "n_epochs": self.trainer.current_epoch,
            "best_epoch": int(best["epoch"]),
            "device": str(self.trainer.strategy.root_device),
            "precision": str(self.trainer.precision),
            "torch": torch.__version__,
        }

    @classmethod
    def _explain(cls, message: str) -> str:
        text = f"galseg {cls.verb}: {' '.join(message.split())}"
        key = unknown_option(message)
        if key is None:
            return text
        known = {
            "data": tuple(signature(cls.data_class).parameters),
            "model": tuple(signature(cls.module_class).parameters),
            "trainer": tuple(signature(Trainer).parameters),
            **cls.groups,
        }
        group, _, option = key.partition(".")
        if group in known and option:
            return f"{text}; {nearest_name(option, known[group])}"
        return f"{text}; {nearest_name(group, {*_OF_A_RUN, *cls.groups})}"


def _checkpoints(output: Path) -> str:
    return str(Path(output) / "checkpoints")
