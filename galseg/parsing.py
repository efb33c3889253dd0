"""Text from unknown hands: gzip, JSON and YAML within limits."""

from __future__ import annotations

import gzip
import io
import json
import os
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from reprlib import Repr
from typing import Any, BinaryIO, cast

import yaml

from galseg.errors import FormatError, MissingInputError
from galseg.limits import MAX_JSON_DEPTH, MAX_YAML_BYTES

__all__ = ["brief", "parse_json", "parse_yaml", "read_bytes", "unpacked"]

_GZIP = b"\x1f\x8b"
_LITTLE = 1 << 23  # bytes
_BLOCK = 1 << 20  # bytes
_SURROGATE = ("\\ud", "\\uD")

_brief = Repr()
_brief.maxlevel = 2
_brief.maxlist = _brief.maxdict = _brief.maxtuple = 3
_brief.maxstring = _brief.maxother = 40
_brief.maxlong = 40


def brief(value: object) -> str:
    """Return the start of a value as it is written, for a message, whatever its size and depth.

    Examples
    --------
    >>> brief([1, 2, 3, 4])
    '[1, 2, 3, ...]'
    """
    return _brief.repr(value)[:80]


def read_bytes(path: Path, *, most: int) -> bytes:
    """Read a file, unpacking it if it is gzipped.

    Parameters
    ----------
    path : pathlib.Path
    most : int
        Bytes, unpacked, over which it is refused before it is read on.

    Raises
    ------
    MissingInputError
        If there is no such file.
    FormatError
        If it is too large, or cannot be unpacked.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp(), "zeros.gz")
    >>> _ = file.write_bytes(gzip.compress(bytes(5000)))
    >>> read_bytes(file, most=1000)
    Traceback (most recent call last):
        ...
    galseg.errors.FormatError: ...zeros.gz is over the limit of 1000 bytes, unpacked; split it ...
    """
    try:
        with path.open("rb") as handle:
            content = _read_on(handle, most + 1)
        if content.startswith(_GZIP):
            with gzip.GzipFile(fileobj=io.BytesIO(content)) as packed:
                content = _read_on(cast(BinaryIO, packed), most + 1)
    except FileNotFoundError as error:
        raise MissingInputError(f"no file {path}") from error
    except (OSError, EOFError, zlib.error) as error:
        raise FormatError(f"{path} cannot be unpacked ({error}); fetch it again") from error
    if len(content) > most:
        raise FormatError(
            f"{path} is over the limit of {most} bytes, unpacked; split it into several files"
        )
    return content


@contextmanager
def unpacked(path: str | os.PathLike[str], *, content: bytes | None = None) -> Iterator[BinaryIO]:
    """Open a binary file that is gzipped or not, so that it can be read from end to end twice.

    Parameters
    ----------
    path : path-like
    content : bytes, optional
        The file itself, in place of what is at the path.

    Yields
    ------
    binary file
        What does not fit in little memory is unpacked as it is read.
    """
    with io.BytesIO(content) if content is not None else Path(path).open("rb") as stored:
        is_packed = stored.read(len(_GZIP)) == _GZIP
        stored.seek(0)
        if not is_packed:
            yield stored
            return
        with gzip.GzipFile(fileobj=stored) as packed:
            start = _read_on(cast(BinaryIO, packed), _LITTLE + 1)
            if len(start) > _LITTLE:
                packed.seek(0)
                yield cast(BinaryIO, packed)
            else:
                yield io.BytesIO(start)


def parse_json(text: str | bytes) -> Any:
    """Parse JSON.

    Raises
    ------
    ValueError
        If it is damaged, nested too deeply, or holds text that is no Unicode.

    Examples
    --------
    >>> parse_json("[" * 100 + "]" * 100)
    Traceback (most recent call last):
        ...
    ValueError: lists and objects inside one another, deeper than the limit of 64
    """
    too_deep = f"lists and objects inside one another, deeper than the limit of {MAX_JSON_DEPTH}"
    try:
        if isinstance(text, bytes):
            text = text.decode(json.detect_encoding(text))
        content = json.loads(text)
    except RecursionError as error:
        raise ValueError(too_deep) from error
    if _is_deeper(content, MAX_JSON_DEPTH):
        raise ValueError(too_deep)
    if any(mark in text for mark in _SURROGATE):
        json.dumps(content, ensure_ascii=False).encode("utf-8")  # fails where half a pair is left
    return content


def parse_yaml(text: str) -> Any:
    r"""Parse YAML without aliases, with which a few lines make a value of any size.

    Raises
    ------
    ValueError
        If it is damaged, too large, nested too deeply, or uses an alias.

    Examples
    --------
    >>> parse_yaml("a: &x [1]\nb: *x")
    Traceback (most recent call last):
        ...
    ValueError: line 2 uses the alias *x; write out what it stands for
    """
    if len(text) > MAX_YAML_BYTES:
        raise ValueError(f"{len(text)} characters, over the limit of {MAX_YAML_BYTES}")
    try:
        _check_events(yaml.parse(text, Loader=yaml.SafeLoader))
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def _check_events(events: Iterable[Any]) -> None:
    depth = 0
    for event in events:
        line = event.start_mark.line + 1
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_JSON_DEPTH:
            raise ValueError(
                f"line {line}: lists and mappings inside one another, deeper than the limit of "
                f"{MAX_JSON_DEPTH}"
            )
        is_alias = isinstance(event, yaml.AliasEvent)
        if is_alias:
            raise ValueError(
                f"line {line} uses the alias *{event.anchor}; write out what it stands for"
            )


def _read_on(stream: BinaryIO, n_bytes: int) -> bytes:
    """Read at most so many bytes, taking memory for those that there are."""
    content = bytearray()
    while block := stream.read(min(_BLOCK, n_bytes - len(content))):
        content += block
    return bytes(content)


def _is_deeper(content: Any, most: int) -> bool:
    level = [content]
    for _ in range(most):
        level = [
            child
            for node in level
            if isinstance(node, (list, dict))
            for child in (node if isinstance(node, list) else node.values())
            if isinstance(child, (list, dict))
        ]
        if not level:
            return False
    return True
