"""Pictures as PNG files: overlays, and sheets of many galaxies."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageDraw, ImageFont

from galseg.errors import ShapeError
from galseg.imaging.overlay import overlay
from galseg.io.atomic import write_whole

__all__ = ["write_contact_sheet", "write_overlay", "write_png"]

PathLike = str | os.PathLike[str]
Picture = NDArray[np.uint8]

_COMPRESSION = 3  # as small as Pillow's own 6 on these pictures, in less than half of the time
_GAP = 6
_LABEL_SHARE = 1 / 14  # height of a label in sides of a tile


def write_png(path: PathLike, picture: Picture) -> None:
    """Write a picture, its first row at the bottom, as y points up.

    Parameters
    ----------
    path : path-like
        PNG file to make; it appears whole or not at all.
    picture : ndarray of uint8, shape (ny, nx, 3)
        Rows in the order of the image array.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    with write_whole(path) as temporary:
        upright = Image.fromarray(np.ascontiguousarray(picture[::-1]))
        upright.save(temporary, format="PNG", compress_level=_COMPRESSION)


def write_overlay(path: PathLike, image: ArrayLike, masks: Mapping[str, NDArray[np.bool_]]) -> None:
    """Write an image with the outlines of its masks, y up.

    Parameters
    ----------
    path : path-like
        PNG file to make.
    image : array_like, shape (ny, nx) or (bands, ny, nx)
    masks : mapping of str to ndarray of bool, shape (ny, nx)
        By feature.

    Raises
    ------
    ShapeError
        If a mask does not fit the image.
    OutputError
        If the file cannot be written.
    """
    write_png(path, overlay(image, masks))


def write_contact_sheet(
    path: PathLike,
    rows: Sequence[Sequence[Picture]],
    *,
    row_labels: Sequence[str],
    column_labels: Sequence[str],
    n_across: int = 1,
    tile: int = 256,
) -> None:
    """Write a sheet of galaxies: a row of pictures each, under column headings.

    Parameters
    ----------
    path : path-like
        PNG file to make.
    rows : sequence of sequence of ndarray of uint8, shape (ny, nx, 3)
        Pictures of any size, first row at the bottom; one sequence a galaxy.
    row_labels, column_labels : sequence of str
        What stands on each galaxy's first picture, and above the columns.
    n_across : int, optional
        Galaxies side by side.
    tile : int, optional
        Side of a picture on the sheet in pixels.

    Raises
    ------
    ShapeError
        If rows and labels do not pair up.
    OutputError
        If the file cannot be written.
    """
    if len(rows) != len(row_labels) or any(len(row) != len(column_labels) for row in rows):
        raise ShapeError(
            f"need a label a row and a column: {len(rows)} rows, {len(row_labels)} row labels, "
            f"{len(column_labels)} column labels"
        )
    n_columns, n_down = len(column_labels), -(-len(rows) // n_across)
    step, heading = tile + _GAP, round(1.6 * tile * _LABEL_SHARE)
    block = n_columns * step + 2 * _GAP
    sheet = Image.new("RGB", (n_across * block - _GAP, heading + n_down * step), "white")
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(size=round(tile * _LABEL_SHARE))
    for index, (row, label) in enumerate(zip(rows, row_labels, strict=True)):
        left, top = (index % n_across) * block + _GAP, heading + (index // n_across) * step
        for column, picture in enumerate(row):
            sheet.paste(_tile(picture, tile), (left + column * step, top))
        draw.text((left + 6, top + 4), label, fill="white", font=font)
    for across in range(min(n_across, len(rows))):
        for column, label in enumerate(column_labels):
            middle = across * block + _GAP + column * step + tile // 2
            draw.text((middle, heading // 2), label, fill="black", font=font, anchor="mm")
    with write_whole(path) as temporary:
        sheet.save(temporary, format="PNG", optimize=True)


def _tile(picture: Picture, side: int) -> Image.Image:
    """Fit a picture into a square, y up, black around it."""
    ny, nx = picture.shape[:2]
    scale = side / max(ny, nx)
    size = max(1, round(nx * scale)), max(1, round(ny * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    fitted = Image.fromarray(cv2.resize(picture, size, interpolation=method)[::-1])
    square = Image.new("RGB", (side, side))
    square.paste(fitted, ((side - size[0]) // 2, (side - size[1]) // 2))
    return square
