"""From a network and its data to its calibration and its numbers."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from galseg.dataset.datamodule import ConsensusDataModule
from galseg.dataset.splits import Split
from galseg.train.answers import Answers, collect_answers
from galseg.train.calibration import Calibration, calibrate
from galseg.train.evaluation import evaluate
from galseg.train.scores import Scores

__all__ = ["VOTE_SHARES", "score_network"]

VOTE_SHARES = (0.2, 0.4)
"""Shares of the volunteers whose masks every model is compared with."""


def score_network(
    network: nn.Module,
    data: ConsensusDataModule,
    *,
    features: Sequence[str],
    splits: Sequence[Split],
    vote_threshold: float,
) -> tuple[Calibration, dict[str, Scores]]:
    """Calibrate a network on the validation galaxies, and measure it.

    Features that volunteers were asked about on real galaxies are calibrated on these alone;
    simulated galaxies only stand in for what nobody was asked about.

    Parameters
    ----------
    network : torch.nn.Module
        In evaluation mode.
    data : ConsensusDataModule
        Set up.
    features : sequence of str
        Names of the network's channels.
    splits : sequence of str
        Which galaxies are measured, real and simulated apart.
    vote_threshold : float
        A share of the volunteers for which thresholds are chosen, beside `VOTE_SHARES`.

    Returns
    -------
    calibration : Calibration
    scores : dict of str to Scores
        Keys such as ``"val observed"``. Those of the validation galaxies are with temperatures
        and thresholds chosen on the same galaxies, one number a feature each.

    Raises
    ------
    ConfigError
        If there is no validation galaxy.
    """
    data.val_dataloader()  # tells what to do where there is none
    val = data.sources("val")
    answers = {source: list(collect_answers(network, val[source])) for source in val}
    calibration = calibrate(
        _real_before_simulated(answers.get("observed", []), answers.get("simulated", [])),
        features=features,
        vote_shares=sorted({vote_threshold, *VOTE_SHARES}),
    )
    scores = {
        f"{split} {source}": evaluate(collect_answers(network, batches), calibration)
        for split in splits
        for source, batches in data.sources(split).items()
    }
    return calibration, scores


def _real_before_simulated(
    observed: Sequence[Answers], simulated: Sequence[Answers]
) -> list[Answers]:
    """Join both, without the pixels of simulated features that were asked about on real galaxies.

    Examples
    --------
    >>> both = torch.ones(1, 2, 3, 3, dtype=torch.bool)
    >>> bar = both & torch.tensor([True, False])[:, None, None]
    >>> real, made = (Answers(*[torch.zeros(1, 2, 3, 3)] * 4, valid) for valid in (bar, both))
    >>> [one.valid.sum((0, 2, 3)).tolist() for one in _real_before_simulated([real], [made])]
    [[9, 0], [0, 9]]
    """
    if not observed:
        return list(simulated)
    asked = torch.stack([answers.valid.any(0).any(-1).any(-1) for answers in observed]).any(0)
    left = [one._replace(valid=one.valid & ~asked[:, None, None]) for one in simulated]
    return [*observed, *left]
