"""Image, mask and overlay of every method in one look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from galseg.compare.key import secret_token
from galseg.compare.records import Item
from galseg.features import feature_colour
from galseg.imaging.overlay import to_rgb
from galseg.imaging.png import encode_png
from galseg.io.images import GalaxyImage

__all__ = ["PANEL_KINDS", "ItemFiles", "Panels", "image_panel", "mask_panel", "overlay_panel"]

Picture = NDArray[np.uint8]
Mask = NDArray[np.bool_]

PANEL_KINDS = ("images", "masks", "overlays")

_BLACK, _WHITE = np.uint8(0), np.uint8(255)
_OUTLINE_SHARE = 1 / 192  # width of the outline in sides of the panel
_EDGE_SIGMA_PIX = 0.5  # of the mask's own pixels
_EDGE_LEVEL = 0.4  # below a half, so that a slanted line one pixel wide does not fall into dots


def image_panel(pixels: NDArray[np.float32], *, size: int) -> Picture:
    """Stretch an image and fit it into a square.

    Parameters
    ----------
    pixels : ndarray of float, shape (bands, ny, nx)
        Three bands are shown as red, green and blue, any other number as grey.
    size : int
        Sides of the panel.

    Returns
    -------
    ndarray of uint8, shape (size, size, 3)
        First row on top; black beside an image that is not square.
    """
    return _fit(to_rgb(pixels), size, enlarge=cv2.INTER_CUBIC)


def mask_panel(mask: Mask, *, size: int) -> Mask:
    """Enlarge a mask with its edges rounded, and fit it into a square.

    Pixels of a coarse mask would show as stairs and tell it from a fine one, so the edges of all
    masks are smoothed by the same half pixel of the image.

    Parameters
    ----------
    mask : ndarray of bool, shape (ny, nx)
    size : int
        Sides of the panel.

    Returns
    -------
    ndarray of bool, shape (size, size)
        First row on top.
    """
    covered = _fit(mask.astype(np.float32), size, enlarge=cv2.INTER_AREA)
    sigma = _EDGE_SIGMA_PIX * size / max(mask.shape)
    return np.asarray(cv2.GaussianBlur(covered, (0, 0), sigma) >= _EDGE_LEVEL)


def overlay_panel(panel: Picture, mask: Mask, *, colour: tuple[int, int, int]) -> Picture:
    """Draw the outline of a mask on an image, both as panels."""
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    width = max(1, round(len(panel) * _OUTLINE_SHARE))
    return np.asarray(
        cv2.drawContours(panel.copy(), contours, -1, colour, width, cv2.LINE_AA), dtype=np.uint8
    )


class ItemFiles(NamedTuple):
    """The pictures of an item: the image, and the mask and the overlay in each place."""

    image: str
    places: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Panels:
    """The pictures of a package while it is being made.

    Attributes
    ----------
    folder : pathlib.Path
        Where they are drawn, in one folder a kind.
    size : int
        Sides in pixels.
    secret : str
        Names them.
    """

    folder: Path
    size: int
    secret: str

    def __post_init__(self) -> None:
        for kind in PANEL_KINDS:
            (self.folder / kind).mkdir(exist_ok=True)

    def draw(
        self,
        galaxy_id: str,
        image: GalaxyImage,
        masks: Mapping[str, Mapping[str, Mask]],
        *,
        practice: bool = False,
    ) -> None:
        """Draw all pictures of a galaxy.

        Parameters
        ----------
        galaxy_id : str
        image : GalaxyImage
        masks : mapping of feature to mapping of method to ndarray of bool, shape (ny, nx)
        practice : bool, optional
            Whether it is a galaxy of the practice set, which may be called like another.
        """
        picture = image_panel(image.pixels, size=self.size)
        self._write(self._name("images", practice, galaxy_id), picture)
        for feature, by_method in masks.items():
            for method, mask in by_method.items():
                shown = mask_panel(mask, size=self.size)
                outlined = overlay_panel(picture, shown, colour=feature_colour(feature))
                names = practice, galaxy_id, feature, method
                self._write(self._name("masks", *names), np.where(shown, _WHITE, _BLACK))
                self._write(self._name("overlays", *names), outlined)

    def files(self, item: Item) -> ItemFiles:
        """Name the pictures of an item, below the package."""
        names = item.kind == "practice", item.galaxy_id
        return ItemFiles(
            self._name("images", *names),
            tuple(
                (
                    self._name("masks", *names, item.feature, method),
                    self._name("overlays", *names, item.feature, method),
                )
                for method in item.methods
            ),
        )

    def _name(self, kind: str, practice: bool, *names: str) -> str:
        scope = "practice" if practice else "rated"
        return f"{kind}/{secret_token(self.secret, kind, scope, *names)}.png"

    def _write(self, name: str, pixels: Picture) -> None:
        (self.folder / name).write_bytes(encode_png(pixels))


def _fit(picture: NDArray[Any], size: int, *, enlarge: int) -> NDArray[Any]:
    """Turn y up into first row on top, and scale and centre a picture in a square."""
    ny, nx = picture.shape[:2]
    scale = size / max(ny, nx)
    height, width = max(1, round(ny * scale)), max(1, round(nx * scale))
    way = cv2.INTER_AREA if scale < 1 else enlarge
    scaled = cv2.resize(picture[::-1], (width, height), interpolation=way)
    top, left = (size - height) // 2, (size - width) // 2
    square = np.zeros((size, size, *picture.shape[2:]), dtype=picture.dtype)
    square[top : top + height, left : left + width] = scaled
    return square
