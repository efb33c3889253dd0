"""Samples in batches, in an order that a run which goes on repeats."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pytorch_lightning import Trainer
from torch.utils.data import ConcatDataset, DataLoader

from galseg.dataset.shuffle import EpochShuffle, next_epoch
from galseg.dataset.splits import Split
from galseg.errors import ConfigError

__all__ = ["in_batches", "joined"]


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
    trainer: Trainer | None = None,
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
    trainer : Trainer, optional
        Knows the epoch with which a run goes on.
    never_alone : bool, optional
        Whether a last batch of one sample is always left out.
    """
    shuffle = EpochShuffle(samples, seed=seed, epoch=next_epoch(trainer)) if training else None
    return DataLoader(
        samples,
        batch_size=batch_size,
        sampler=shuffle,
        drop_last=(training or never_alone) and len(samples) % batch_size == 1 < len(samples),
        num_workers=num_workers,
        persistent_workers=num_workers > 0,
    )
