"""Samples in batches, in an order that a run which goes on repeats."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pytorch_lightning import LightningDataModule
from torch.utils.data import ConcatDataset, DataLoader

from galseg.dataset.shuffle import EpochShuffle
from galseg.dataset.splits import Split
from galseg.errors import ConfigError

__all__ = ["ResumableData", "in_batches", "joined"]

_EPOCH = "epoch"


class ResumableData(LightningDataModule):
    """Knows with which epoch a run begins, also one that goes on from a checkpoint.

    Lightning tells samplers the epoch only after the workers of a loader have begun to fetch.
    """

    first_epoch = 0

    def state_dict(self) -> dict[str, int]:
        """Return the epoch with which a run goes on from a checkpoint that is made now."""
        if self.trainer is None:
            return {_EPOCH: 0}
        begun = self.trainer.fit_loop.epoch_progress.current
        return {_EPOCH: begun.ready if self.trainer.is_last_batch else begun.processed}

    def load_state_dict(self, state_dict: dict[str, int]) -> None:
        """Take in what a checkpoint says, before loaders are made."""
        self.first_epoch = state_dict[_EPOCH]


def joined(parts: Iterable[Any], *, split: Split) -> ConcatDataset[Any]:
    """Put the galaxies of a split from all sources behind each other.

    Raises
    ------
    ConfigError
        If there is none.
    """
    filled = [part for part in parts if len(part)]
    if not filled:
        raise ConfigError(
            f"no galaxy fell into the {split} split; give more galaxies, or a larger share "
            "to it (val_fraction, test_fraction)"
        )
    return ConcatDataset(filled)


def in_batches(
    samples: Any,
    *,
    batch_size: int,
    num_workers: int,
    seed: int,
    training: bool,
    epoch: int = 0,
    never_alone: bool = False,
) -> DataLoader[Any]:
    """Load samples in batches.

    Parameters
    ----------
    samples : Dataset
        Indexed by ``(epoch, number)`` in training, else by number.
    batch_size, num_workers : int
    seed : int
        Of the order in training.
    training : bool
        Whether they are shuffled, anew in every epoch. A last batch of one sample is then left
        out, since it has no variance to normalise by.
    epoch : int, optional
        With which training begins, see `ResumableData`.
    never_alone : bool, optional
        Whether a last batch of one sample is always left out.
    """
    shuffle = EpochShuffle(samples, seed=seed, epoch=epoch) if training else None
    return DataLoader(
        samples,
        batch_size=batch_size,
        sampler=shuffle,
        drop_last=(training or never_alone) and len(samples) % batch_size == 1 < len(samples),
        num_workers=num_workers,
        persistent_workers=num_workers > 0,
    )
