"""One run at a time in a folder."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from galseg.errors import ConfigError, OutputError

__all__ = ["LOCK", "Holder", "holder_of", "locked"]

LOCK = "lock"


class Holder(NamedTuple):
    """Who works in a folder, or did when it was killed.

    Attributes
    ----------
    host : str
    pid : int
    """

    host: str
    pid: int

    @property
    def seems_alive(self) -> bool | None:
        """Whether its process is there; None where that cannot be seen from this machine."""
        if self.host != socket.gethostname():
            return None
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:  # of somebody else
            return True
        return True

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep every other run out of a folder while the block runs.

    The system gives the lock back when the process that holds it ends, however it ends; worker
    processes do not inherit it.

    Raises
    ------
    OutputError
        If another run holds it, or the folder cannot be locked.
    ConfigError
        If this system has no such locks.
    """
    try:
        import fcntl
    except ImportError as error:
        raise ConfigError("a survey runs on Linux and macOS only, which lock its folder") from error
    path = folder / LOCK
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = path.open("a+")
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise OutputError(
                f"another run works in {folder}: {holder_of(folder) or 'it has just begun'}; "
                "wait for it, or name another output"
            ) from error
        except OSError as error:
            raise OutputError(
                f"cannot lock {path}: {error.strerror or error}; name an output on a file system "
                "that has locks"
            ) from error
        file.truncate(0)
        file.write(json.dumps(Holder(socket.gethostname(), os.getpid())._asdict()))
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def holder_of(folder: Path) -> Holder | None:
    """Return who works in a folder, or was killed there; None where nobody does.

    The lock itself is not touched, so that a run that begins now is not kept out.
    """
    try:
        return Holder(**json.loads((folder / LOCK).read_text()))
    except (OSError, ValueError, TypeError):
        return None
