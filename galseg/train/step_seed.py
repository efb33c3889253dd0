"""Random numbers of a training step that do not depend on the steps before."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from pytorch_lightning import Callback, LightningModule, Trainer

__all__ = ["StepSeed"]


class StepSeed(Callback):
    """Seed torch before each training step, by the run's seed, the epoch and the step in it.

    A run that was stopped then drops the same channels as one that was not. Processes that train
    together draw apart.

    Parameters
    ----------
    seed : int
        Of the run.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def on_train_batch_start(
        self, trainer: Trainer, pl_module: LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """Seed."""
        del pl_module, batch
        place = (self._seed, trainer.current_epoch, batch_idx, trainer.global_rank)
        torch.manual_seed(int(np.random.SeedSequence(place).generate_state(1)[0]))
