"""What of a galaxy can be compared: features that every method has a mask of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from galseg.compare.sources import ImageSource, Masks, MaskSource
from galseg.errors import GalsegError
from galseg.io.images import GalaxyImage

__all__ = ["GalaxyMatch", "Problem", "lacking_files", "match_galaxy"]


class Problem(NamedTuple):
    """Something left out; an empty feature or method means all of them."""

    galaxy_id: str
    feature: str
    method: str
    reason: str


@dataclass(frozen=True, eq=False)
class GalaxyMatch:
    """One galaxy, as far as it can be compared.

    Attributes
    ----------
    image : GalaxyImage or None
        None if nothing can be compared.
    masks : dict of feature to dict of method to ndarray of bool, shape (ny, nx)
        Complete: every method, and at least one mask that is not empty.
    problems : list of Problem
    """

    image: GalaxyImage | None = None
    masks: dict[str, dict[str, NDArray[np.bool_]]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def match_galaxy(
    galaxy_id: str,
    *,
    images: ImageSource,
    methods: Mapping[str, MaskSource],
    features: Sequence[str],
) -> GalaxyMatch:
    """Read the image and the masks of one galaxy, and sort out what has no counterpart.

    Parameters
    ----------
    galaxy_id : str
    images : ImageSource
    methods : mapping of str to MaskSource
    features : sequence of str

    Returns
    -------
    GalaxyMatch
        A galaxy or a mask that cannot be read is a problem of its own, not an error.
    """
    if problems := list(lacking_files(galaxy_id, images=images, methods=methods)):
        return GalaxyMatch(problems=problems)
    try:
        image = images.read(galaxy_id)
    except GalsegError as error:
        return GalaxyMatch(problems=[Problem(galaxy_id, "", "", str(error))])
    match = GalaxyMatch(image)
    masks: dict[str, Masks] = {}
    for method, source in methods.items():
        try:
            masks[method] = source.read(galaxy_id, frame=image.frame)
        except GalsegError as error:
            match.problems.append(Problem(galaxy_id, "", method, str(error)))
    if match.problems:
        return match
    for feature in features:
        lacking = [method for method in methods if feature not in masks[method]]
        match.problems.extend(
            Problem(galaxy_id, feature, method, "there is no mask of this feature")
            for method in lacking
        )
        if lacking:
            continue
        if not any(masks[method][feature].any() for method in methods):
            match.problems.append(Problem(galaxy_id, feature, "", "the masks are all empty"))
            continue
        match.masks[feature] = {method: masks[method][feature] for method in methods}
    return match


def lacking_files(
    galaxy_id: str, *, images: ImageSource, methods: Mapping[str, MaskSource]
) -> Iterator[Problem]:
    """Say what there is no file of, without reading any."""
    lacking = [method for method, source in methods.items() if galaxy_id not in source.masks]
    if len(lacking) == len(methods):
        yield Problem(galaxy_id, "", "", "no method has masks of it")
    elif galaxy_id not in images.images:
        yield Problem(galaxy_id, "", "", "there is no image of this galaxy")
    else:
        for method in lacking:
            yield Problem(galaxy_id, "", method, "there are no masks of this galaxy")
