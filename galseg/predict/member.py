"""A network and its card: squares to calibrated probabilities."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from galseg.dataset.transforms import STRETCH
from galseg.errors import ConfigError, ModelError
from galseg.models import ModelCard
from galseg.predict.orientations import (
    Orientations,
    mean_over_orientations,
    turn,
    turn_back,
)
from galseg.predict.runtimes import Runtime, TorchRuntime

__all__ = ["Member"]

Maps = NDArray[np.float32]

_HASH_DIGITS = 12  # of the weights, in the name of what made a map
_DRAWS_AT_ONCE = 16


class Member:
    """One model of those that answer together, often the only one.

    Parameters
    ----------
    runtime : Runtime
        Its network.
    card : ModelCard
        What it is.

    Raises
    ------
    ModelError
        If it was trained on images that were scaled in another way than they are now.
    """

    def __init__(self, runtime: Runtime, card: ModelCard) -> None:
        if card.stretch != STRETCH:
            raise ModelError(
                f"{card.name!r} was trained on images scaled by {card.stretch!r}, this galseg "
                f"scales by {STRETCH!r}; train it again, or use the galseg that made it"
            )
        self.runtime = runtime
        self.card = card
        temperatures = [card.temperatures[feature] for feature in card.features]
        self._temperatures = torch.tensor(temperatures, dtype=torch.float32).view(-1, 1, 1)

    @property
    def source(self) -> str:
        """Name and start of the hash, for the record."""
        return f"{self.card.name} {self.card.weights_sha256[:_HASH_DIGITS]}".strip()

    def predict(self, inputs: Maps, *, orientations: Orientations = 1) -> Maps:
        """Return probabilities, shape (B, C, side, side), of inputs (B, bands, side, side)."""
        return mean_over_orientations(self._predict, inputs, orientations=orientations)

    def draw(
        self, square: Maps, *, n_samples: int, seed: int, orientations: Orientations = 1
    ) -> Maps:
        """Draw probabilities with random channels dropped.

        Parameters
        ----------
        square : ndarray, shape (bands, side, side)
        n_samples : int
        seed : int
            The same seed gives the same draws.
        orientations : int, optional
            Draws take turns over so many orientations.

        Returns
        -------
        ndarray of float32, shape (n_samples, C, side, side)

        Raises
        ------
        ConfigError
            If it has no dropout to draw with.
        """
        runtime = self.check_draws()
        ways = np.arange(n_samples) % orientations
        drawn = []
        with runtime.dropping(seed=seed):
            for start in range(0, n_samples, _DRAWS_AT_ONCE):
                some = ways[start : start + _DRAWS_AT_ONCE]
                maps = self._predict(np.stack([turn(square, way) for way in some]))
                drawn += [turn_back(one, way) for one, way in zip(maps, some, strict=True)]
        return np.stack(drawn)

    def check_draws(self) -> TorchRuntime:
        """Return the runtime that can draw.

        Raises
        ------
        ConfigError
            If there is none.
        """
        if self.card.dropout == 0:
            raise ConfigError("this model has no dropout, so there are no draws; use n_samples=1")
        if not isinstance(self.runtime, TorchRuntime):
            raise ConfigError(
                f"an exported graph has no dropout, so the runtime {self.runtime.name!r} has no "
                "draws; use runtime='torch', or n_samples=1"
            )
        return self.runtime

    def _predict(self, inputs: Maps) -> Maps:
        logits = torch.from_numpy(self.runtime.forward(inputs))
        if not logits.isfinite().all():
            raise ModelError(
                f"the network of {self.card.name!r} answers with NaN or infinity; "
                "its weights are not those of a training that went well"
            )
        probability: Maps = (logits / self._temperatures).sigmoid().numpy()
        return probability
