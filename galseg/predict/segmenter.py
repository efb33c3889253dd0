"""Images to probability maps."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TypeAlias, overload

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from galseg.dataset.grid import ModelGrid
from galseg.dataset.transforms import model_input
from galseg.errors import ConfigError, ShapeError
from galseg.frame import ImageFrame
from galseg.io.images import MAX_PIXELS, GalaxyImage
from galseg.models import ModelCard, UNet, load_network, model_stem
from galseg.prediction import Prediction

__all__ = ["Segmenter", "load_model"]

Maps = NDArray[np.float32]
Image: TypeAlias = "GalaxyImage | NDArray[np.generic]"

_BATCH = 16
_HASH_DIGITS = 12  # of the weights, in the name of what made a map
_MAX_SAMPLES = 1000


def load_model(
    model: str | os.PathLike[str] = "default", *, device: str | None = None
) -> Segmenter:
    """Load a model by name or path.

    Parameters
    ----------
    model : str or path-like, optional
        ``"default"``, which ships with galseg, the folder of a training run, or a
        ``.safetensors`` file with its card beside it.
    device : str, optional
        Of torch, such as ``"cpu"`` or ``"cuda"``; the first GPU if there is one, where left out.

    Returns
    -------
    Segmenter

    Raises
    ------
    ModelError
        If there is no such model, or it is damaged or of another version. Nothing else is loaded
        in its place.
    MissingInputError
        If one of its two files is missing.

    Examples
    --------
    >>> load_model("default", device="cpu").features
    ('bar', 'spiral_arm', 'tidal')
    """
    network, card = load_network(model_stem(model))
    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    return Segmenter(network.to(device), card)


class Segmenter:
    """A trained network that takes NumPy images and gives NumPy maps.

    Parameters
    ----------
    network : UNet
        In evaluation mode.
    card : ModelCard
        What it is.
    """

    def __init__(self, network: UNet, card: ModelCard) -> None:
        self._network = network
        self.card = card

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the maps' channels."""
        return self.card.features

    @overload
    def predict(
        self, image: Image, *, frame: ImageFrame | None = ..., n_samples: int = ..., seed: int = ...
    ) -> Prediction: ...
    @overload
    def predict(
        self,
        image: Sequence[Image],
        *,
        frame: Sequence[ImageFrame | None] | None = ...,
        n_samples: int = ...,
        seed: int = ...,
    ) -> list[Prediction]: ...
    def predict(
        self,
        image: Image | Sequence[Image],
        *,
        frame: ImageFrame | Sequence[ImageFrame | None] | None = None,
        n_samples: int = 1,
        seed: int = 0,
    ) -> Prediction | list[Prediction]:
        """Draw probability maps on an image, or on several of any sizes.

        Parameters
        ----------
        image : ndarray, shape (ny, nx) or (bands, ny, nx), or GalaxyImage, or a list of these
            Linear pixel values in any unit and real number type, the whole galaxy in the field;
            NaN where nothing was observed.
        frame : ImageFrame, optional
            Grid and WCS of an array; for a list, a list. A `GalaxyImage` has its own.
        n_samples : int, optional
            Draws of the maps. From 2 on they are kept in ``samples``: the network predicts again
            with a random part of its channels dropped, as in training (Monte Carlo dropout). They
            tell what the network is unsure of, not the scatter between volunteers, and are not
            calibrated. The probability itself is the network's answer without dropout.
        seed : int, optional
            Of the draws; the same seed and image give the same, whatever else is in the list.

        Returns
        -------
        Prediction, or list of Prediction
            On the grid of each image; NaN where a band is missing.

        Raises
        ------
        ShapeError
            If an image has no finite pixel, another shape or number of bands than the model
            takes, or does not fit its frame.
        ConfigError
            If `n_samples` is out of range, or the model has no dropout to draw with.

        References
        ----------
        Gal, Y. & Ghahramani, Z. (2016), ICML, arXiv:1506.02142: Monte Carlo dropout.
        """
        if not 1 <= n_samples <= _MAX_SAMPLES:
            raise ConfigError(f"n_samples must be 1 to {_MAX_SAMPLES}, got {n_samples}")
        if n_samples > 1 and self.card.dropout == 0:
            raise ConfigError("this model has no dropout, so there are no draws; use n_samples=1")
        if isinstance(image, Sequence):
            frames = [None] * len(image) if frame is None else list(_as_frames(frame))
            if len(frames) != len(image):
                raise ShapeError(f"{len(image)} images but {len(frames)} frames; give one each")
            galaxies = [self._galaxy(one, its) for one, its in zip(image, frames, strict=True)]
            return list(self._predict(galaxies, n_samples=n_samples, seed=seed))
        if frame is not None and not isinstance(frame, ImageFrame):
            raise ShapeError("one image takes one frame, not a list")
        (prediction,) = self._predict([self._galaxy(image, frame)], n_samples=n_samples, seed=seed)
        return prediction

    def _predict(
        self, galaxies: Sequence[GalaxyImage], *, n_samples: int, seed: int
    ) -> Iterator[Prediction]:
        for start in range(0, len(galaxies), _BATCH):
            batch = galaxies[start : start + _BATCH]
            inputs = [model_input(galaxy.pixels, side=self.card.side)[0] for galaxy in batch]
            squares = self._forward(torch.from_numpy(np.stack(inputs)))
            for galaxy, pixels, maps in zip(batch, inputs, squares, strict=True):
                drawn = self._draw(pixels, n_samples, seed) if n_samples > 1 else None
                yield self._on_image(galaxy, maps, drawn)

    def _on_image(self, galaxy: GalaxyImage, maps: Maps, drawn: Maps | None) -> Prediction:
        grid = ModelGrid(galaxy.frame.shape, self.card.side)
        missing = ~np.isfinite(galaxy.pixels).all(axis=0)

        def placed(square: Maps) -> Maps:
            return np.where(missing, np.float32(np.nan), grid.to_image(square).clip(0, 1))

        return Prediction(
            galaxy_id=galaxy.galaxy_id,
            features=self.features,
            probability=placed(maps),
            frame=galaxy.frame,
            samples=None if drawn is None else placed(drawn),
            thresholds=self.card.thresholds,
            source=f"{self.card.name} {self.card.weights_sha256[:_HASH_DIGITS]}".strip(),
        )

    def _draw(self, pixels: Maps, n_samples: int, seed: int) -> Maps:
        draws = []
        self._network.dropout.train()
        try:
            with torch.random.fork_rng():
                torch.manual_seed(seed)
                for start in range(0, n_samples, _BATCH):
                    n = min(_BATCH, n_samples - start)
                    copies = torch.from_numpy(pixels).expand(n, *pixels.shape)
                    draws.append(self._forward(copies))
        finally:
            self._network.dropout.eval()
        return np.concatenate(draws)

    @torch.inference_mode()
    def _forward(self, inputs: Tensor) -> Maps:
        device = next(self._network.parameters()).device
        maps: Maps = self._network(inputs.to(device)).sigmoid().cpu().numpy()
        return maps

    def _galaxy(self, image: Image, frame: ImageFrame | None) -> GalaxyImage:
        if isinstance(image, GalaxyImage):
            galaxy = image if frame is None else GalaxyImage(image.galaxy_id, image.pixels, frame)
        else:
            pixels = _as_bands(image)
            galaxy = GalaxyImage("", pixels, frame or ImageFrame(pixels.shape[1:]))
        n_bands = len(galaxy.pixels)
        if n_bands != self.card.in_channels:
            raise ShapeError(
                f"the model takes {self.card.in_channels} band(s), the image has {n_bands}; "
                "give one band, or their mean"
            )
        if not np.isfinite(galaxy.pixels).any():
            raise ShapeError("the image has no finite pixel, so there is nothing to predict on")
        return galaxy


def _as_bands(image: NDArray[np.generic]) -> Maps:
    values = np.asarray(image)
    if values.ndim not in (2, 3) or 0 in values.shape:
        raise ShapeError(
            f"an image has shape (ny, nx) or (bands, ny, nx), got {values.shape}; "
            "several images go in as a list"
        )
    if values.dtype.kind not in "iuf":
        raise ShapeError(f"an image holds real numbers, got {values.dtype}")
    if values.shape[-2] * values.shape[-1] > MAX_PIXELS:
        raise ShapeError(
            f"the image has {values.shape[-2]} x {values.shape[-1]} pixels, over the limit of "
            f"{MAX_PIXELS}; cut out the galaxy"
        )
    return values.astype(np.float32).reshape(-1, *values.shape[-2:])


def _as_frames(frame: ImageFrame | Sequence[ImageFrame | None]) -> Sequence[ImageFrame | None]:
    if isinstance(frame, ImageFrame):
        raise ShapeError("several images take a list of frames, one each")
    return frame
