"""What to beat: the same answer for every galaxy."""

from __future__ import annotations

import torch
import torch.distributed as dist
from torch import Tensor, nn

__all__ = ["MeanMap"]

_CERTAIN = 1e-4


class MeanMap(nn.Module):
    """Mean vote fraction at each place of the grid, over the training galaxies.

    Of all answers that do not look at the image it has the best log score on these galaxies.
    Processes that train together share what they have seen.

    Parameters
    ----------
    n_features, side : int
        The map's shape is (n_features, side, side).
    """

    total: Tensor
    n_seen: Tensor

    def __init__(self, n_features: int, side: int) -> None:
        super().__init__()
        for name in ("total", "n_seen"):
            self.register_buffer(name, torch.zeros(n_features, side, side))

    @torch.no_grad()
    def update(self, fraction: Tensor, valid: Tensor) -> None:
        """Take in a batch, (B, C, side, side) each; what is not valid does not count."""
        seen = torch.stack([torch.where(valid, fraction, 0).sum(0), valid.sum(0)])
        if dist.is_available() and dist.is_initialized():
            dist.all_reduce(seen)
        self.total += seen[0]
        self.n_seen += seen[1]

    def forward(self) -> Tensor:
        """Return logits (C, side, side); certainty is kept finite, and 0 where nothing was seen."""
        mean = self.total / self.n_seen.clamp(min=1)
        mean = torch.where(self.n_seen > 0, mean, 0.5)
        return torch.logit(mean, eps=_CERTAIN)
