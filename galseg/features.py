"""The structures that volunteers draw and models predict."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from galseg.errors import FeatureError, nearest_name

__all__ = [
    "DEFAULT_FEATURES",
    "FEATURES",
    "Feature",
    "check_custom_feature",
    "check_features",
    "feature_colour",
]

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_CUSTOM_COLOUR = (255, 255, 255)


@dataclass(frozen=True)
class Feature:
    """A kind of structure in a galaxy image.

    Attributes
    ----------
    name : str
        The word used in every table, file and option.
    description : str
        What volunteers are asked to outline.
    colour : tuple of int
        Red, green and blue, 0 to 255, in every picture. The first three are told apart with any
        common colour vision (Okabe & Ito 2008).
    """

    name: str
    description: str
    colour: tuple[int, int, int]


FEATURES: dict[str, Feature] = {
    feature.name: feature
    for feature in (
        Feature("bar", "elongated stellar bar through the centre", (230, 159, 0)),
        Feature("spiral_arm", "a spiral arm", (86, 180, 233)),
        Feature("tidal", "a tidal tail, stream, shell or plume", (0, 158, 115)),
        Feature("disc", "the stellar disc", (204, 121, 167)),
        Feature("bulge", "the central bulge", (213, 94, 0)),
        Feature("ring", "an inner or outer ring", (240, 228, 66)),
        Feature("centre", "the centre of the galaxy, a point", (255, 0, 0)),
        Feature("star", "a foreground star, a point", (150, 150, 150)),
    )
}

DEFAULT_FEATURES: tuple[str, ...] = ("bar", "spiral_arm", "tidal")


def check_features(features: Iterable[str], *, also: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the feature names as a tuple, or say which one is unknown.

    Parameters
    ----------
    features : iterable of str
        Names to check; a bare string is refused, since it would be read letter by letter.
    also : iterable of str, optional
        Names that count as known beside `FEATURES`, for projects with features of their own.

    Returns
    -------
    tuple of str
        The names, in the order given.

    Raises
    ------
    FeatureError
        If a name is unknown or stands twice, or no name is given.

    Examples
    --------
    >>> check_features(["bar", "tidal"])
    ('bar', 'tidal')
    >>> check_features(["bars"])
    Traceback (most recent call last):
        ...
    galseg.errors.FeatureError: unknown feature 'bars'; did you mean 'bar'?
    """
    if isinstance(features, str):
        raise FeatureError(f"features must be a list of names, got the string {features!r}")
    names = tuple(features)
    if not names:
        raise FeatureError("features is empty; name at least one, for example ('bar',)")
    known = {*FEATURES, *also}
    for name in names:
        if name not in known:
            raise FeatureError(f"unknown feature {name!r}; {nearest_name(str(name), known)}")
        if names.count(name) > 1:
            raise FeatureError(f"feature {name!r} stands twice in {names}")
    return names


def check_custom_feature(name: str) -> str:
    """Return the name of a project's own feature, or say why it cannot be one.

    Raises
    ------
    FeatureError
        If the name is not lower case letters, digits and underscores.
    """
    if not _NAME.fullmatch(name):
        raise FeatureError(
            f"a feature name is lower case letters, digits and underscores, got {name!r}"
        )
    return name


def feature_colour(name: str) -> tuple[int, int, int]:
    """Return the colour of a feature, white for a project's own.

    Examples
    --------
    >>> feature_colour("bar")
    (230, 159, 0)
    """
    feature = FEATURES.get(name)
    return feature.colour if feature else _CUSTOM_COLOUR
