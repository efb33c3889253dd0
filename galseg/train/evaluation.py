"""Choosing thresholds, and the numbers that go into a model card."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torchmetrics import MeanMetric

from galseg.dataset.samples import Sample
from galseg.train.losses import bce
from galseg.train.metrics import FalseMaskShare, MedianIoU

__all__ = ["choose_thresholds", "evaluate"]

CANDIDATES = tuple(np.linspace(0.05, 0.6, 23).round(3).tolist())


def choose_thresholds(
    network: nn.Module,
    batches: Iterable[Sample],
    *,
    features: Sequence[str],
    vote_threshold: float,
) -> dict[str, float]:
    """Choose, per feature, the probability whose masks come closest to the crowd's.

    The candidate wins with which the masks of all galaxies together, also of those without the
    feature, have the highest intersection over union.

    Parameters
    ----------
    network : torch.nn.Module
        In evaluation mode.
    batches : iterable of Sample
        Validation galaxies.
    features : sequence of str
        Names of the C channels.
    vote_threshold : float
        Share of the volunteers from which a pixel counts as theirs.

    Returns
    -------
    dict of str to float
        `vote_threshold` itself for a feature that no galaxy has, or no mask meets.
    """
    shape = (len(CANDIDATES), len(features))
    both, either = torch.zeros(shape), torch.zeros(shape)
    for batch, probability in _predicted(network, batches):
        valid = batch["valid"]
        truth = (batch["fraction"] >= vote_threshold) & valid
        for row, candidate in enumerate(CANDIDATES):
            mask = (probability >= candidate) & valid
            both[row] += (mask & truth).sum((0, 2, 3))
            either[row] += (mask | truth).sum((0, 2, 3))
    best = (both / either.clamp(min=1)).max(dim=0)
    return {
        feature: CANDIDATES[row] if found else vote_threshold
        for feature, row, found in zip(
            features, best.indices.tolist(), best.values > 0, strict=True
        )
    }


def evaluate(
    network: nn.Module,
    batches: Iterable[Sample],
    *,
    thresholds: dict[str, float],
    vote_threshold: float,
) -> dict[str, object]:
    """Measure a network on galaxies it was not trained on.

    Parameters
    ----------
    network : torch.nn.Module
        In evaluation mode.
    batches : iterable of Sample
    thresholds : dict of str to float
        Of the masks, one a channel, in order.
    vote_threshold : float
        Share of the volunteers from which a pixel counts as theirs.

    Returns
    -------
    dict
        ``n_galaxies``, ``log_score``, ``mae``, and by feature ``median_iou``, ``n_with`` (galaxies
        that have it) and ``false_mask_share``; None where there is no such galaxy.
    """
    features = tuple(thresholds)
    limits = torch.tensor(list(thresholds.values()))[:, None, None]
    iou, false_masks = MedianIoU(features), FalseMaskShare(features)
    log_score, mae = MeanMetric(), MeanMetric()
    n_galaxies, n_with = 0, torch.zeros(len(features), dtype=torch.int64)
    for batch, probability in _predicted(network, batches):
        valid, fraction = batch["valid"], batch["fraction"]
        truth = fraction >= vote_threshold
        for metric in (iou, false_masks):
            metric.update(probability >= limits, truth, valid)
        n_asked = batch["n_asked"][..., None, None]
        log_score.update(bce(torch.logit(probability, 1e-6), batch["votes"], n_asked)[valid])
        mae.update((probability - fraction).abs()[valid])
        n_galaxies += len(probability)
        n_with += (truth & valid).any(-1).any(-1).sum(0)
    return {
        "n_galaxies": n_galaxies,
        "log_score": _number(log_score.compute()),
        "mae": _number(mae.compute()),
        "median_iou": {name: _number(value) for name, value in iou.compute().items()},
        "n_with": dict(zip(features, n_with.tolist(), strict=True)),
        "false_mask_share": {name: _number(v) for name, v in false_masks.compute().items()},
    }


@torch.inference_mode()
def _predicted(network: nn.Module, batches: Iterable[Sample]) -> Iterator[tuple[Sample, Tensor]]:
    device = next(network.parameters()).device
    for batch in batches:
        yield batch, network(batch["image"].to(device)).sigmoid().cpu()


def _number(value: Tensor) -> float | None:
    return round(float(value), 4) if bool(value.isfinite()) else None
