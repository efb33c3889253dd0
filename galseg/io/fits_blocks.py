"""FITS files that appear whole, with their sums; plain images without astropy's slow checks."""

from __future__ import annotations

import gzip
import io
import os
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from galseg.fits_headers import fits_parts
from galseg.io.atomic import write_whole
from galseg.io.fits_checksum import BLANK_SUMS, sealed

__all__ = ["ImageBlock", "write_blocks", "write_hdus"]

_BLOCK, _CARD = 2880, 80  # bytes
_FLOAT32 = -32


class ImageBlock(NamedTuple):
    """An image extension.

    Attributes
    ----------
    header : astropy.io.fits.Header
        Its own cards, with ``EXTNAME``, without those that describe the array.
    pixels : ndarray of float32
    """

    header: fits.Header
    pixels: NDArray[np.float32]


def write_blocks(
    path: str | os.PathLike[str],
    primary: fits.Header,
    images: Iterable[ImageBlock],
    *,
    shared: fits.Header,
    overwrite: bool = True,
) -> None:
    """Write a FITS file of a primary header and images.

    Parameters
    ----------
    path : path-like
        ``.fits`` or ``.fits.gz``; it appears whole or not at all.
    primary : astropy.io.fits.Header
        Without the mandatory keywords.
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
    start: dict[str, int | str] = {"SIMPLE": "T", "BITPIX": 8, "NAXIS": 0, "EXTEND": "T"}
    content = _hdu(b"", _cards(start), _text(primary))
    shared_text = _text(shared)
    for image in images:
        pixels = image.pixels.astype(">f4").tobytes()
        pixels += b"\0" * (-len(pixels) % _BLOCK)
        content += _hdu(pixels, _array_cards(image.pixels), _text(image.header), shared_text)
    _write(path, content, overwrite=overwrite)


def write_hdus(path: str | os.PathLike[str], hdus: fits.HDUList, *, overwrite: bool = True) -> None:
    """Write what astropy holds, with sums by which damage is told.

    Parameters
    ----------
    path : path-like
        ``.fits`` or ``.fits.gz``; it appears whole or not at all.
    hdus : astropy.io.fits.HDUList
    overwrite : bool, optional
        Whether an existing file may be replaced.

    Raises
    ------
    OutputError
        If the file cannot be written, or exists and may not be replaced.
    """
    for hdu in hdus:
        hdu.header.extend(fits.Header.fromstring(BLANK_SUMS).cards, end=True)
    stored = io.BytesIO()
    hdus.writeto(stored)
    stored.seek(0)
    content = []
    for header, n_bytes in fits_parts(stored, name=str(path)):
        data = stored.read(n_bytes)
        content += [sealed(header, data), data]
    _write(path, content, overwrite=overwrite)


def _write(path: str | os.PathLike[str], content: Iterable[bytes], *, overwrite: bool) -> None:
    with write_whole(path, overwrite=overwrite) as temporary:
        if temporary.suffix == ".gz":
            temporary.write_bytes(gzip.compress(b"".join(content), mtime=0))
        else:
            with temporary.open("wb") as handle:
                handle.writelines(content)


def _hdu(data: bytes, *texts: str) -> list[bytes]:
    text = "".join((*texts, BLANK_SUMS, "END".ljust(_CARD)))
    header = text.ljust(-(-len(text) // _BLOCK) * _BLOCK).encode("ascii")
    return [sealed(header, data), data]


def _array_cards(pixels: NDArray[np.float32]) -> str:
    sides = {f"NAXIS{axis}": n for axis, n in enumerate(reversed(pixels.shape), start=1)}
    counts = {"PCOUNT": 0, "GCOUNT": 1}
    extension = "XTENSION= 'IMAGE   '".ljust(_CARD)
    return extension + _cards({"BITPIX": _FLOAT32, "NAXIS": pixels.ndim, **sides, **counts})


def _cards(values: Mapping[str, int | str]) -> str:
    """Write integers and logical values in FITS' fixed format."""
    return "".join(f"{name:<8}= {value:>20}".ljust(_CARD) for name, value in values.items())


def _text(header: fits.Header) -> str:
    return str(header.tostring(endcard=False, padding=False))
