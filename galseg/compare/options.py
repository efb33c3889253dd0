"""The options of a comparison, checked before anything is read or written."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from galseg.compare.records import TIE
from galseg.errors import ConfigError, OutputError, nearest_name

__all__ = ["check_methods", "check_panel_size", "check_raters", "check_targets", "check_thresholds"]

_MOST_METHODS = 26  # places have letters
_LEAST_METHODS = 2
_LEAST_SIZE, _MOST_SIZE = 64, 2048


def check_methods(methods: Iterable[str]) -> tuple[str, ...]:
    """Return the names of the methods.

    Raises
    ------
    ConfigError
        If there are fewer than two or more than 26, or one has no name or the name of a tie.
    """
    names = tuple(methods)
    if not _LEAST_METHODS <= len(names) <= _MOST_METHODS:
        raise ConfigError(
            f"methods must be {_LEAST_METHODS} to {_MOST_METHODS} sets of masks, got {len(names)}"
        )
    for name in names:
        if not name or name == TIE:
            raise ConfigError(f"a method cannot be called {name!r}; give it another name")
    return names


def check_raters(raters: int | Sequence[str]) -> tuple[str, ...]:
    """Return the names of the raters, made up as ``"rater 1"`` if only their number is given.

    Raises
    ------
    ConfigError
        If there are none, or a name is empty or stands twice.

    Examples
    --------
    >>> check_raters(2)
    ('rater 1', 'rater 2')
    """
    if isinstance(raters, int):
        names = tuple(f"rater {number + 1}" for number in range(raters))
    else:
        names = tuple(raters)
    if isinstance(raters, str) or not names or "" in names or len(set(names)) < len(names):
        raise ConfigError(
            f"raters must be a number of at least 1 or a list of different names, got {raters!r}"
        )
    return names


def check_thresholds(
    threshold: float | Mapping[str, float] | None, methods: Sequence[str]
) -> dict[str, float | None]:
    """Return the threshold of every method; None: the one that each map brings along.

    Raises
    ------
    ConfigError
        If a threshold is not above 0 and at most 1, or belongs to an unknown method.

    Examples
    --------
    >>> check_thresholds({"crowd": 0.2}, ["model", "crowd"])
    {'model': None, 'crowd': 0.2}
    """
    given = threshold if isinstance(threshold, Mapping) else dict.fromkeys(methods, threshold)
    for method, value in given.items():
        if method not in methods:
            raise ConfigError(
                f"threshold names an unknown method {method!r}; {nearest_name(method, methods)}"
            )
        if value is not None and not 0 < value <= 1:
            raise ConfigError(f"threshold must be above 0 and at most 1, got {value}")
    return {method: given.get(method) for method in methods}


def check_panel_size(panel_size: int) -> int:
    """Return the size of the panels.

    Raises
    ------
    ConfigError
        If nothing could be seen on them, or a page not hold them.
    """
    if not _LEAST_SIZE <= panel_size <= _MOST_SIZE:
        raise ConfigError(
            f"panel_size must be {_LEAST_SIZE} to {_MOST_SIZE} pixels, got {panel_size}"
        )
    return panel_size


def check_targets(
    output: str | os.PathLike[str], key_path: str | os.PathLike[str] | None
) -> tuple[Path, Path, Path]:
    """Return where the package, the key and the report go.

    Raises
    ------
    ConfigError
        If the key would lie in the package.
    OutputError
        If one of them exists.
    """
    folder = Path(output)
    key = folder.with_name(f"{folder.name}_key.json") if key_path is None else Path(key_path)
    if key.resolve().is_relative_to(folder.resolve()):
        raise ConfigError(f"the key {key} would lie in the package {folder}; put it elsewhere")
    report = key.with_name(f"{key.stem}_missing.csv")
    for path in (folder, key, report):
        is_empty_folder = path == folder and path.is_dir() and not any(path.iterdir())
        if path.exists() and not is_empty_folder:
            raise OutputError(f"{path} exists, and raters may hold its package; name another")
    return folder, key, report
