"""The images and the masks of each method, one galaxy at a time, from a folder or from memory."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from galseg.errors import ShapeError, SubjectError
from galseg.io.images import GalaxyImage, list_images, read_image
from galseg.io.masks import list_masks, read_masks

__all__ = ["ImageSource", "MaskSource"]

Folder = str | os.PathLike[str]
Masks = Mapping[str, NDArray[np.bool_]]


@dataclass(frozen=True, eq=False)
class ImageSource:
    """Images by galaxy.

    Attributes
    ----------
    images : mapping of str to pathlib.Path or GalaxyImage
        What `read` reads, or gives as it is.
    """

    images: Mapping[str, Path | GalaxyImage]

    @classmethod
    def of(cls, images: Folder | Mapping[str, GalaxyImage]) -> ImageSource:
        """Look into a folder, or take what is in memory.

        Raises
        ------
        MissingInputError
            If the folder is not there, or holds no image.
        """
        return cls(images if isinstance(images, Mapping) else list_images(images))

    def read(self, galaxy_id: str) -> GalaxyImage:
        """Return one image, with or without a WCS.

        Raises
        ------
        SubjectError
            If there is no image of the galaxy.
        FormatError
            If its file is damaged.
        """
        if galaxy_id not in self.images:
            raise SubjectError("there is no image of this galaxy")
        image = self.images[galaxy_id]
        return read_image(image, wcs="optional") if isinstance(image, Path) else image


@dataclass(frozen=True, eq=False)
class MaskSource:
    """The masks of one method, by galaxy and feature.

    Attributes
    ----------
    masks : mapping of str to tuple of pathlib.Path, or to a mapping of feature to mask
        What `read` reads, or gives when it has checked it.
    features : tuple of str
        To be known beside galseg's own.
    threshold : float or None
        Makes maps into masks; None: the threshold stored with each map.
    """

    masks: Mapping[str, tuple[Path, ...] | Masks]
    features: tuple[str, ...]
    threshold: float | None

    @classmethod
    def of(
        cls,
        masks: Folder | Mapping[str, Masks],
        *,
        features: Sequence[str],
        threshold: float | None,
    ) -> MaskSource:
        """Look into a folder, or take what is in memory.

        Raises
        ------
        MissingInputError
            If the folder is not there, or holds no mask.
        FormatError
            If a file in it is damaged.
        """
        found = masks if isinstance(masks, Mapping) else list_masks(masks, also=features)
        return cls(found, tuple(features), threshold)

    def read(self, galaxy_id: str, *, shape: tuple[int, int]) -> Masks:
        """Return the masks of one galaxy, by feature.

        Raises
        ------
        SubjectError
            If there are none.
        FormatError
            If a file is damaged.
        ShapeError
            If one is not bool, or not of the given shape ``(ny, nx)``.
        """
        if galaxy_id not in self.masks:
            raise SubjectError("there are no masks of this galaxy")
        masks = self.masks[galaxy_id]
        if isinstance(masks, tuple):
            return read_masks(
                masks,
                galaxy_id=galaxy_id,
                also=self.features,
                threshold=self.threshold,
                shape=shape,
            )
        for feature, mask in masks.items():
            if mask.dtype != bool or mask.shape != shape:
                raise ShapeError(
                    f"the {feature!r} mask must be bool of its image's shape {shape}, "
                    f"got {mask.dtype} of shape {mask.shape}"
                )
        return masks
