"""Networks as PyTorch runs them, and draws by dropout, which only it can make."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from galseg.models import SegmentationNetwork

__all__ = ["TorchRuntime"]

Maps = NDArray[np.float32]


class TorchRuntime:
    """A network on the device where its parameters are.

    Parameters
    ----------
    network : SegmentationNetwork
        In evaluation mode.
    """

    name: Literal["torch"] = "torch"

    def __init__(self, network: SegmentationNetwork) -> None:
        self.network = network

    @property
    def on_cpu(self) -> bool:
        """Whether the network's parameters are on the CPU."""
        return self._device.type == "cpu"

    @property
    def _device(self) -> torch.device:
        return next(self.network.parameters()).device

    @torch.inference_mode()
    def forward(self, inputs: Maps) -> Maps:
        """Return logits, shape (B, C, side, side), of inputs (B, bands, side, side)."""
        logits: Maps = self.network(torch.from_numpy(inputs).to(self._device)).cpu().numpy()
        return logits

    @contextmanager
    def dropping(self, *, seed: int) -> Iterator[None]:
        """Drop channels at random inside, as in training, the same ones for the same seed.

        torch's own random numbers go on afterwards as if nothing had been.
        """
        self.network.dropout.train()
        try:
            with torch.random.fork_rng():
                torch.manual_seed(seed)
                yield
        finally:
            self.network.dropout.eval()
