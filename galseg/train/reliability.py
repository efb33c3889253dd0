"""Whether pixels of probability p are marked by a share p of the volunteers."""

from __future__ import annotations

import torch
from torch import Tensor
from torchmetrics import Metric

__all__ = ["EDGES", "FIRST_INSIDE", "ReliabilityCurve", "calibration_error"]

_N_BINS = 20

EDGES: tuple[float, ...] = tuple(k / _N_BINS for k in range(_N_BINS + 1))
"""Of the bins of probability; a bin holds its lower edge, the last one both."""

FIRST_INSIDE = 1
"""The first bin that does not hold the empty sky, where a network is right at no effort."""


class ReliabilityCurve(Metric):
    """Sums of probabilities and of votes in bins of the probability, each feature's own.

    Parameters
    ----------
    n_features : int
    """

    full_state_update = False
    sums: Tensor

    def __init__(self, n_features: int) -> None:
        super().__init__()
        self.add_state("sums", torch.zeros(3, n_features, _N_BINS), dist_reduce_fx="sum")

    def update(self, probability: Tensor, votes: Tensor, n_asked: Tensor, valid: Tensor) -> None:
        """Take in a batch: n_asked (B, C), the others (B, C, side, side)."""
        asked = torch.where(valid, n_asked[..., None, None], 0)
        values = torch.stack([asked, asked * probability, torch.where(valid, votes, 0)])
        bins = (probability * _N_BINS).long().clamp(0, _N_BINS - 1).expand_as(values)
        galaxies = values.new_zeros(*values.shape[:3], _N_BINS)
        galaxies.scatter_add_(-1, bins.flatten(-2), values.flatten(-2))
        self.sums += galaxies.sum(1)

    def compute(self) -> Tensor:
        """Return per feature and bin the sum over pixels of n, n p and k, shape (3, C, bins).

        Here n volunteers were asked about the pixel, k marked it, and p is its probability.
        """
        return self.sums


def calibration_error(sums: Tensor, *, first_bin: int = 0) -> Tensor:
    """Return the expected calibration error of each feature.

    ``sum_b |sum_i n_i p_i - sum_i k_i| / sum_i n_i``, with i over the pixels in bin b of 20 equal
    bins of the probability p: the mean distance of a bin's mean probability and its vote
    fraction, each bin weighing as many votes as were asked for in it. That of several features
    together is the mean of theirs with the same weights, so that errors of one do not make up for
    those of another: ``calibration_error(sums.flatten(1).unsqueeze(1))``.

    Most pixels of an image are empty sky, where it is easily small: with as many volunteers on
    every galaxy it cannot exceed the mean absolute error.

    Parameters
    ----------
    sums : Tensor, shape (3, C, bins)
        Of a `ReliabilityCurve`.
    first_bin : int, optional
        `FIRST_INSIDE` leaves out probabilities below 0.05, and with them the sky.

    Returns
    -------
    Tensor, shape (C,)
        NaN where there is no pixel.

    References
    ----------
    Naeini, M. P. et al. (2015), AAAI 29, 2901. Guo, C. et al. (2017), arXiv:1706.04599.

    Examples
    --------
    >>> curve = ReliabilityCurve(1)
    >>> probability = torch.tensor([0.02, 0.02, 0.62, 0.68]).reshape(1, 1, 2, 2)
    >>> votes = torch.tensor([0.0, 0.0, 5.0, 6.0]).reshape(1, 1, 2, 2)
    >>> curve.update(probability, votes, torch.tensor([[10.0]]), votes >= 0)
    >>> calibration_error(curve.compute())
    tensor([0.0600])
    >>> calibration_error(curve.compute(), first_bin=FIRST_INSIDE)
    tensor([0.1000])
    """
    asked, expected, votes = sums[..., first_bin:]
    error: Tensor = (expected - votes).abs().sum(-1) / asked.sum(-1)
    return error
