"""Run lengths of a mask, as COCO files store them.

COCO walks a mask column by column and notes the lengths of its runs, the first of them outside
the mask. The lengths stand in a list, or packed in a string: differences to the length before
last, five bits a character. pycocotools packs; it does not unpack, since it crashes or hangs on
damaged strings: everything is checked while it is read, so that a damaged file gives an error and
never a crash, an endless loop or an array of absurd size.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from galseg.errors import FormatError, ShapeError
from galseg.limits import MAX_IMAGE_PIXELS
from galseg.parsing import brief

__all__ = ["decode_rle", "encode_rle"]

Ints = NDArray[np.int64]

_FIRST_CHARACTER = 48  # "0" stands for zero, "o" for 63
_DATA, _SIGN, _MORE = 0x1F, 0x10, 0x20
_MOST_CHARACTERS = 7  # of one length: 35 bits


def encode_rle(mask: NDArray[np.bool_]) -> dict[str, Any]:
    """Pack a mask into COCO's compressed run lengths.

    Parameters
    ----------
    mask : ndarray of bool, shape (ny, nx)

    Returns
    -------
    dict
        ``{"size": [ny, nx], "counts": str}``, ready for JSON and for pycocotools.

    Raises
    ------
    ShapeError
        If the mask is not a 2-D array of bool.

    References
    ----------
    Lin, T.-Y. et al. (2014), "Microsoft COCO", doi:10.1007/978-3-319-10602-1_48.

    Examples
    --------
    >>> encode_rle(np.array([[False, True, True], [False, False, True]]))
    {'size': [2, 3], 'counts': '2111'}
    """
    mask = np.asarray(mask)
    if mask.ndim != 2 or mask.dtype != bool:
        raise ShapeError(
            f"mask must be a 2-D array of bool, got {mask.dtype} of shape {mask.shape}; "
            "a threshold makes one"
        )
    packed = coco_mask.encode(np.asfortranarray(mask, dtype=np.uint8))
    return {"size": list(mask.shape), "counts": packed["counts"].decode("ascii")}


def decode_rle(rle: Mapping[str, Any], *, max_pixels: int = MAX_IMAGE_PIXELS) -> NDArray[np.bool_]:
    """Unpack COCO's run lengths, compressed or not, into a mask.

    Parameters
    ----------
    rle : mapping
        ``{"size": [ny, nx], "counts": ...}``, `counts` a list of lengths or a string.
    max_pixels : int, optional
        Largest mask that is made.

    Returns
    -------
    ndarray of bool, shape (ny, nx)

    Raises
    ------
    FormatError
        If anything is missing or damaged, or the lengths do not fill the mask.

    Examples
    --------
    >>> decode_rle({"size": [2, 3], "counts": [2, 1, 1, 2]}).astype(int)
    array([[0, 1, 1],
           [0, 0, 1]])
    """
    if not isinstance(rle, Mapping) or not {"size", "counts"} <= rle.keys():
        raise FormatError('run lengths must be an object with the keys "size" and "counts"')
    ny, nx = _size(rle["size"], max_pixels)
    counts = rle["counts"]
    lengths = _unpack(counts, ny * nx) if isinstance(counts, str | bytes) else _listed(counts)
    if (lengths < 0).any() or (lengths > ny * nx).any() or lengths.sum() != ny * nx:
        raise FormatError(
            f"the run lengths do not fill a mask of {ny} x {nx} px: they must not be negative and "
            f"sum to {ny * nx}"
        )
    inside = np.arange(len(lengths)) % 2 == 1
    return np.repeat(inside, lengths).reshape(nx, ny).T


def _size(size: Any, max_pixels: int) -> tuple[int, int]:
    whole = isinstance(size, list | tuple) and all(type(n) is int for n in size)
    if not whole or len(size) != 2 or min(size) < 0:
        raise FormatError(
            f"the size of a mask must be two whole numbers [ny, nx], got {brief(size)}"
        )
    ny, nx = size
    if ny * nx > max_pixels:
        raise FormatError(f"a mask of {ny} x {nx} px is over the limit of {max_pixels} px")
    return ny, nx


def _listed(counts: Any) -> Ints:
    if not isinstance(counts, list | tuple) or not all(type(n) is int for n in counts):
        raise FormatError("run lengths must be a list of whole numbers or a string")
    try:
        return np.array(counts, dtype=np.int64)
    except OverflowError as error:
        raise FormatError(f"a run length is too large: {max(counts)}") from error


def _unpack(counts: str | bytes, n_pixels: int) -> Ints:
    text = counts.encode("utf-8") if isinstance(counts, str) else counts
    code = np.frombuffer(text, dtype=np.uint8).astype(np.int64) - _FIRST_CHARACTER
    if (code < 0).any() or (code > 63).any():
        raise FormatError('compressed run lengths hold a character outside "0" to "o"')
    last = np.flatnonzero(code < _MORE)
    if len(code) and (len(last) == 0 or last[-1] != len(code) - 1):
        raise FormatError("compressed run lengths are cut off in the middle of a number")
    first = np.concatenate([[0], last[:-1] + 1]) if len(last) else last
    n_characters = last - first + 1
    if (n_characters > _MOST_CHARACTERS).any():
        raise FormatError("compressed run lengths hold a number of over 35 bits")
    place = np.arange(len(code)) - np.repeat(first, n_characters)
    values = np.add.reduceat((code & _DATA) << (5 * place), first)
    values -= np.where(code[last] & _SIGN, 1 << (5 * n_characters), 0)
    if (np.abs(values) > n_pixels).any():
        raise FormatError(f"compressed run lengths exceed the {n_pixels} px of the mask")
    values[1::2] = np.cumsum(values[1::2])
    values[2::2] = np.cumsum(values[2::2])
    return values
