"""Files and folders of drawings in JSON: finding them, peeking into them, parsing them."""

from __future__ import annotations

import os
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from galseg.errors import FormatError, MissingInputError
from galseg.limits import MAX_JSON_BYTES
from galseg.parsing import brief, parse_json, read_bytes

__all__ = ["as_points", "bare_name", "input_files", "need", "peek", "read_json"]

_GZIP = b"\x1f\x8b"
_HEAD_BYTES = 4096
_KINDS = {dict: "an object", list: "a list", str: "a text", int: "a whole number"}


def input_files(path: str | os.PathLike[str], suffixes: tuple[str, ...]) -> list[Path]:
    """Return a file as it is, or the files of a folder that end in one of the suffixes.

    Raises
    ------
    MissingInputError
        If there is nothing at `path`, or no such file in the folder.
    """
    source = Path(path)
    if source.is_file():
        return [source]
    if not source.is_dir():
        raise MissingInputError(f"no file or folder {source}")
    found = sorted(p for p in source.iterdir() if p.name.lower().endswith(suffixes))
    if not found:
        raise MissingInputError(f"folder {source} holds no file ending in {' or '.join(suffixes)}")
    return found


def peek(path: str | os.PathLike[str], head: bytes, suffixes: tuple[str, ...]) -> bytes:
    """Return the first bytes, unpacked, of a file or of the first fitting file of a folder.

    Empty if no file fits. `head` holds the first bytes of a file and is empty for a folder.
    """
    source = Path(path)
    if source.is_dir():
        fitting = (p for p in source.iterdir() if p.name.lower().endswith(suffixes))
        source = min(fitting, default=source)
        if source.is_file():
            with source.open("rb") as handle:
                head = handle.read(_HEAD_BYTES)
    if not source.name.lower().endswith(suffixes):
        return b""
    if not head.startswith(_GZIP):
        return head
    try:
        return zlib.decompressobj(wbits=31).decompress(head, 16 * _HEAD_BYTES)
    except zlib.error:
        return b""


def bare_name(file: Path, suffixes: tuple[str, ...]) -> str:
    """Return a file's name without the longest of the suffixes that it ends in.

    Examples
    --------
    >>> bare_name(Path("J1237.6+11.5.json.gz"), (".json", ".gz", ".json.gz"))
    'J1237.6+11.5'
    """
    ending = max((s for s in suffixes if file.name.lower().endswith(s)), key=len, default="")
    return file.name[: len(file.name) - len(ending)]


def read_json(path: Path) -> Any:
    """Parse a JSON file, gzipped or not.

    Raises
    ------
    MissingInputError
        If there is no such file.
    FormatError
        If it is too large or damaged, naming the line.
    """
    text = read_bytes(path, most=MAX_JSON_BYTES)
    try:
        return parse_json(text)
    except ValueError as error:
        raise FormatError(
            f"{path} is not whole JSON ({error}); it may have been cut short: export it again"
        ) from error


def need(record: Any, key: str, kind: type, *, where: str) -> Any:
    """Return an entry of a JSON object that must be there and be of a kind.

    Raises
    ------
    FormatError
        If it is missing or of another kind.

    Examples
    --------
    >>> need({"width": "9"}, "width", int, where="galaxies.json, image 3")
    Traceback (most recent call last):
        ...
    galseg.errors.FormatError: galaxies.json, image 3: 'width' must be a whole number, got '9'
    """
    if not isinstance(record, dict):
        raise FormatError(f"{where} must be an object, got {brief(record)}")
    if key not in record:
        raise FormatError(f"{where} has no {key!r}; it must be {_KINDS[kind]}")
    value = record[key]
    if not isinstance(value, kind) or isinstance(value, bool):
        raise FormatError(f"{where}: {key!r} must be {_KINDS[kind]}, got {brief(value)}")
    return value


def as_points(value: Any, *, where: str) -> NDArray[np.float64]:
    """Return a JSON list of points as an array (N, 2); NaN where a coordinate is null.

    Raises
    ------
    FormatError
        If it is not a list of points ``[x, y]``; further coordinates are ignored.

    Examples
    --------
    >>> as_points([[1, 2], [3, None]], where="a path")
    array([[ 1.,  2.],
           [ 3., nan]])
    """
    if isinstance(value, list) and not value:
        return np.empty((0, 2))
    try:
        points = np.array(value, dtype=float)
    except (TypeError, ValueError, OverflowError):
        points = np.empty(0)
    if points.ndim != 2 or points.shape[1] < 2:
        raise FormatError(f"{where} must be a list of points [x, y], got {brief(value)}")
    return points[:, :2]
