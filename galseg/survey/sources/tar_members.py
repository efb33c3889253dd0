"""The members of a tar file, from their headers, without reading what is in them."""

from __future__ import annotations

import os
import re
import tarfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO, NamedTuple, cast

__all__ = ["TarMember", "split_name", "walk_members"]

_MAX_HEADER_BYTES = 1 << 20  # an extended header holds a name, and says itself how long it is
_END_BYTES = 1 << 16  # more than the empty blocks with which tar files end
_DAMAGE = (tarfile.TarError, OSError, ValueError, OverflowError, LookupError)

# WebDataset cuts a name at the first dot; names of galaxies have decimals.
_NAME = re.compile(r"(?P<key>(?:.*/)?[^./][^/]*?)\.(?!\d)(?P<suffix>[^/]*)", re.DOTALL)


class TarMember(NamedTuple):
    """A member of a tar file.

    Attributes
    ----------
    name : str
        Without ``./`` in front; empty where the header is damaged.
    header : int
        Byte at which its header begins.
    start, size : int
        Bytes of its content.
    problem : str
        Why it is not to be read; empty if it is.
    is_last : bool
        Whether the file is damaged here, so that what follows cannot be found.
    """

    name: str
    header: int
    start: int = 0
    size: int = 0
    problem: str = ""
    is_last: bool = False


def walk_members(handle: IO[bytes], *, start: int = 0) -> Iterator[TarMember]:
    """Yield the members of a tar file from one on, all but folders.

    Parameters
    ----------
    handle : binary file
        May be read from in between.
    start : int, optional
        Byte at which the header of a member begins.
    """
    n_bytes = handle.seek(0, os.SEEK_END)
    handle.seek(start)
    at = start
    reader = cast("IO[bytes]", _HeaderReader(handle))
    try:
        tar = tarfile.TarFile(fileobj=reader, errors="backslashreplace")
        while (info := tar.next()) is not None:
            tar.members.clear()  # type: ignore[attr-defined]  # it would keep them all
            if tar.offset <= at:
                raise tarfile.ReadError("a size below zero")
            at = tar.offset
            if not info.isdir():
                member = _member(info, n_bytes)
                yield member
                if member.is_last:
                    return
    except _DAMAGE as error:
        yield _damage(at, str(error))
        return
    handle.seek(tar.offset)
    end = handle.read(_END_BYTES)
    if not end or end.strip(b"\0"):
        yield _damage(tar.offset, "neither another member nor the end of a tar file")


def split_name(name: str) -> tuple[str, str] | None:
    """Split the name of a member into the key of its galaxy and its suffix.

    As WebDataset does it, the suffix begins at the first dot that follows no slash, but a dot
    before a digit belongs to the key. None for a name without suffix or of a hidden file.

    Examples
    --------
    >>> split_name("a.b/J094550.03+004623.3.fits.gz"), split_name("a/.J1.fits")
    (('a.b/J094550.03+004623.3', 'fits.gz'), None)
    """
    found = _NAME.fullmatch(name)
    return None if found is None else (found["key"], found["suffix"].lower())


def _damage(at: int, reason: str) -> TarMember:
    problem = f"is cut short or damaged at byte {at}: {reason}"
    return TarMember("", at, problem=problem, is_last=True)


def _member(info: tarfile.TarInfo, n_bytes: int) -> TarMember:
    name = info.name.removeprefix("./")
    problem = _problem(info)
    is_last = not problem and info.offset_data + info.size > n_bytes
    if is_last:
        problem = f"is cut short: {info.size} bytes were promised"
    return TarMember(name, info.offset, info.offset_data, info.size, problem, is_last)


def _problem(info: tarfile.TarInfo) -> str:
    if info.issym() or info.islnk():
        return f"is a link to {info.linkname!r} and no file; pack the files that links point to"
    if not info.isreg() or info.issparse():
        return "is a device, a pipe or a sparse file; pack plain files"
    path = PurePosixPath(info.name)
    if path.is_absolute() or ".." in path.parts:
        return "has a name that leaves the folder it would be unpacked in; pack it anew"
    return ""


class _HeaderReader:
    """Gives tarfile, which reads no content here, headers of no more than a certain length."""

    def __init__(self, handle: IO[bytes]) -> None:
        self._handle = handle
        self.tell, self.seek = handle.tell, handle.seek

    def read(self, size: int) -> bytes:
        if size > _MAX_HEADER_BYTES:
            raise tarfile.ReadError(f"a header of {size} bytes")
        return self._handle.read(size)
