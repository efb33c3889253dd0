"""Masks drawn over an image, in the colours of their features."""

from __future__ import annotations

import math
from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from galseg.errors import ShapeError
from galseg.features import feature_colour
from galseg.imaging.stretch import asinh_stretch

__all__ = ["overlay", "to_rgb"]

Picture = NDArray[np.uint8]

_OUTLINE_SHARE = 1 / 256  # width of an outline in sides of the picture


def to_rgb(image: ArrayLike, *, softening: float = 3.0) -> Picture:
    """Stretch an image for the eye.

    Parameters
    ----------
    image : array_like, shape (ny, nx) or (bands, ny, nx)
        Three bands are shown as red, green and blue, any other number by their mean as grey.
    softening : float, optional
        See `asinh_stretch`; infinite for an image that is stretched already.

    Returns
    -------
    ndarray of uint8, shape (ny, nx, 3)
        Rows in the order of the array.

    Examples
    --------
    >>> to_rgb(np.arange(12.0).reshape(3, 4)).shape
    (3, 4, 3)
    """
    bands = np.atleast_3d(asinh_stretch(image, softening=softening).T).T
    if len(bands) != 3:
        bands = np.repeat(bands.mean(axis=0, keepdims=True), 3, axis=0)
    return np.moveaxis(bands * 255, 0, -1).round().astype(np.uint8)


def overlay(
    image: ArrayLike,
    masks: Mapping[str, NDArray[np.bool_]],
    *,
    min_side: int = 512,
    fill: float = 0.2,
    softening: float = 3.0,
) -> Picture:
    """Draw the outlines and a tint of masks over an image.

    Parameters
    ----------
    image : array_like, shape (ny, nx) or (bands, ny, nx)
    masks : mapping of str to ndarray of bool, shape (ny, nx)
        By feature, which gives the colour; drawn in this order.
    min_side : int, optional
        The picture is enlarged by a whole number to at least this size, so that outlines are thin.
    fill : float, optional
        Weight of the tint inside a mask, 0 to 1.
    softening : float, optional
        As of `to_rgb`.

    Returns
    -------
    ndarray of uint8, shape (k ny, k nx, 3)
        Rows in the order of the array, so that y = 0 is its first row.

    Raises
    ------
    ShapeError
        If a mask is not bool or does not fit the image.

    Examples
    --------
    >>> image = np.random.default_rng(0).normal(size=(64, 64))
    >>> mask = np.zeros((64, 64), dtype=bool)
    >>> mask[20:40, 20:40] = True
    >>> overlay(image, {"bar": mask}, min_side=100).shape
    (128, 128, 3)
    """
    small = to_rgb(image, softening=softening)
    shape = small.shape[:2]
    scale = max(1, math.ceil(min_side / max(shape)))
    size = (shape[1] * scale, shape[0] * scale)
    picture = cv2.resize(small, size, interpolation=cv2.INTER_CUBIC)
    width = max(1, round(max(size) * _OUTLINE_SHARE))
    for feature, mask in masks.items():
        if mask.shape != shape or mask.dtype != bool:
            raise ShapeError(
                f"the {feature!r} mask must be bool of the image's shape {shape}, "
                f"got {mask.dtype} {mask.shape}"
            )
        colour = np.array(feature_colour(feature), dtype=np.uint8)
        large = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_LINEAR) >= 0.5
        tinted = (1 - fill) * picture[large] + fill * colour
        picture[large] = tinted.round().astype(np.uint8)
        outlines, _ = cv2.findContours(large.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
        picture = cv2.drawContours(picture, outlines, -1, colour.tolist(), width, cv2.LINE_AA)
    return np.asarray(picture, dtype=np.uint8)
