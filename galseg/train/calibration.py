"""From a network's logits to probabilities that hold, and from these to masks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy.optimize import minimize_scalar
from torch import Tensor
from torch.nn import functional as F  # noqa: N812  torch's own custom

from galseg.train.answers import Answers

__all__ = ["Calibration", "calibrate", "choose_thresholds", "fit_temperatures"]

_TEMPERATURES = (0.1, 10.0)
_CANDIDATES = tuple(np.linspace(0.05, 0.8, 31).round(3).tolist())


@dataclass(frozen=True)
class Calibration:
    """How logits become probabilities and masks: ``sigmoid(logits / temperature) >= threshold``.

    Attributes
    ----------
    temperatures : mapping of str to float
        By feature, in the order of the channels.
    thresholds : mapping of float to mapping of str to float
        By the share of the volunteers whose masks are to be met, then by feature.
    """

    temperatures: Mapping[str, float]
    thresholds: Mapping[float, Mapping[str, float]]

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the channels."""
        return tuple(self.temperatures)

    def probability(self, logits: Tensor) -> Tensor:
        """Return the probabilities of logits (B, C, side, side)."""
        temperatures = logits.new_tensor(list(self.temperatures.values()))
        return torch.sigmoid(logits / temperatures[:, None, None])

    def limits(self, vote_share: float) -> Tensor:
        """Return thresholds that broadcast with probabilities, shape (C, 1, 1)."""
        return torch.tensor(list(self.thresholds[vote_share].values()))[:, None, None]


def calibrate(
    answers: Sequence[Answers], *, features: Sequence[str], vote_shares: Sequence[float]
) -> Calibration:
    """Fit temperatures on validation galaxies, then choose thresholds.

    Parameters
    ----------
    answers : sequence of Answers
    features : sequence of str
        Names of the C channels.
    vote_shares : sequence of float
        Shares of the volunteers from which a pixel counts as theirs.

    Returns
    -------
    Calibration
    """
    temperatures = fit_temperatures(answers, features=features)
    only_scaled = Calibration(temperatures, {})
    thresholds = {
        share: choose_thresholds(answers, only_scaled, vote_share=share) for share in vote_shares
    }
    return Calibration(temperatures, thresholds)


def fit_temperatures(answers: Sequence[Answers], *, features: Sequence[str]) -> dict[str, float]:
    """Find, per feature, what logits are to be divided by for the best binomial log score.

    Parameters
    ----------
    answers : sequence of Answers
        Galaxies that the network was not trained on.
    features : sequence of str
        Names of the C channels.

    Returns
    -------
    dict of str to float
        0.1 to 10, above 1 where the network was too sure; 1 for a feature of which there is no
        vote, so that nothing can be told.

    References
    ----------
    Guo, C. et al. (2017), "On Calibration of Modern Neural Networks", arXiv:1706.04599.

    Examples
    --------
    >>> fraction = torch.linspace(0.1, 0.9, 64).reshape(1, 1, 8, 8)
    >>> n_asked, valid = torch.full((1, 1), 30.0), fraction > 0
    >>> too_sure = Answers(2 * fraction.logit(), 30 * fraction, fraction, n_asked, valid)
    >>> round(fit_temperatures([too_sure], features=["bar"])["bar"], 3)
    2.0
    """
    return {feature: _temperature(answers, channel) for channel, feature in enumerate(features)}


def _temperature(answers: Sequence[Answers], channel: int) -> float:
    logits, votes, asked = _valid_pixels(answers, channel)
    if not votes.any():
        return 1.0
    seen_together = votes @ logits

    def score(log_temperature: float) -> float:
        sharpness = np.exp(-log_temperature)
        return float(asked @ F.softplus(sharpness * logits) - sharpness * seen_together)

    found = minimize_scalar(score, bounds=np.log(_TEMPERATURES), options={"xatol": 1e-5})
    return round(float(np.exp(found.x)), 4)


def _valid_pixels(answers: Sequence[Answers], channel: int) -> Tensor:
    """Logits, votes and volunteers asked of the valid pixels of a channel, shape (3, n)."""
    parts = []
    for batch in answers:
        seen = batch.valid[:, channel]
        asked = batch.n_asked[:, channel, None, None].expand(seen.shape)
        maps = (batch.logits[:, channel], batch.votes[:, channel], asked)
        parts.append(torch.stack([values[seen] for values in maps]))
    return torch.cat(parts, dim=1).double()


def choose_thresholds(
    answers: Iterable[Answers], calibration: Calibration, *, vote_share: float
) -> dict[str, float]:
    """Choose, per feature, the probability whose masks come closest to the crowd's.

    The candidate wins with which the masks of all galaxies together, also of those without the
    feature, have the highest intersection over union.

    Parameters
    ----------
    answers : iterable of Answers
        Validation galaxies.
    calibration : Calibration
        Of which the temperatures are used.
    vote_share : float
        Share of the volunteers from which a pixel counts as theirs.

    Returns
    -------
    dict of str to float
        `vote_share` itself for a feature that no galaxy has, or no mask meets.
    """
    shape = (len(_CANDIDATES), len(calibration.features))
    both, either = torch.zeros(shape), torch.zeros(shape)
    for batch in answers:
        probability = calibration.probability(batch.logits)
        truth = (batch.fraction >= vote_share) & batch.valid
        for row, candidate in enumerate(_CANDIDATES):
            mask = (probability >= candidate) & batch.valid
            both[row] += (mask & truth).sum((0, 2, 3))
            either[row] += (mask | truth).sum((0, 2, 3))
    best = (both / either.clamp(min=1)).max(dim=0)
    return {
        feature: _CANDIDATES[row] if found else vote_share
        for feature, row, found in zip(
            calibration.features, best.indices.tolist(), best.values > 0, strict=True
        )
    }
