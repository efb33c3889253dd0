"""What a survey will do: fixed at its first start, and the same at every other."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from galseg.errors import ConfigError, FormatError
from galseg.io.atomic import write_whole

__all__ = ["PLAN_FILE", "Plan", "changes", "keep_to_plan", "read_plan"]

PLAN_FILE = "plan.json"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The rows of a survey, cut into shards, and all that determines what becomes of them.

    Parameters
    ----------
    n_rows : int
    shard_size : int
        Rows in a shard; the last has what is left.
    options : mapping
        By name, everything that alters a result: plain values that JSON can hold.

    Examples
    --------
    >>> plan = Plan(n_rows=25, shard_size=10, options={"seed": 0})
    >>> plan.n_shards, plan.rows_of(2)
    (3, range(20, 25))
    """

    n_rows: int
    shard_size: int
    options: Mapping[str, Any]

    def __post_init__(self) -> None:
        if self.shard_size < 1:
            raise ConfigError(f"shard_size must be at least 1, got {self.shard_size}")

    @property
    def n_shards(self) -> int:
        """Number of shards."""
        return -(-self.n_rows // self.shard_size)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of all of it."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def rows_of(self, shard: int) -> range:
        """Return the rows of a shard."""
        start = shard * self.shard_size
        return range(start, min(start + self.shard_size, self.n_rows))

    def to_json(self) -> str:
        """Write it down, the same plan always with the same text."""
        return json.dumps(
            {
                "n_rows": self.n_rows,
                "shard_size": self.shard_size,
                "n_shards": self.n_shards,
                "options": self.options,
            },
            indent=1,
            sort_keys=True,
        )


def read_plan(folder: Path) -> Plan | None:
    """Read the plan of a run; None where none was begun.

    Raises
    ------
    FormatError
        If the file is damaged.
    """
    path = folder / PLAN_FILE
    try:
        content = json.loads(path.read_text())
        return Plan(
            n_rows=content["n_rows"],
            shard_size=content["shard_size"],
            options=dict(content["options"]),
        )
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise FormatError(f"{path} is no plan of a survey, or is damaged: {error}") from error


def keep_to_plan(folder: Path, plan: Plan) -> None:
    """Write the plan at the first start; at others, see that nothing in it changed.

    Raises
    ------
    ConfigError
        If an option that alters the results is not what it was; each is told with both values.
    OutputError
        If the plan cannot be written.
    """
    before = read_plan(folder)
    if before is None:
        with write_whole(folder / PLAN_FILE) as temporary:
            temporary.write_text(plan.to_json())
        return
    if changed := changes(before, plan):
        raise ConfigError(
            f"{folder} was begun with other options: {'; '.join(changed)}; "
            "give those again to go on, or name another output"
        )


def changes(before: Plan, after: Plan) -> list[str]:
    """Tell each option that differs between two plans, those inside others by their whole name."""
    then, now = (dict(_flat(json.loads(plan.to_json()))) for plan in (before, after))
    return [
        f"{name} was {then.get(name)!r} and is {now.get(name)!r} now"
        for name in sorted(then.keys() | now.keys())
        if then.get(name) != now.get(name) and name != "n_shards"
    ]


def _flat(options: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in options.items():
        if name == "options" and not prefix:
            yield from _flat(value)
        elif isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value
