"""What a network is trained by: one number a batch, from its logits and the votes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor, nn

from galseg.errors import ConfigError, nearest_name
from galseg.train.pixel_losses import beta_binomial, binomial, focal, l1

__all__ = ["LOSSES", "BetaBinomialLoss", "DiceLoss", "PixelLoss", "build_loss", "dice",
           "masked_mean"]  # fmt: skip

Concentration = float | Literal["learned"]

_FIRST_CONCENTRATION = 20.0  # where a learned one starts


def masked_mean(values: Tensor, valid: Tensor) -> Tensor:
    """Mean of the valid pixels; 0 where there is none, so that nothing is learnt from them.

    Examples
    --------
    >>> masked_mean(torch.tensor([1.0, 5.0, float("nan")]), torch.tensor([True, True, False]))
    tensor(3.)
    """
    return torch.where(valid, values, 0).sum() / valid.sum().clamp(min=1)


class PixelLoss(nn.Module):
    """The mean of a loss of `galseg.train.pixel_losses` over the valid pixels of a batch."""

    def __init__(self, function: Callable[[Tensor, Tensor, Tensor], Tensor]) -> None:
        super().__init__()
        self._function = function

    def forward(self, logits: Tensor, votes: Tensor, n_asked: Tensor, valid: Tensor) -> Tensor:
        """Return the loss; see `build_loss`."""
        return masked_mean(self._function(logits.float(), votes, n_asked[..., None, None]), valid)


class BetaBinomialLoss(nn.Module):
    """Mean Beta-Binomial log score a vote, with its concentration given or learned.

    Parameters
    ----------
    n_features : int
    concentration : float or "learned", optional
        One number for all features; or one a feature, found with the weights, from 20 on.

    Raises
    ------
    ConfigError
        If the concentration is neither positive nor ``"learned"``.

    Examples
    --------
    >>> BetaBinomialLoss(2, concentration="learned").log_concentration.exp()
    tensor([20., 20.], grad_fn=<ExpBackward0>)
    """

    def __init__(self, n_features: int, *, concentration: Concentration = 20.0) -> None:
        super().__init__()
        learned = concentration == "learned"
        first = _FIRST_CONCENTRATION if concentration == "learned" else concentration
        if not (isinstance(first, int | float) and 0 < first < math.inf):
            raise ConfigError(
                f"concentration must be a positive number or 'learned', got {concentration!r}"
            )
        self.log_concentration = nn.Parameter(
            torch.full((n_features,), math.log(first)), requires_grad=learned
        )

    def forward(self, logits: Tensor, votes: Tensor, n_asked: Tensor, valid: Tensor) -> Tensor:
        """Return the loss; see `build_loss`."""
        score = beta_binomial(
            logits.float(),
            votes,
            n_asked[..., None, None],
            concentration=self.log_concentration.double().exp()[:, None, None],
        )
        return masked_mean(score, valid)


class DiceLoss(nn.Module):
    """One minus the overlap of a batch's probabilities and fractions, the features' mean."""

    def forward(self, logits: Tensor, votes: Tensor, n_asked: Tensor, valid: Tensor) -> Tensor:
        """Return the loss; see `build_loss`."""
        fraction = votes / n_asked.clamp(min=1)[..., None, None]
        overlap = dice(logits.float().sigmoid(), fraction, valid)
        return masked_mean(1 - overlap, valid.any(-1).any(-1).any(0))


def dice(probability: Tensor, fraction: Tensor, valid: Tensor, *, smooth: float = 1.0) -> Tensor:
    """Overlap of each feature's probabilities and fractions, over all galaxies of a batch.

    ``(2 sum(p f) + smooth) / (sum(p^2) + sum(f^2) + smooth)``. Squares below the line make it
    greatest where p equals f; with plain sums it would be where p is 0 or 1.

    Parameters
    ----------
    probability, fraction : Tensor, shape (B, C, side, side)
    valid : Tensor of bool, shape (B, C, side, side)
    smooth : float, optional
        In pixels; what makes a mask on a batch without the feature cost something.

    Returns
    -------
    Tensor, shape (C,)

    References
    ----------
    Milletari, F. et al. (2016), arXiv:1606.04797.

    Examples
    --------
    >>> p, f = torch.tensor([0.5, 1.0, 0.0]), torch.tensor([0.5, 1.0, 1.0])
    >>> shape = (1, 1, 1, 3)
    >>> valid = torch.tensor([True, True, False]).reshape(shape)
    >>> dice(p.reshape(shape), f.reshape(shape), valid)
    tensor([1.])
    """
    p, f = (torch.where(valid, values, 0) for values in (probability, fraction))
    both, squares = ((p * f).sum((0, 2, 3)), (p.square() + f.square()).sum((0, 2, 3)))
    return (2 * both + smooth) / (squares + smooth)


LOSSES: dict[str, Callable[[int, Concentration], nn.Module]] = {
    "binomial": lambda *_: PixelLoss(binomial),
    "beta_binomial": lambda n, concentration: BetaBinomialLoss(n, concentration=concentration),
    "l1": lambda *_: PixelLoss(l1),
    "focal": lambda *_: PixelLoss(focal),
    "dice": lambda *_: DiceLoss(),
}


def build_loss(name: str, *, n_features: int, concentration: Concentration = 20.0) -> nn.Module:
    """Build a loss by name.

    Parameters
    ----------
    name : str
        ``"binomial"``: k of the n volunteers who were asked marked the pixel, each on their own.
        ``"beta_binomial"``: they agree more with one another than that. ``"l1"``, ``"focal"`` and
        ``"dice"`` compare the probability with the fraction k / n.
    n_features : int
        Channels; features overlap, so each is for itself.
    concentration : float or "learned", optional
        Of ``"beta_binomial"``, see `BetaBinomialLoss`.

    Returns
    -------
    torch.nn.Module
        Takes logits and votes (B, C, side, side), the number of volunteers asked (B, C) and which
        pixels are valid, of the logits' shape; returns the loss, in which no others count.

    Raises
    ------
    ConfigError
        If there is no such loss, or the concentration is out of its range.

    Examples
    --------
    >>> loss = build_loss("l1", n_features=1)
    >>> votes = torch.full((1, 1, 2, 2), 3.0)
    >>> loss(torch.zeros(1, 1, 2, 2), votes, torch.tensor([[10.0]]), votes > 0)
    tensor(0.2000)
    """
    if name not in LOSSES:
        raise ConfigError(f"no loss {name!r}; {nearest_name(name, LOSSES)}")
    return LOSSES[name](n_features, concentration)
