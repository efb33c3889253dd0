"""How far a probability is from the votes, pixel by pixel."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812  torch's own custom

__all__ = ["beta_binomial", "binomial", "focal", "l1"]

_LARGEST_LOGIT = 80.0  # keeps both parameters of the Beta above zero


def l1(logits: Tensor, votes: Tensor, n_asked: Tensor) -> Tensor:
    """Absolute difference of probability and fraction (Walmsley et al., zoobot-3d).

    Parameters
    ----------
    logits : Tensor
        Of the probability that a volunteer marks the pixel.
    votes, n_asked : Tensor
        Volunteers who marked it, and all who were asked; they broadcast with the logits. Votes
        are means over the pixel's area and need not be whole.

    Returns
    -------
    Tensor
        One number a pixel; finite, and of no meaning, where nobody was asked. It is least where
        the probability is the fraction, as for every loss here (for `beta_binomial`, near it).
    """
    return (logits.sigmoid() - _fraction(votes, n_asked)).abs()


def binomial(logits: Tensor, votes: Tensor, n_asked: Tensor) -> Tensor:
    """Binomial log score a vote, without the part that depends on the votes alone.

    It is the cross-entropy of fraction and probability; see `l1` for the parameters.
    """
    return F.binary_cross_entropy_with_logits(logits, _fraction(votes, n_asked), reduction="none")


def beta_binomial(
    logits: Tensor, votes: Tensor, n_asked: Tensor, *, concentration: float | Tensor = 20.0
) -> Tensor:
    """Beta-Binomial log score a vote: crowds scatter more than independent volunteers would.

    See `l1` for the other parameters.

    Parameters
    ----------
    logits, votes, n_asked : Tensor
    concentration : float or Tensor, optional
        Of the Beta that a crowd's own chance is drawn from around the probability p; its standard
        deviation is ``sqrt(p (1 - p) / (concentration + 1))``, which for 20 is 0.11 at p = 0.5.
        Positive, and broadcasts with the logits.

    Returns
    -------
    Tensor
        Of the logits' type; computed with 64 bits where the device has them, since it is a small
        difference of large numbers.

    References
    ----------
    Skellam, J. G. (1948), J. R. Stat. Soc. B 10, 257: the distribution.

    Examples
    --------
    >>> votes, n_asked = torch.tensor([0.0, 1.0, 2.0]), torch.tensor(2.0)
    >>> (-2 * beta_binomial(torch.zeros(3), votes, n_asked, concentration=2.0)).exp()
    tensor([0.3333, 0.3333, 0.3333])
    """
    precise = torch.float32 if logits.device.type == "mps" else torch.float64
    exact = logits.to(precise).clamp(-_LARGEST_LOGIT, _LARGEST_LOGIT)
    a, b = concentration * exact.sigmoid(), concentration * (-exact).sigmoid()
    k, n = votes.to(precise), n_asked.to(precise).expand_as(votes)
    log_choose = -torch.log(n + 1) - _log_beta(n - k + 1, k + 1)
    score = log_choose + _log_beta(k + a, n - k + b) - _log_beta(a, b)
    return (-score / n.clamp(min=1)).to(logits.dtype)


def focal(logits: Tensor, votes: Tensor, n_asked: Tensor) -> Tensor:
    """Cross-entropy times the squared difference of probability and fraction.

    Pixels that are right already count little. For whole votes of one volunteer this is the focal
    loss of Lin et al. (2017); for fractions it is its generalisation by Li et al. (2020), which,
    unlike the focal loss itself, is least where the probability is the fraction. See `l1` for the
    parameters.

    References
    ----------
    Li, X. et al. (2020), arXiv:2006.04388: quality focal loss. Lin, T.-Y. et al. (2017),
    arXiv:1708.02002.
    """
    gap = logits.sigmoid() - _fraction(votes, n_asked)
    return gap.square() * binomial(logits, votes, n_asked)


def _fraction(votes: Tensor, n_asked: Tensor) -> Tensor:
    return votes / n_asked.clamp(min=1)


def _log_beta(a: Tensor, b: Tensor) -> Tensor:
    return torch.lgamma(a) + torch.lgamma(b) - torch.lgamma(a + b)
