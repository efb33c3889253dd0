"""Images to probability maps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

import numpy as np
from numpy.typing import NDArray

from galseg.errors import ConfigError, ShapeError
from galseg.frame import ImageFrame
from galseg.models import ModelCard, SegmentationNetwork
from galseg.predict.joint_card import joint_card
from galseg.predict.member import Member
from galseg.predict.orientations import Orientations, check_orientations
from galseg.predict.runtimes import RuntimeName, start_runtime
from galseg.predict.squares import Answer, Image, Square, as_galaxy, on_image, to_square
from galseg.prediction import Prediction

__all__ = ["Segmenter"]

Maps = NDArray[np.float32]

_BATCH = 16
_MAX_SAMPLES = 1000


class Segmenter:
    """A trained network, or several, that take NumPy images and give NumPy maps.

    It can be pickled. One call at a time: draws switch the dropout of its network on and off.

    Parameters
    ----------
    network : SegmentationNetwork
        In evaluation mode.
    card : ModelCard
        What it is.
    runtime : str, optional
        What runs it: ``"torch"``, ``"onnx"`` or ``"openvino"``. All give the same probabilities to
        1e-4; only torch has dropout to draw with, and runs on a GPU.

    Raises
    ------
    ConfigError
        If the runtime is unknown.
    ModelError
        If the network cannot be exported to it.
    MissingDependencyError
        If its package is not installed.
    """

    def __init__(
        self, network: SegmentationNetwork, card: ModelCard, *, runtime: RuntimeName = "torch"
    ) -> None:
        self._members = [Member(start_runtime(network, card, runtime=runtime), card)]
        self.card = card

    @classmethod
    def of_members(cls, members: Sequence[Member]) -> Segmenter:
        """Let models answer together: the probability is their mean, their maps are samples.

        Raises
        ------
        ConfigError
            If there is none.
        ModelError
            If they do not see the same square or do not draw the same features.
        """
        segmenter = cls.__new__(cls)
        segmenter.card = joint_card([member.card for member in members])
        segmenter._members = list(members)
        return segmenter

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the maps' channels."""
        return self.card.features

    @property
    def members(self) -> tuple[Member, ...]:
        """The models that answer together; one, mostly."""
        return tuple(self._members)

    @property
    def on_cpu(self) -> bool:
        """Whether all of it runs on the CPU."""
        return all(member.runtime.on_cpu for member in self._members)

    def check_options(self, *, n_samples: int, orientations: int) -> None:
        """Check what `predict` is asked for, before any image is at hand.

        Raises
        ------
        ConfigError
            If a number is out of range, or the model has no dropout to draw with.
        """
        check_orientations(orientations)
        if not 1 <= n_samples <= _MAX_SAMPLES:
            raise ConfigError(f"n_samples must be 1 to {_MAX_SAMPLES}, got {n_samples}")
        if n_samples > 1:
            for member in self._members:
                member.check_draws()

    @overload
    def predict(
        self,
        image: Image,
        *,
        frame: ImageFrame | None = ...,
        n_samples: int = ...,
        seed: int = ...,
        orientations: Orientations = ...,
    ) -> Prediction: ...
    @overload
    def predict(
        self,
        image: Sequence[Image],
        *,
        frame: Sequence[ImageFrame | None] | None = ...,
        n_samples: int = ...,
        seed: int = ...,
        orientations: Orientations = ...,
    ) -> list[Prediction]: ...
    def predict(
        self,
        image: Image | Sequence[Image],
        *,
        frame: ImageFrame | Sequence[ImageFrame | None] | None = None,
        n_samples: int = 1,
        seed: int = 0,
        orientations: Orientations = 1,
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
            tell what the network is unsure of, not the scatter between volunteers. The
            probability itself is the network's answer without dropout. Several models share the
            draws evenly; left at 1, the map of each of them is a sample.
        seed : int, optional
            Of the draws; the same seed and image give the same, whatever else is in the list.
        orientations : int, optional
            8: the mean over the eight turns and mirror images of the square, so that the answer
            does not depend on how the image lies, at eight times the cost. Draws take turns over
            them.

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
            If `n_samples` or `orientations` is out of range, or the model has no dropout to draw
            with.

        References
        ----------
        Gal, Y. & Ghahramani, Z. (2016), ICML, arXiv:1506.02142: Monte Carlo dropout.
        Lakshminarayanan, B. et al. (2017), NeurIPS, arXiv:1612.01474: ensembles.
        """
        self.check_options(n_samples=n_samples, orientations=orientations)
        if isinstance(image, Sequence):
            frames = [None] * len(image) if frame is None else list(_as_frames(frame))
            if len(frames) != len(image):
                raise ShapeError(f"{len(image)} images but {len(frames)} frames; give one each")
            pairs = list(zip(image, frames, strict=True))
        elif frame is None or isinstance(frame, ImageFrame):
            pairs = [(image, frame)]
        else:
            raise ShapeError("one image takes one frame, not a list")
        galaxies = [as_galaxy(one, its) for one, its in pairs]
        predictions: list[Prediction] = []
        for start in range(0, len(galaxies), _BATCH):
            squares = [to_square(one, self.card) for one in galaxies[start : start + _BATCH]]
            predictions += self.predict_squares(
                squares, n_samples=n_samples, seed=seed, orientations=orientations
            )
        return predictions if isinstance(image, Sequence) else predictions[0]

    def predict_squares(
        self,
        squares: Sequence[Square],
        *,
        n_samples: int = 1,
        seed: int = 0,
        orientations: Orientations = 1,
    ) -> Iterator[Prediction]:
        """Draw maps on images that are fitted to the model already, as one batch; see `predict`."""
        answers = self.answer(squares, n_samples=n_samples, seed=seed, orientations=orientations)
        return map(self.place, answers)

    def answer(
        self,
        squares: Sequence[Square],
        *,
        n_samples: int = 1,
        seed: int = 0,
        orientations: Orientations = 1,
    ) -> Iterator[Answer]:
        """Draw maps on squares, as one batch; `place` puts each onto its image; see `predict`."""
        inputs = np.stack([square.values for square in squares])
        answers = np.stack(
            [member.predict(inputs, orientations=orientations) for member in self._members]
        )
        for n, square in enumerate(squares):
            samples = answers[:, n] if len(self._members) > 1 else None
            if n_samples > 1:
                samples = self._draw(square.values, n_samples, seed, orientations)
            yield Answer(square, answers[:, n].mean(axis=0), samples)

    def place(self, answer: Answer) -> Prediction:
        """Put maps of a square onto the grid of its image."""
        source = " + ".join(member.source for member in self._members)
        return on_image(*answer, card=self.card, source=source)

    def _draw(self, values: Maps, n_samples: int, seed: int, orientations: Orientations) -> Maps:
        shares = np.array_split(np.arange(n_samples), len(self._members))
        return np.concatenate(
            [
                member.draw(values, n_samples=len(share), seed=seed + n, orientations=orientations)
                for n, (member, share) in enumerate(zip(self._members, shares, strict=True))
                if len(share)
            ]
        )


def _as_frames(frame: ImageFrame | Sequence[ImageFrame | None]) -> Sequence[ImageFrame | None]:
    if isinstance(frame, ImageFrame):
        raise ShapeError("several images take a list of frames, one each")
    return frame
