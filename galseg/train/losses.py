"""How far a probability map is from the votes."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812  torch's own custom

from galseg.errors import ConfigError, nearest_name

__all__ = ["LOSSES", "bce", "beta_binomial", "l1", "masked_mean", "pixel_loss"]

Loss = Callable[[Tensor, Tensor, Tensor], Tensor]

_CONCENTRATION = 20.0  # of the Beta that the crowd's fraction scatters with around the model's


def l1(logits: Tensor, votes: Tensor, n_asked: Tensor) -> Tensor:
    """Absolute difference of probability and fraction (Walmsley et al., zoobot-3d)."""
    return (logits.sigmoid() - _fraction(votes, n_asked)).abs()


def bce(logits: Tensor, votes: Tensor, n_asked: Tensor) -> Tensor:
    """Cross-entropy of the fraction: the binomial log score a vote, up to a constant."""
    return F.binary_cross_entropy_with_logits(logits, _fraction(votes, n_asked), reduction="none")


def beta_binomial(logits: Tensor, votes: Tensor, n_asked: Tensor) -> Tensor:
    """Beta-Binomial log score a vote: crowds scatter more than independent volunteers would.

    The concentration is 20: a crowd's own chance has a standard deviation of 0.11 around 0.5.

    References
    ----------
    Skellam, J. G. (1948), J. R. Stat. Soc. B 10, 257: the distribution.
    """
    a = _CONCENTRATION * logits.sigmoid().clamp(1e-5, 1 - 1e-5)
    b = _CONCENTRATION - a
    n = n_asked.expand_as(votes)
    log_choose = _log_beta_inverse(n - votes + 1, votes + 1) - torch.log(n + 1)
    log_probability = log_choose - _log_beta_inverse(votes + a, n - votes + b)
    log_probability = log_probability + _log_beta_inverse(a, b)
    return -log_probability / n.clamp(min=1)


LOSSES: dict[str, Loss] = {"bce": bce, "beta_binomial": beta_binomial, "l1": l1}


def pixel_loss(name: str) -> Loss:
    """Return a loss by name: a function of (logits, votes, n_asked) giving one number a pixel.

    Logits and votes have shape (B, C, side, side), and ``n_asked`` (B, C, 1, 1).

    Raises
    ------
    ConfigError
        If there is no such loss.
    """
    if name not in LOSSES:
        raise ConfigError(f"no loss {name!r}; {nearest_name(name, LOSSES)}")
    return LOSSES[name]


def masked_mean(values: Tensor, valid: Tensor) -> Tensor:
    """Mean of the valid pixels; 0 where there is none, so that nothing is learnt from them.

    Examples
    --------
    >>> masked_mean(torch.tensor([1.0, 5.0, float("nan")]), torch.tensor([True, True, False]))
    tensor(3.)
    """
    return torch.where(valid, values, 0).sum() / valid.sum().clamp(min=1)


def _fraction(votes: Tensor, n_asked: Tensor) -> Tensor:
    return votes / n_asked.clamp(min=1)


def _log_beta_inverse(a: Tensor, b: Tensor) -> Tensor:
    """Logarithm of 1 / B(a, b)."""
    return torch.lgamma(a + b) - torch.lgamma(a) - torch.lgamma(b)
