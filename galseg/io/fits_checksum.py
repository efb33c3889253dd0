"""The sums in ``DATASUM`` and ``CHECKSUM`` by which any FITS reader tells damage.

References
----------
Seaman, R., Pence, W. & Rots, A. (2012), "FITS Checksum Proposal"; FITS Standard 4.0, appendix J.
"""

from __future__ import annotations

from typing import BinaryIO

import numpy as np

from galseg.errors import FormatError
from galseg.fits_headers import fits_parts

__all__ = ["BLANK_SUMS", "check_sums", "sealed"]

_WORD = 0xFFFFFFFF
_CARD = 80
_BLANK = "CHECKSUM= '0000000000000000'".ljust(_CARD)
_AT_ONCE = 2880 * 400  # bytes
_NO_CHARACTERS = {*range(0x3A, 0x41), *range(0x5B, 0x61)}  # between digits and letters


BLANK_SUMS = "DATASUM = '          '".ljust(_CARD) + _BLANK
"""Cards that a header needs, next to each other, to be sealed."""


def sealed(header: bytes, data: bytes) -> bytes:
    """Return a header with its `BLANK_SUMS` filled in.

    Parameters
    ----------
    header, data : bytes
        Whole numbers of FITS blocks.
    """
    place = header.rindex(BLANK_SUMS.encode("ascii"))
    of_data = _sum(data)
    cards = f"DATASUM = '{of_data:<10}'".ljust(_CARD) + _BLANK
    whole = header[:place] + cards.encode("ascii") + header[place + len(cards) :]
    text = _encoded(_sum(whole, start=of_data)).encode("ascii")
    place += _CARD + _BLANK.index("0")
    return whole[:place] + text + whole[place + len(text) :]


def check_sums(stream: BinaryIO, *, name: str) -> None:
    """Check a FITS file against its sums, HDU by HDU; those without one are passed over.

    Parameters
    ----------
    stream : binary file
        Unpacked, at its start.
    name : str
        Of the file, for messages.

    Raises
    ------
    FormatError
        If a sum is not that of its HDU, or as `galseg.fits_headers.fits_parts` has it.
    """
    for number, (header, n_bytes) in enumerate(fits_parts(stream, name=name)):
        if b"CHECKSUM= " not in header:
            continue
        total = _sum(header)
        for start in range(0, n_bytes, _AT_ONCE):
            block = stream.read(min(_AT_ONCE, n_bytes - start))
            total = _sum(block.ljust(-(-len(block) // 4) * 4, b"\0"), start=total)
        if total not in (0, _WORD):
            raise FormatError(
                f"{name}, HDU {number} is not what was written: its CHECKSUM does not fit; make "
                "the file again, or fetch it again"
            )


def _sum(content: bytes, *, start: int = 0) -> int:
    """Add up 32-bit words in one's complement."""
    total = start + int(np.frombuffer(content, dtype=">u4").sum(dtype=np.uint64))
    while total > _WORD:
        total = (total & _WORD) + (total >> 32)
    return total


def _encoded(total: int) -> str:
    """Return the 16 characters that, in place of zeros, make a sum zero."""
    quads = [_QUADS[byte] for byte in (_WORD - total).to_bytes(4, "big")]
    text = "".join(quad[place] for place in range(4) for quad in quads)
    return text[-1] + text[:-1]  # the value of a card does not begin on a word


def _quad(byte: int) -> str:
    """Spread a byte over four letters and digits that add up to it and four zeros."""
    quarter, rest = divmod(byte, 4)
    codes = [0x30 + quarter + rest, *[0x30 + quarter] * 3]
    while _NO_CHARACTERS & set(codes):
        for first in (0, 2):
            if _NO_CHARACTERS & set(codes[first : first + 2]):
                codes[first] += 1
                codes[first + 1] -= 1
    return "".join(map(chr, codes))


_QUADS = [_quad(byte) for byte in range(256)]
