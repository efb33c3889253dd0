"""What happened in a run, one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from galseg.errors import OutputError

__all__ = ["JOURNAL", "Journal", "read_journal"]

JOURNAL = "log.jsonl"


class Journal:
    """A file that grows by a line an event, over all starts of a run.

    Parameters
    ----------
    folder : pathlib.Path
        Of the run.

    Raises
    ------
    OutputError
        If it cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / JOURNAL
        try:
            self._file = self._path.open("ab")
            if _ends_within_a_line(self._path):
                self._file.write(b"\n")
        except OSError as error:
            raise self._refusal(error) from error

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._file.close()

    def write(self, event: str, **facts: Any) -> None:
        """Add an event with the time and what is known of it."""
        line = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event}
        try:
            self._file.write(json.dumps({**line, **facts}).encode() + b"\n")
            self._file.flush()
        except OSError as error:
            raise self._refusal(error) from error

    def _refusal(self, error: OSError) -> OutputError:
        return OutputError(f"cannot write {self._path}: {error.strerror or error}")


def read_journal(folder: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the events of a run, leaving out lines that a killed run did not finish."""
    path = folder / JOURNAL
    if not path.is_file():
        return
    with path.open("rb") as file:
        for line in file:
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if isinstance(event, dict):
                yield event


def _ends_within_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        if file.seek(0, 2) == 0:
            return False
        file.seek(-1, 2)
        return file.read(1) != b"\n"
