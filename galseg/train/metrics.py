"""How well masks agree with the crowd's, galaxy by galaxy."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torchmetrics import Metric
from torchmetrics.utilities import dim_zero_cat

__all__ = ["FalseMaskShare", "MedianIoU", "galaxy_iou"]


def galaxy_iou(mask: Tensor, truth: Tensor, valid: Tensor) -> Tensor:
    """Intersection over union of each galaxy and feature.

    Parameters
    ----------
    mask, truth, valid : Tensor of bool, shape (..., side, side)
        Pixels that are not valid count for neither.

    Returns
    -------
    Tensor of float32, shape (...)
        NaN where the truth is empty: there the question is whether the mask is, see
        `FalseMaskShare`.

    Examples
    --------
    >>> truth = torch.tensor([[[True, True, False]], [[False, False, False]]])
    >>> galaxy_iou(torch.ones(2, 1, 3, dtype=bool), truth, torch.ones(2, 1, 3, dtype=bool))
    tensor([0.6667,    nan])
    """
    both = (mask & truth & valid).sum((-2, -1))
    either = ((mask | truth) & valid).sum((-2, -1))
    empty = ~(truth & valid).any(-1).any(-1)
    return torch.where(empty, torch.nan, both / either)


class MedianIoU(Metric):
    """Median IoU of each feature over the galaxies that have it.

    Parameters
    ----------
    features : sequence of str
        Names of the C channels.
    """

    higher_is_better = True
    full_state_update = False
    iou: list[Tensor]

    def __init__(self, features: Sequence[str]) -> None:
        super().__init__()
        self.features = tuple(features)
        self.add_state("iou", default=[], dist_reduce_fx="cat")

    def update(self, mask: Tensor, truth: Tensor, valid: Tensor) -> None:
        """Take in a batch, (B, C, side, side) each."""
        self.iou.append(galaxy_iou(mask, truth, valid))

    def compute(self) -> dict[str, Tensor]:
        """Return the median by feature; NaN where no galaxy has it."""
        medians = dim_zero_cat(self.iou).nanquantile(0.5, dim=0)
        return dict(zip(self.features, medians, strict=True))


class FalseMaskShare(Metric):
    """Share of the galaxies without a feature on which a mask of it is drawn all the same.

    Galaxies count where somebody was asked and the truth is empty.

    Parameters
    ----------
    features : sequence of str
        Names of the C channels.
    """

    higher_is_better = False
    full_state_update = False
    n_drawn: Tensor
    n_empty: Tensor

    def __init__(self, features: Sequence[str]) -> None:
        super().__init__()
        self.features = tuple(features)
        for name in ("n_drawn", "n_empty"):
            self.add_state(name, default=torch.zeros(len(self.features)), dist_reduce_fx="sum")

    def update(self, mask: Tensor, truth: Tensor, valid: Tensor) -> None:
        """Take in a batch, (B, C, side, side) each."""
        asked = valid.any(-1).any(-1)
        empty = asked & ~(truth & valid).any(-1).any(-1)
        drawn = empty & (mask & valid).any(-1).any(-1)
        self.n_empty += empty.sum(0)
        self.n_drawn += drawn.sum(0)

    def compute(self) -> dict[str, Tensor]:
        """Return the share by feature; NaN where every galaxy has it."""
        return dict(zip(self.features, self.n_drawn / self.n_empty, strict=True))
