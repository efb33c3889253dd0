"""Whether a mask lies on the grid of its image, and if not, how it is turned."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from galseg.errors import FrameError, ShapeError
from galseg.frame import ImageFrame

__all__ = ["check_shape", "check_sky"]

_TOLERANCE_PIX = 1.0
# How a mask is turned, by what it does to x, y that count from the centre of the image.
_TURNS: Mapping[str, tuple[tuple[int, int], tuple[int, int]]] = MappingProxyType(
    {
        "upside down": ((1, 0), (0, -1)),
        "mirrored left to right": ((-1, 0), (0, 1)),
        "turned by 180 degrees": ((-1, 0), (0, -1)),
        "transposed, x and y swapped": ((0, 1), (1, 0)),
        "turned by 90 degrees": ((0, -1), (1, 0)),
        "turned by 270 degrees": ((0, 1), (-1, 0)),
        "transposed and turned by 180 degrees": ((0, -1), (-1, 0)),
    }
)


def check_shape(shape: tuple[int, ...], image_shape: tuple[int, int], *, what: str) -> None:
    """Check that a mask has as many rows and columns as its image.

    Raises
    ------
    ShapeError
        If it has not.
    """
    if shape != image_shape:
        hint = "; are its rows and columns swapped?" if shape[::-1] == image_shape else ""
        raise ShapeError(
            f"{what} has shape {shape}, its image {image_shape} (ny, nx); a mask must lie on the "
            f"grid of its image{hint}"
        )


def check_sky(frame: ImageFrame, image_frame: ImageFrame, *, what: str) -> None:
    """Check that the same pixel of a map and of its image is the same place on the sky.

    The corners and the middles of the sides must agree to one pixel of the image. It can be told
    only if both have a WCS; without, nothing is checked.

    Parameters
    ----------
    frame, image_frame : ImageFrame
        Of the map and of the image, of one shape.
    what : str
        The map, for the message.

    Raises
    ------
    FrameError
        If they differ, with how the map is turned if that explains it.

    Examples
    --------
    >>> check_sky(ImageFrame((5, 5)), ImageFrame((5, 5)), what="the map")
    """
    if not (frame.has_sky and image_frame.has_sky):
        return
    offset = _offset_pix(frame, image_frame, ((1, 0), (0, 1)))
    if offset <= _TOLERANCE_PIX:
        return
    for turn, matrix in _TURNS.items():
        if _offset_pix(frame, image_frame, matrix) <= _TOLERANCE_PIX:
            raise FrameError(f"by its WCS, {what} is {turn} on the grid of its image")
    raise FrameError(
        f"by its WCS, {what} lies up to {offset:.1f} pixels beside its image; it must be on the "
        "grid of its image"
    )


def _offset_pix(
    frame: ImageFrame, image_frame: ImageFrame, matrix: tuple[tuple[int, int], tuple[int, int]]
) -> float:
    """Largest distance on the sky between pixels of the image and of the map when it is turned."""
    steps = np.array([(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1)]) * frame.centre_xy
    sky = image_frame.to_sky(frame.centre_xy + steps)
    turned = frame.to_sky(frame.centre_xy + steps @ np.array(matrix).T)
    separation = sky.separation(turned).arcsec
    on_sky = separation[np.isfinite(separation)]
    return float(on_sky.max(initial=0.0) / image_frame.pixel_scale_arcsec)
