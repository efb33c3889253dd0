"""The options of a comparison, checked before anything is read or written."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from galseg.compare.records import TIE
from galseg.errors import ConfigError, OutputError, nearest_name

__all__ = [
    "Targets",
    "check_galaxies",
    "check_methods",
    "check_panel_size",
    "check_raters",
    "check_repeats",
    "check_targets",
    "check_thresholds",
    "check_workflow",
]

_MOST_METHODS = 26  # places have letters
_LEAST_METHODS = 2
_LEAST_SIZE, _MOST_SIZE = 64, 2048
_MOST_REPEATS = 0.5


class Targets(NamedTuple):
    """What a build writes; only the first two are for raters.

    Attributes
    ----------
    folder : pathlib.Path
        The package.
    zooniverse : pathlib.Path or None
        The subject set.
    key, report, strata : pathlib.Path
    """

    folder: Path
    zooniverse: Path | None
    key: Path
    report: Path
    strata: Path


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


def check_repeats(repeats: float) -> float:
    """Return the share of the items that come again.

    Raises
    ------
    ConfigError
        If it is below 0 or over a half: what comes again lies half of all items away.
    """
    if not 0 <= repeats <= _MOST_REPEATS:
        raise ConfigError(
            f"repeats is a share of the items from 0 to {_MOST_REPEATS}, got {repeats}"
        )
    return repeats


def check_workflow(methods: Collection[str], practice_sets: Collection[str]) -> None:
    """Check that one Zooniverse workflow can ask about all items.

    Raises
    ------
    ConfigError
        If the practice items have another number of masks than the others.
    """
    if len(methods) != len(practice_sets):
        raise ConfigError(
            "a Zooniverse workflow asks about the same number of masks each time, but there are "
            f"{len(methods)} methods and {len(practice_sets)} practice sets; make as many"
        )


def check_galaxies(galaxies: Sequence[str] | None, known: Iterable[str]) -> tuple[str, ...]:
    """Return the galaxies to compare, sorted; all that are known if none are named.

    Raises
    ------
    ConfigError
        If no galaxy is in the list, or one stands twice.
    """
    names = tuple(sorted(known if galaxies is None else galaxies))
    if isinstance(galaxies, str) or not names or len(set(names)) < len(names):
        raise ConfigError(f"galaxies must be a list of different names, got {galaxies!r}")
    return names


def check_targets(
    output: str | os.PathLike[str],
    key_path: str | os.PathLike[str] | None,
    *,
    zooniverse: bool = False,
) -> Targets:
    """Return where the parts of a comparison go.

    Raises
    ------
    ConfigError
        If the key would lie in the package or in the subject set.
    OutputError
        If one of them exists.
    """
    folder = Path(output)
    subjects = folder.with_name(f"{folder.name}_zooniverse") if zooniverse else None
    key = folder.with_name(f"{folder.name}_key.json") if key_path is None else Path(key_path)
    for public in filter(None, (folder, subjects)):
        if key.resolve().is_relative_to(public.resolve()):
            raise ConfigError(f"the key {key} would lie in the package {public}; put it elsewhere")
    report, strata = (key.with_name(f"{key.stem}_{name}.csv") for name in ("missing", "strata"))
    for path in filter(None, (folder, subjects, key, report, strata)):
        is_empty_folder = path in (folder, subjects) and path.is_dir() and not any(path.iterdir())
        if path.exists() and not is_empty_folder:
            raise OutputError(f"{path} exists, and raters may hold its package; name another")
    return Targets(folder, subjects, key, report, strata)
