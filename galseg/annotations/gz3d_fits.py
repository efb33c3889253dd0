"""The FITS layout of Galaxy Zoo:3D: HDUs by number, every departure from it named."""

from __future__ import annotations

import warnings
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from astropy.utils.exceptions import AstropyUserWarning
from numpy.typing import NDArray

from galseg.errors import FormatError, GalsegError, MissingInputError
from galseg.fits_headers import FITS_DAMAGE, fits_parts
from galseg.parsing import unpacked

__all__ = ["SPIRAL_VOTES", "image_shape", "mangaid", "opened", "table", "vote_image"]

SPIRAL_VOTES = 3
METADATA = 5


@contextmanager
def opened(file: Path) -> Iterator[fits.HDUList]:
    """Open a FITS file; whatever shows that it is damaged, now or later, becomes one error."""
    if not file.is_file():
        raise MissingInputError(f"no file {file}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", AstropyUserWarning)
            with unpacked(file) as handle:
                deque(fits_parts(handle, name=str(file)), maxlen=0)
                handle.seek(0)
                with fits.open(handle, memmap=False) as hdus:
                    yield hdus
    except GalsegError:
        raise
    except (*FITS_DAMAGE, AstropyUserWarning) as error:
        raise FormatError(f"{file} is not a whole FITS file ({error}); fetch it again") from error


def _hdu(hdus: fits.HDUList, number: int, file: Path) -> Any:
    try:
        return hdus[number]
    except IndexError:
        raise FormatError(
            f"{file} has no HDU {number}; a Galaxy Zoo:3D file has 11, this one {len(hdus)}"
        ) from None


def table(hdus: fits.HDUList, number: int, columns: tuple[str, ...], file: Path) -> Any:
    """Return the rows of a binary table that has these columns."""
    hdu = _hdu(hdus, number, file)
    if not isinstance(hdu, fits.BinTableHDU):
        raise FormatError(f"{file}: HDU {number} must be a binary table, got {type(hdu).__name__}")
    missing = [name for name in columns if name not in hdu.columns.names]
    if missing:
        raise FormatError(
            f"{file}: the table of HDU {number} lacks {missing}; it has {hdu.columns.names}"
        )
    return hdu.data


def mangaid(hdus: fits.HDUList, file: Path) -> str:
    """Return the name of the galaxy."""
    metadata = table(hdus, METADATA, ("MANGAID",), file)
    if len(metadata) != 1:
        raise FormatError(f"{file}: HDU {METADATA} must have one row, got {len(metadata)}")
    return str(metadata["MANGAID"][0]).strip()


def image_shape(hdus: fits.HDUList, file: Path) -> tuple[int, int]:
    """Return ``(ny, nx)`` of the image that volunteers saw."""
    number = SPIRAL_VOTES
    hdu = _hdu(hdus, number, file)
    if not hdu.is_image or len(hdu.shape) != 2:
        raise FormatError(f"{file}: HDU {number} must be an image of votes, two axes")
    return hdu.shape[0], hdu.shape[1]


def vote_image(
    hdus: fits.HDUList, number: int, shape: tuple[int, int], file: Path
) -> NDArray[np.int32]:
    """Return an image of votes as whole numbers."""
    hdu = _hdu(hdus, number, file)
    if not hdu.is_image or hdu.shape != shape:
        raise FormatError(f"{file}: HDU {number} must be an image of {shape[0]} x {shape[1]} px")
    counts = np.asarray(hdu.data)
    if not ((counts >= 0) & (counts == np.floor(counts)) & (counts < 2**31)).all():
        raise FormatError(f"{file}: HDU {number} holds values that are no counts of votes")
    return counts.astype(np.int32)
