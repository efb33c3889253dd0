"""Outputs that appear whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from galseg.errors import OutputError

__all__ = ["write_folder", "write_whole"]


@contextmanager
def write_whole(path: str | os.PathLike[str], *, overwrite: bool = True) -> Iterator[Path]:
    """Write a file under a temporary name and give it its own when it is complete.

    Parameters
    ----------
    path : path-like
        The file to make; its folder is made if it is missing.
    overwrite : bool, optional
        Whether an existing file may be replaced.

    Yields
    ------
    pathlib.Path
        A temporary file in the same folder, with the same suffix, to write into. If the block
        raises, it is removed and `path` stays as it was.

    Raises
    ------
    OutputError
        If the file exists and may not be replaced, or the folder cannot be written.

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
    temporary = _temporary_beside(target, directory=False)
    try:
        yield temporary
        with temporary.open("rb") as handle:
            os.fsync(handle.fileno())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def write_folder(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Fill a new folder under a temporary name and give it its own when it is complete.

    Parameters
    ----------
    path : path-like
        The folder to make; it must not exist, or be empty.

    Yields
    ------
    pathlib.Path
        A temporary folder beside it to write into, removed if the block raises.

    Raises
    ------
    OutputError
        If the folder exists with something in it, or its parent cannot be written.
    """
    target = Path(path)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise OutputError(f"{target} exists and is not an empty folder; name another output")
    temporary = _temporary_beside(target, directory=True)
    try:
        yield temporary
        temporary.replace(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _temporary_beside(target: Path, *, directory: bool) -> Path:
    prefix, suffix = f".{target.name}.", "" if directory else target.suffix
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if directory:
            temporary = Path(tempfile.mkdtemp(prefix=prefix, dir=target.parent))
            temporary.chmod(0o777 & ~_umask())
            return temporary
        handle, name = tempfile.mkstemp(prefix=prefix, suffix=suffix, dir=target.parent)
    except OSError as error:
        raise OutputError(f"cannot write {target}: {error.strerror or error}") from error
    os.close(handle)
    temporary = Path(name)
    temporary.chmod(0o666 & ~_umask())
    return temporary


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
