"""Plain FITS images, written without astropy's checks, which take longer than the writing."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from galseg.io.atomic import write_whole

__all__ = ["ImageBlock", "write_blocks"]

_BLOCK = 2880
_FLOAT32 = -32


class ImageBlock(NamedTuple):
    """An image extension.

    Attributes
    ----------
    name : str
        ``EXTNAME``.
    cards : list of tuple
        Keyword, value and comment of its own.
    pixels : ndarray of float32
    """

    name: str
    cards: list[tuple[str, object, str]]
    pixels: NDArray[np.float32]


def write_blocks(
    path: str | os.PathLike[str],
    primary: fits.Header,
    images: Iterable[ImageBlock],
    *,
    shared: fits.Header,
    overwrite: bool = True,
) -> None:
    """Write a FITS file of a bare primary header and images.

    Parameters
    ----------
    path : path-like
        ``.fits`` or ``.fits.gz``; it appears whole or not at all.
    primary : astropy.io.fits.Header
        Without the mandatory keywords, as the next.
    images : iterable of ImageBlock
    shared : astropy.io.fits.Header
        Cards that every image has, such as a WCS.
    overwrite : bool, optional
        Whether an existing file may be replaced.

    Raises
    ------
    OutputError
        If the file cannot be written, or exists and may not be replaced.
    """
    start = [("SIMPLE", True, "conforms to FITS"), ("BITPIX", 8, ""), ("NAXIS", 0, "")]
    content = [_padded(_text([*start, ("EXTEND", True, "")]) + _text(primary.cards), last=b"END")]
    shared_text = _text(shared.cards)
    for image in images:
        content.append(_padded(_text(_mandatory(image) + image.cards) + shared_text, last=b"END"))
        content.append(_padded(image.pixels.astype(">f4").tobytes(), fill=b"\0"))
    written = b"".join(content)
    with write_whole(path, overwrite=overwrite) as temporary:
        if temporary.suffix == ".gz":
            written = gzip.compress(written, mtime=0)
        temporary.write_bytes(written)


def _mandatory(image: ImageBlock) -> list[tuple[str, object, str]]:
    sides = reversed(image.pixels.shape)
    return [
        ("XTENSION", "IMAGE", "image extension"),
        ("BITPIX", _FLOAT32, "float32"),
        ("NAXIS", image.pixels.ndim, ""),
        *((f"NAXIS{axis}", side, "") for axis, side in enumerate(sides, start=1)),
        ("PCOUNT", 0, ""),
        ("GCOUNT", 1, ""),
        ("EXTNAME", image.name, ""),
    ]


def _text(cards: Iterable[object]) -> bytes:
    text: str = fits.Header(cards).tostring(endcard=False, padding=False)
    return text.encode("ascii")


def _padded(content: bytes, *, fill: bytes = b" ", last: bytes = b"") -> bytes:
    content += last.ljust(80) if last else b""
    return content + fill * (-len(content) % _BLOCK)
