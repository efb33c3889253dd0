"""What a network says of galaxies, beside what the volunteers did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn

from galseg.dataset.samples import Sample

__all__ = ["Answers", "collect_answers"]


class Answers(NamedTuple):
    """A batch of galaxies.

    Attributes
    ----------
    logits : Tensor of float32, shape (B, C, side, side)
        As the network gave them.
    votes, fraction, n_asked, valid : Tensor
        See `Sample`.
    """

    logits: Tensor
    votes: Tensor
    fraction: Tensor
    n_asked: Tensor
    valid: Tensor


@torch.inference_mode()
def collect_answers(network: nn.Module, batches: Iterable[Sample]) -> Iterator[Answers]:
    """Yield a network's answers, on the CPU.

    Parameters
    ----------
    network : torch.nn.Module
        In evaluation mode.
    batches : iterable of Sample
    """
    device = next(network.parameters()).device
    for batch in batches:
        logits = network(batch["image"].to(device)).float().cpu()
        yield Answers(logits, batch["votes"], batch["fraction"], batch["n_asked"], batch["valid"])
