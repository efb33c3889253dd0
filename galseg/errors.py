"""The errors galseg raises.

Every error is a `GalsegError` and also the built-in error a reader would expect, so that
``except ValueError`` and ``except GalsegError`` both work. A message says which argument, file
or line was wrong, what was needed, what came, and what to do.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_LONGEST_NAME = 200  # of which a near miss is looked for

__all__ = [
    "ConfigError",
    "FeatureError",
    "FormatError",
    "FrameError",
    "GalsegError",
    "MissingDependencyError",
    "MissingInputError",
    "ModelError",
    "OutputError",
    "ShapeError",
    "SubjectError",
    "nearest_name",
]


class GalsegError(Exception):
    """Anything that galseg refuses, with the reason and the way out."""


class ShapeError(GalsegError, ValueError):
    """An array, mask or table has the wrong shape, dtype or size."""


class FeatureError(GalsegError, ValueError):
    """A feature name that is not known here."""


class FrameError(GalsegError, ValueError):
    """A world coordinate system is missing, not celestial or singular."""


class FormatError(GalsegError, ValueError):
    """The content of a file is not what its format promises."""


class ConfigError(GalsegError, ValueError):
    """An option or a configuration file says something that cannot be done."""


class ModelError(GalsegError, ValueError):
    """A model file or its card is unknown, damaged or of another version."""


class MissingInputError(GalsegError, FileNotFoundError):
    """A file or folder that should be read is not there."""


class OutputError(GalsegError, OSError):
    """An output cannot be written, or exists already."""


class MissingDependencyError(GalsegError, ImportError):
    """An optional package is needed for this call and is not installed."""


class SubjectError(GalsegError, KeyError):
    """A subject or galaxy identifier that these annotations do not hold."""

    __str__ = Exception.__str__  # KeyError would print the message quoted


def nearest_name(name: str, known: Iterable[str]) -> str:
    """Finish an error message with the near miss, or with all the names there are.

    Parameters
    ----------
    name : str
        What was asked for.
    known : iterable of str
        The names that would have been accepted.

    Returns
    -------
    str
        ``"did you mean 'bar'?"`` where something is close, else ``"known: 'bar', 'tidal'"``.

    Examples
    --------
    >>> nearest_name("spiral_arms", ["bar", "spiral_arm"])
    "did you mean 'spiral_arm'?"
    >>> nearest_name("cat", ["bar", "spiral_arm"])
    "known: 'bar', 'spiral_arm'"
    """
    names = sorted(known)
    close = get_close_matches(name[:_LONGEST_NAME], names, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    return "known: " + (", ".join(map(repr, names)) or "none")
