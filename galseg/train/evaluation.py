"""The numbers a model is judged by, on galaxies that it was not trained on."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from galseg.train.answers import Answers
from galseg.train.calibration import Calibration
from galseg.train.metrics import FalseMaskShare, MedianIoU
from galseg.train.pixel_losses import binomial
from galseg.train.reliability import FIRST_INSIDE, ReliabilityCurve, calibration_error
from galseg.train.scores import Curve, FeatureScores, MaskScores, Number, Scores

__all__ = ["evaluate"]

_LEAST, _MOST = 1e-6, 1 - 1e-6  # keeps the log score finite


def evaluate(answers: Iterable[Answers], calibration: Calibration) -> Scores:
    """Measure a network's answers.

    Parameters
    ----------
    answers : iterable of Answers
    calibration : Calibration
        Found on other galaxies, or on as many that it does not matter.

    Returns
    -------
    Scores

    Examples
    --------
    >>> votes = torch.zeros(1, 1, 8, 8)
    >>> votes[..., 2:6] = 10.0
    >>> fraction, n_asked = votes / 10, torch.tensor([[10.0]])
    >>> right = Answers(fraction.logit(1e-3), votes, fraction, n_asked, votes >= 0)
    >>> scores = evaluate([right], Calibration({"bar": 1.0}, {0.2: {"bar": 0.5}}))
    >>> scores.features["bar"].masks[0.2].median_iou, scores.mae
    (1.0, 0.001)
    """
    tally = _Tally(calibration)
    for batch in answers:
        tally.add(batch)
    return tally.scores()


class _Tally:
    """Sums over batches, and the scores of them."""

    def __init__(self, calibration: Calibration) -> None:
        features = calibration.features
        self.calibration = calibration
        self.n_galaxies = 0
        self.n_asked = torch.zeros(len(features), dtype=torch.int64)
        self.sums = torch.zeros(3, len(features), dtype=torch.float64)  # log score, error, pixels
        self.curve, self.before = (ReliabilityCurve(len(features)) for _ in range(2))
        self.masks = {
            share: (MedianIoU(features), FalseMaskShare(features))
            for share in calibration.thresholds
        }
        self.n_with = {share: torch.zeros_like(self.n_asked) for share in self.masks}

    def add(self, batch: Answers) -> None:
        """Take in a batch."""
        valid, votes = batch.valid, (batch.votes, batch.n_asked, batch.valid)
        probability = self.calibration.probability(batch.logits)
        bounded = probability.clamp(_LEAST, _MOST).logit()
        log_score = binomial(bounded, batch.votes, batch.n_asked[..., None, None])
        error, one = (probability - batch.fraction).abs(), torch.ones_like(probability)
        values = torch.stack([log_score, error, one])
        self.sums += torch.where(valid, values.double(), 0).sum((1, 3, 4))
        self.curve.update(probability, *votes)
        self.before.update(batch.logits.sigmoid(), *votes)
        self.n_galaxies += len(probability)
        self.n_asked += valid.any(-1).any(-1).sum(0)
        for share, metrics in self.masks.items():
            mask, truth = probability >= self.calibration.limits(share), batch.fraction >= share
            self.n_with[share] += (truth & valid).any(-1).any(-1).sum(0)
            for metric in metrics:
                metric.update(mask, truth, valid)

    def scores(self) -> Scores:
        """Return the scores so far."""
        curve = self.curve.compute()
        log_score, mae, n_pixels = self.sums.sum(1)
        return Scores(
            n_galaxies=self.n_galaxies,
            log_score=_number(log_score / n_pixels),
            mae=_number(mae / n_pixels),
            calibration_error=_number(calibration_error(curve.flatten(1)[:, None])),
            features={
                feature: self._feature(channel, feature)
                for channel, feature in enumerate(self.calibration.features)
            },
        )

    def _feature(self, channel: int, feature: str) -> FeatureScores:
        log_score, mae, n_pixels = self.sums[:, channel]
        curve, before = (one.compute()[:, [channel]] for one in (self.curve, self.before))
        return FeatureScores(
            n_galaxies=int(self.n_asked[channel]),
            temperature=self.calibration.temperatures[feature],
            log_score=_number(log_score / n_pixels),
            mae=_number(mae / n_pixels),
            calibration_error=_number(calibration_error(curve)),
            calibration_error_inside=_number(calibration_error(curve, first_bin=FIRST_INSIDE)),
            calibration_error_before=_number(calibration_error(before)),
            masks={share: self._masks(share, channel, feature) for share in self.masks},
            curve=_curve(curve[:, 0]),
        )

    def _masks(self, share: float, channel: int, feature: str) -> MaskScores:
        iou, false_masks = self.masks[share]
        return MaskScores(
            threshold=self.calibration.thresholds[share][feature],
            n_with=int(self.n_with[share][channel]),
            median_iou=_number(iou.compute()[feature]),
            false_mask_share=_number(false_masks.compute()[feature]),
        )


def _curve(sums: Tensor) -> Curve:
    n_votes, expected, votes = sums
    return Curve(
        n_votes=tuple(n_votes.tolist()),
        probability=tuple(map(_number, expected / n_votes)),
        fraction=tuple(map(_number, votes / n_votes)),
    )


def _number(value: Tensor) -> Number:
    return round(float(value), 4) if bool(value.isfinite()) else None
