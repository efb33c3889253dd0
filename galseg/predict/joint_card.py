"""The card of several models that answer together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from galseg.errors import ConfigError, ModelError
from galseg.models import ModelCard

__all__ = ["joint_card"]

_ALIKE = ("features", "in_channels", "side", "field_of_view", "stretch")


def joint_card(cards: Sequence[ModelCard]) -> ModelCard:
    """Return the card of an ensemble; that of its only model, if there is one.

    Thresholds are the members' mean. What was measured on one member does not hold for all, so
    metrics are left out.

    Parameters
    ----------
    cards : sequence of ModelCard

    Returns
    -------
    ModelCard

    Raises
    ------
    ConfigError
        If there is no model.
    ModelError
        If the models do not see the same square or do not draw the same features.
    """
    if not cards:
        raise ConfigError("an ensemble needs at least one model, got none")
    first, *others = cards
    for other in others:
        for name in _ALIKE:
            if getattr(first, name) != getattr(other, name):
                raise ModelError(
                    f"the models of an ensemble must have the same {name}: {first.name!r} has "
                    f"{getattr(first, name)!r}, {other.name!r} has {getattr(other, name)!r}"
                )
    if not others:
        return first
    return replace(
        first,
        name=" + ".join(card.name for card in cards),
        thresholds={
            feature: float(np.mean([card.thresholds[feature] for card in cards]))
            for feature in first.features
        },
        training={},
        metrics={},
        weights_sha256="",
    )
