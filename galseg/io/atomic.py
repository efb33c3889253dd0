"""Outputs that appear whole or not at all."""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex

from galseg.errors import GalsegError, OutputError

__all__ = ["remove_unfinished", "write_folder", "write_whole"]

PathLike = str | os.PathLike[str]

_UNFINISHED = ".partial"
_OF_WRITING = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG}
_CANNOT_SYNC = {errno.EINVAL, errno.ENOTSUP, errno.EACCES, errno.EISDIR}


@contextmanager
def write_whole(path: PathLike, *, overwrite: bool = True) -> Iterator[Path]:
    """Write a file under a temporary name and give it its own when it is complete.

    The content is on the disk before the name is, and the name when the block ends; inside a
    folder that `write_folder` is filling, both wait for that folder's end.

    Parameters
    ----------
    path : path-like
        The file to make; its folder is made if it is missing.
    overwrite : bool, optional
        Whether an existing file may be replaced.

    Yields
    ------
    pathlib.Path
        A temporary file in the same folder, hidden, with the same suffix, to write into. If the
        block raises, it is removed and `path` stays as it was.

    Raises
    ------
    OutputError
        If the file exists and may not be replaced, or it cannot be written, as on a full disk.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with write_whole(folder / "a.txt") as temporary:
    ...     _ = temporary.write_text("whole")
    >>> (folder / "a.txt").read_text()
    'whole'
    """
    target = Path(path)
    if target.exists() and not overwrite:
        raise OutputError(f"{target} exists; name another output or allow overwriting")
    temporary = _name_beside(target, suffix=target.suffix)
    try:
        with _telling_of(target, every=True):
            target.parent.mkdir(parents=True, exist_ok=True)
            temporary.touch(exist_ok=False)
        with _telling_of(target):
            yield temporary
        with _telling_of(target, every=True):
            if _is_unfinished(target.parent):
                temporary.replace(target)
            else:
                _sync(temporary)
                temporary.replace(target)
                _sync(target.parent)
    finally:
        with suppress(OSError):  # it has its own name now, or was never made
            temporary.unlink()


@contextmanager
def write_folder(path: PathLike) -> Iterator[Path]:
    """Fill a new folder under a temporary name and give it its own when it is complete.

    All that is in it is on the disk before the name is, and the name when the block ends.

    Parameters
    ----------
    path : path-like
        The folder to make; it must not exist, or be empty.

    Yields
    ------
    pathlib.Path
        A temporary folder beside it, hidden, to write into; removed if the block raises.

    Raises
    ------
    OutputError
        If the folder exists with something in it, or it cannot be written, as on a full disk.
    """
    target = Path(path)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise OutputError(f"{target} exists and is not an empty folder; name another output")
    temporary = _name_beside(target)
    try:
        with _telling_of(target, every=True):
            target.parent.mkdir(parents=True, exist_ok=True)
            temporary.mkdir()
        with _telling_of(target):
            yield temporary
        with _telling_of(target, every=True):
            _sync_tree(temporary)
            temporary.replace(target)
            _sync(target.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def remove_unfinished(path: PathLike) -> None:
    """Remove what a killed writer of a file or folder left beside it.

    For a run that is taken up again by its only writer; another one's unfinished output would be
    removed too.

    Parameters
    ----------
    path : path-like
        As it was given to `write_whole` or `write_folder`.

    Raises
    ------
    OutputError
        If it cannot be removed.
    """
    target = Path(path)
    left = re.compile(rf"\.{re.escape(target.name)}\.[0-9a-f]{{8}}{re.escape(_UNFINISHED)}(\.|$)")
    with _telling_of(target, every=True):
        if target.parent.is_dir():
            for one in target.parent.iterdir():
                if left.match(one.name):
                    shutil.rmtree(one) if one.is_dir() else one.unlink()


def _name_beside(target: Path, *, suffix: str = "") -> Path:
    return target.with_name(f".{target.name}.{token_hex(4)}{_UNFINISHED}{suffix}")


def _is_unfinished(folder: Path) -> bool:
    """Whether `write_folder` is filling this folder or one that it is in, in any process."""
    return any(one.suffix == _UNFINISHED for one in (folder, *folder.parents))


@contextmanager
def _telling_of(target: Path, *, every: bool = False) -> Iterator[None]:
    """Say which output could not be written; of what a caller does, only what is no reading."""
    try:
        yield
    except GalsegError:
        raise
    except OSError as error:
        if every or error.errno in _OF_WRITING:
            raise OutputError(f"cannot write {target}: {error.strerror or error}") from error
        raise


def _sync_tree(folder: Path) -> None:
    for parent, _, files in os.walk(folder, topdown=False):
        for name in files:
            _sync(Path(parent, name))
        _sync(Path(parent))


def _sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError as error:
        if path.is_dir() and error.errno in _CANNOT_SYNC:  # Windows opens no folders
            return
        raise
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _CANNOT_SYNC:
            raise
    finally:
        os.close(handle)
