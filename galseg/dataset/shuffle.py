"""The order in which galaxies are trained on."""

from __future__ import annotations

from collections.abc import Iterator, Sized

import torch.distributed as dist
from torch.utils.data import DistributedSampler

__all__ = ["EpochShuffle"]


class EpochShuffle(DistributedSampler[tuple[int, int]]):
    """Shuffles by the seed and the epoch alone, so that a run which goes on has the same order.

    Where several processes train together, each gets its share; Lightning puts no sampler of its
    own in place of a `torch.utils.data.DistributedSampler`, and tells it the epoch.

    Parameters
    ----------
    samples : sized
        What is indexed.
    seed : int, optional
    epoch : int, optional
        With which it starts; `set_epoch` says which one is next.

    Yields
    ------
    tuple of int
        The epoch and an index, as `Samples` takes them: its augmentation then depends on nothing
        else either, whichever process makes the sample.

    Examples
    --------
    >>> shuffle = EpochShuffle(range(3), seed=1)
    >>> shuffle.set_epoch(5)
    >>> sorted(shuffle)
    [(5, 0), (5, 1), (5, 2)]
    """

    def __init__(self, samples: Sized, *, seed: int = 0, epoch: int = 0) -> None:
        together = dist.is_available() and dist.is_initialized()
        super().__init__(
            samples,  # type: ignore[arg-type]  # only its length is used
            num_replicas=dist.get_world_size() if together else 1,
            rank=dist.get_rank() if together else 0,
            seed=seed,
        )
        self.set_epoch(epoch)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        for index in super().__iter__():
            yield self.epoch, index  # type: ignore[misc]  # torch's own yields indices
