"""FITS files of one plain image, as most of a survey are, read without astropy.

Opening such a file with astropy costs ten times what its pixels do. Whatever is not plain in every
way is left to it: several HDUs, scaled or blank integers, tiles, headers that are not as the
standard has them, and damage of any kind.
"""

from __future__ import annotations

from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from galseg.fits_headers import cards_of, fits_parts, is_plain

__all__ = ["PlainImage", "plain_image"]

_TYPES = {b"8": "u1", b"16": ">i2", b"32": ">i4", b"64": ">i8", b"-32": ">f4", b"-64": ">f8"}
_NOT_PLAIN = (b"BSCALE", b"BZERO", b"BLANK", b"GROUPS", b"PCOUNT", b"GCOUNT")
_ONCE = (b"SIMPLE", b"XTENSION", b"BITPIX", b"NAXIS")


class PlainImage(NamedTuple):
    """An image in a stream, whose pixels are there as they are.

    Attributes
    ----------
    cards : list of bytes
        Of its header, all plain.
    shape : tuple of int
    dtype : numpy.dtype
    start : int
        Place of its first byte in the stream.
    """

    cards: list[bytes]
    shape: tuple[int, ...]
    dtype: np.dtype[np.generic]
    start: int

    def values(self, stream: BinaryIO) -> NDArray[np.generic]:
        """Read its pixels, in the byte order of the file."""
        stream.seek(self.start)
        n_bytes = self.dtype.itemsize * int(np.prod(self.shape, dtype=int))
        return np.frombuffer(stream.read(n_bytes), dtype=self.dtype).reshape(self.shape)


def plain_image(stream: BinaryIO, *, name: str) -> PlainImage | None:
    """Find the image of a FITS file that holds nothing else; None if the file is not plain.

    Parameters
    ----------
    stream : binary file
        Unpacked, at its start.
    name : str
        Of the file, for messages.

    Raises
    ------
    FormatError
        If it is no FITS, or is larger than galseg reads; see `galseg.fits_headers.fits_parts`.
    """
    parts = fits_parts(stream, name=name)
    header, n_bytes = next(parts)
    start = len(header)
    is_alone = next(parts, None) is None
    if not is_alone or n_bytes == 0 or not _reaches(stream, start + n_bytes):
        return None
    cards = cards_of(header)
    form = _array_of(cards) if is_plain(cards) else None
    return None if form is None else PlainImage(cards, *form, start)


def _reaches(stream: BinaryIO, end: int) -> bool:
    stream.seek(end - 1)
    return len(stream.read(1)) == 1


def _array_of(cards: list[bytes]) -> tuple[tuple[int, ...], np.dtype[np.generic]] | None:
    """Return shape and type from the first cards, if none of the others changes what they say."""
    n_axes = _count(cards[2]) if len(cards) > 2 else 0
    first = [b"SIMPLE", b"BITPIX", b"NAXIS", *(b"NAXIS%d" % axis for axis in range(1, n_axes + 1))]
    names = [card[:8].rstrip() for card in cards]
    others = names[len(first) :]
    if names[: len(first)] != first or any(
        name in _NOT_PLAIN or name.startswith(_ONCE) for name in others
    ):
        return None
    kind = _TYPES.get(_value(cards[1]))
    shape = tuple(_count(card) for card in reversed(cards[3 : len(first)]))
    if kind is None or _value(cards[0]) != b"T" or 0 in shape:
        return None
    return shape, np.dtype(kind)


def _count(card: bytes) -> int:
    value = _value(card)
    return int(value) if value.isdigit() else 0


def _value(card: bytes) -> bytes:
    return card[10:].partition(b"/")[0].strip()
