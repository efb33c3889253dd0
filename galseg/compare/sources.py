"""The images and the masks of each method, one galaxy at a time, from a folder or from memory."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from galseg.compare.grids import check_shape, check_sky
from galseg.errors import ShapeError
from galseg.frame import ImageFrame
from galseg.io.images import GalaxyImage, list_images, read_image
from galseg.io.maps import read_maps
from galseg.io.masks import is_maps_file, list_masks, read_masks

__all__ = ["Folder", "ImageSource", "MaskSource", "Masks"]

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
        """Return one of the images, with or without a WCS.

        Raises
        ------
        FormatError
            If its file is damaged.
        """
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

    def read(self, galaxy_id: str, *, frame: ImageFrame) -> Masks:
        """Return the masks of one of the galaxies, by feature.

        Parameters
        ----------
        galaxy_id : str
        frame : ImageFrame
            Of the image, on whose grid the masks must lie. Of maps with a WCS this is checked on
            the sky, of all others by their shape alone.

        Raises
        ------
        FormatError
            If a file is damaged.
        ShapeError
            If one is not bool, or not of the image's shape.
        FrameError
            If maps lie elsewhere on the sky, or are mirrored or turned.
        """
        found = self.masks[galaxy_id]
        if isinstance(found, tuple):
            masks = self._read_files(found, galaxy_id, frame)
            where = f" in {', '.join(map(str, found))}"
        else:
            masks, where = found, ""
        for feature, mask in masks.items():
            if mask.dtype != bool:
                raise ShapeError(f"the {feature!r} mask must be bool, got {mask.dtype}")
            check_shape(mask.shape, frame.shape, what=f"the {feature!r} mask{where}")
        return masks

    def _read_files(self, paths: tuple[Path, ...], galaxy_id: str, frame: ImageFrame) -> Masks:
        if len(paths) > 1 or not is_maps_file(paths[0]):
            return read_masks(
                paths, galaxy_id=galaxy_id, also=self.features, threshold=self.threshold
            )
        maps = read_maps(paths[0])
        check_shape(maps.frame.shape, frame.shape, what=f"the map {paths[0]}")
        check_sky(maps.frame, frame, what=f"the map {paths[0]}")
        return maps.masks(threshold=self.threshold)
