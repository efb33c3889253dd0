"""Warnings of Lightning that ask for nothing."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["without_idle_warnings"]

_IDLE = {
    # Lightning's own use of torch.
    r".*isinstance\(treespec, LeafSpec\)` is deprecated": FutureWarning,
    # Samples are kept in memory after the first epoch, where workers would only copy them.
    r".*does not have many workers which may be a bottleneck": UserWarning,
    # Each logger line is an epoch here, so the interval in steps does not matter.
    r".*number of training batches .* is smaller than the logging interval": UserWarning,
    # Lightning's own use of jsonargparse.
    r"(?s).*one JsonargparseDeprecationWarning": DeprecationWarning,
    r"(?s).*deprecated in v4\.\d+\.\d+ and will be removed in v5": DeprecationWarning,
    # Which device is used is said in the log, and chosen by the option trainer.accelerator.
    r".*GPU available but not used": UserWarning,
    # Words are passed on by galseg's own command line.
    r".*LightningCLI's args parameter is intended": UserWarning,
    # Checkpoints of one run share a folder, also where a run is resumed.
    r".*Checkpoint directory .* exists and is not empty": UserWarning,
    # Scores of a checkpoint go into a folder of their own.
    r".*The dirpath has changed from": UserWarning,
}


@contextmanager
def without_idle_warnings() -> Iterator[None]:
    """Silence, for a block, those warnings of Lightning that do not bear on a run here."""
    with warnings.catch_warnings():
        for message, category in _IDLE.items():
            warnings.filterwarnings("ignore", message=message, category=category)
        yield
