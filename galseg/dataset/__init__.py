"""Images with votes on them: simulated galaxies, splits, and batches for a model.

The parts that need torch are imported when they are first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from galseg.dataset.simulate import simulate_annotations, simulate_galaxy
from galseg.dataset.splits import split_of

if TYPE_CHECKING:
    from galseg.dataset.datamodule import ConsensusDataModule as ConsensusDataModule

__all__ = ["ConsensusDataModule", "simulate_annotations", "simulate_galaxy", "split_of"]


def __getattr__(name: str) -> Any:
    if name == "ConsensusDataModule":
        return import_module("galseg.dataset.datamodule").ConsensusDataModule
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
