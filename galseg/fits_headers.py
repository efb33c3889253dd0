"""How large a FITS file says it is, before anything believes it.

Whoever reads FITS builds lists as long as NAXIS and TFIELDS say, and arrays as large as NAXISn do.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import takewhile
from math import prod
from typing import BinaryIO, NamedTuple

from astropy.io import fits
from astropy.io.fits.hdu.compressed._compression import CfitsioException

from galseg.errors import FormatError
from galseg.limits import (
    MAX_BANDS,
    MAX_FITS_AXES,
    MAX_FITS_BYTES,
    MAX_FITS_HDUS,
    MAX_FITS_HEADER_BYTES,
    MAX_IMAGE_PIXELS,
)

__all__ = ["FITS_DAMAGE", "FitsPart", "cards_of", "fits_parts", "is_plain"]

FITS_DAMAGE = (
    *(OSError, EOFError, TypeError, ValueError, LookupError, AttributeError, ArithmeticError),
    *(AssertionError, RuntimeError, struct.error, zlib.error, fits.VerifyError, CfitsioException),
)
"""What astropy raises over HDUs and cards that it could not parse."""

_BLOCK, _CARD = 2880, 80  # bytes
_SIZE = re.compile(
    rb" *(?:HIERARCH +)?(BITPIX|Z?NAXIS\d*|ZBITPIX|ZTILE\d+|TFIELDS|PCOUNT|GCOUNT)"
    rb" *= *([-+]?\d+) *(?:/|\Z)",
    re.I,
)
_ORDER = re.compile(rb" *(?:HIERARCH +)?([AB]P?_ORDER|WCSAXES[A-Z]?) *= *(\d?) *(/|\Z)?", re.I)
_FIRST_LETTERS = frozenset(b"ABGHNPTWZabghnptwz ")
_END_CARD = b"END".ljust(_CARD)
_END = re.compile(rb"(?:.{80})*?END {77}", re.S)
_SIGNED = ("BITPIX", "ZBITPIX")
_NUMBER = rb"[+-]?(?:\.\d+|\d+(?:\.\d*)?)(?:[DE][+-]?\d+)?"
_PLAIN = re.compile(
    rb"(?!HIERARCH|CONTINUE|END )(?=[A-Z0-9_ -]{8}= )[A-Z0-9_-]+ *= "
    rb" *(?:'(?:[ -&(-~]|'')*'|[TF]|" + _NUMBER + rb")? *(?:/[ -~]*)?\Z"
    rb"|(?:COMMENT|HISTORY|       ) [ -~]*\Z"
)


class FitsPart(NamedTuple):
    """A header of a FITS file, and how many bytes of data follow it, with their padding."""

    header: bytes
    n_bytes: int


def fits_parts(stream: BinaryIO, *, name: str) -> Iterator[FitsPart]:
    """Go through a FITS file and refuse sizes that nothing should be made of.

    Parameters
    ----------
    stream : binary file
        Unpacked, read from where it stands. When a part is yielded, its data come next.
    name : str
        Of the file, for messages.

    Yields
    ------
    FitsPart

    Raises
    ------
    FormatError
        If it is no FITS, or has more HDUs, axes, columns or bytes than galseg reads. That it is
        cut short shows when it is read.

    Examples
    --------
    >>> import io
    >>> cards = ("SIMPLE  = T", "BITPIX  = 8", "NAXIS   = 1000000000", "END")
    >>> header = "".join(card.ljust(80) for card in cards).ljust(2880).encode()
    >>> list(fits_parts(io.BytesIO(header), name="a.fits"))
    Traceback (most recent call last):
        ...
    galseg.errors.FormatError: a.fits, HDU 0: NAXIS = 1000000000, over the limit of 999 ...
    """
    so_far = 0
    for number, header in enumerate(_headers(stream, name)):
        if number >= MAX_FITS_HDUS:
            raise FormatError(
                f"{name} has over {MAX_FITS_HDUS} HDUs; copy those you need into another file"
            )
        where = f"{name}, HDU {number}"
        sizes = _sizes(header, where)
        n_bytes = _data_bytes(sizes, "", where)
        so_far += n_bytes + _data_bytes(sizes, "Z", where)
        if so_far > MAX_FITS_BYTES:
            raise FormatError(
                f"{where}: up to here the file says it holds {so_far} bytes of data, over the "
                f"limit of {MAX_FITS_BYTES}; cut out the galaxy"
            )
        _check_tiles(sizes, where)
        start, padded = stream.tell(), -(-n_bytes // _BLOCK) * _BLOCK
        yield FitsPart(header, padded)
        stream.seek(start + padded)


def cards_of(header: bytes) -> list[bytes]:
    """Split a header as it stands in a file into its cards, up to END."""
    cards = (header[start : start + _CARD] for start in range(0, len(header), _CARD))
    return list(takewhile(_END_CARD.__ne__, cards))


def is_plain(cards: Iterable[bytes]) -> bool:
    """Whether all cards are written as the FITS standard has it, each complete in itself.

    astropy neither mends these nor reads them together with others, so that they mean to any
    reader what they say.

    Examples
    --------
    >>> is_plain([b"CRVAL1  =                150.1 / degrees".ljust(80)])
    True
    >>> is_plain([b"crval1  = 150.1".ljust(80)]), is_plain([b"CRVAL1  = about 150".ljust(80)])
    (False, False)
    """
    return all(map(_PLAIN.match, cards))


def _headers(stream: BinaryIO, name: str) -> Iterator[bytes]:
    first = stream.read(_BLOCK)
    if not first.startswith(b"SIMPLE  ="):
        raise FormatError(f"{name} is no FITS file or is damaged: it does not begin with SIMPLE")
    while first:
        header = bytearray()
        block = first
        while block and _END.match(block) is None:
            header += block
            if len(header) > MAX_FITS_HEADER_BYTES:
                raise FormatError(
                    f"{name} has a header of over {MAX_FITS_HEADER_BYTES} bytes, or something else "
                    "than headers and data; copy its image into a file of its own"
                )
            block = stream.read(_BLOCK)
        yield bytes(header + block)
        first = stream.read(_BLOCK)


def _sizes(header: bytes, where: str) -> dict[str, int]:
    """Return the cards that say how large something is, by keyword."""
    sizes: dict[str, int] = {}
    for start in range(0, len(header), _CARD):
        card = header[start : start + _CARD]
        if card[0] not in _FIRST_LETTERS or card.isspace():
            continue
        _check_order(card, where)
        found = _SIZE.match(card)
        if found is None:
            continue
        key, value = found[1].decode("ascii").upper(), int(found[2])
        if key in sizes and sizes[key] != value:
            raise FormatError(f"{where} is damaged: it has {key} = {sizes[key]} and {value}")
        if value < 0 and key not in _SIGNED:
            raise FormatError(f"{where} is damaged: {key} = {value}, which is negative")
        if key in ("NAXIS", "ZNAXIS", "TFIELDS") and value > MAX_FITS_AXES:
            raise FormatError(
                f"{where}: {key} = {value}, over the limit of {MAX_FITS_AXES} that FITS has; "
                "the file is damaged: fetch it again"
            )
        sizes[key] = value
    return sizes


def _check_order(card: bytes, where: str) -> None:
    """Refuse a polynomial or axes of the sky whose number has more than its one digit."""
    found = _ORDER.match(card)
    if found is not None and found[3] is None:
        text = card.decode("ascii", "replace").strip()
        raise FormatError(f"{where} has a world coordinate system beyond the limit of 9: {text}")


def _check_tiles(sizes: Mapping[str, int], where: str) -> None:
    tile = prod(value for key, value in sizes.items() if key.startswith("ZTILE"))
    if tile > MAX_IMAGE_PIXELS * MAX_BANDS:
        raise FormatError(
            f"{where}: tiles of {tile} pixels, over the limit of {MAX_IMAGE_PIXELS} in each of "
            f"{MAX_BANDS} bands; compress the image in smaller tiles"
        )


def _data_bytes(sizes: Mapping[str, int], prefix: str, where: str) -> int:
    n_axes = sizes.get(f"{prefix}NAXIS", 0)
    if n_axes == 0:
        return 0
    try:
        n_values = prod(sizes[f"{prefix}NAXIS{axis}"] for axis in range(1, n_axes + 1))
        bits = abs(sizes[f"{prefix}BITPIX"])
    except KeyError as error:
        raise FormatError(f"{where} is damaged: it has no {error.args[0]}") from error
    if prefix:
        return n_values * bits // 8
    return sizes.get("GCOUNT", 1) * (sizes.get("PCOUNT", 0) + n_values) * bits // 8
