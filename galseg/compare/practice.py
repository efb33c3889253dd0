"""Items of which the answer is known, shown first: raters warm up, and their eyes are tested."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from galseg.compare.matching import match_galaxy
from galseg.compare.panels import Panels
from galseg.compare.sources import Folder, ImageSource, Masks, MaskSource
from galseg.errors import ConfigError, FormatError, MissingInputError, nearest_name
from galseg.io.images import GalaxyImage

__all__ = ["Practice", "draw_practice", "read_practice"]

_COLUMNS = ("galaxy_id", "feature", "right")


@dataclass(frozen=True, eq=False)
class Practice:
    """Galaxies with masks that are right and wrong.

    Attributes
    ----------
    images : path-like, or mapping of galaxy_id to GalaxyImage
    methods : mapping of str to path-like, or to mapping of galaxy_id to {feature: mask}
        Sets of masks by names of their own, such as ``"right"`` and ``"shifted"``; give as many
        as there are methods, or the number of masks tells raters that they practise.
    right : mapping of (galaxy_id, feature) to sequence of str
        The sets of which any is a right choice of the best mask.

    Raises
    ------
    ConfigError
        If there are fewer than two sets or no galaxy, or what is right is none or all of the sets.
    """

    images: Folder | Mapping[str, GalaxyImage]
    methods: Mapping[str, Folder | Mapping[str, Masks]]
    right: Mapping[tuple[str, str], Sequence[str]]

    def __post_init__(self) -> None:
        if len(self.methods) < 2 or not self.right:
            raise ConfigError(
                "practice needs two sets of masks or more, and a galaxy with a known answer; got "
                f"{len(self.methods)} sets and {len(self.right)} answers"
            )
        for (galaxy_id, feature), names in self.right.items():
            for name in names:
                if name not in self.methods:
                    raise ConfigError(
                        f"the right mask of practice galaxy {galaxy_id!r} is of an unknown set "
                        f"{name!r}; {nearest_name(name, self.methods)}"
                    )
            if isinstance(names, str) or not 0 < len(set(names)) < len(self.methods):
                raise ConfigError(
                    f"of the {feature!r} masks of practice galaxy {galaxy_id!r}, some must be "
                    f"right and some wrong; right are {names!r} of {sorted(self.methods)}"
                )


def read_practice(folder: str | os.PathLike[str]) -> Practice:
    """Read a practice set from a folder.

    Parameters
    ----------
    folder : path-like
        ``images/``; ``masks/<set>/``, each as `galseg.io.masks.list_masks` reads it; and
        ``answers.csv`` with the columns ``galaxy_id, feature, right``: one row a right set.

    Returns
    -------
    Practice

    Raises
    ------
    MissingInputError
        If there is no such folder, or a part of it is missing.
    FormatError
        If the answers have other columns or empty cells.
    ConfigError
        As `Practice` says.
    """
    folder = Path(folder)
    for part in ("images", "masks", "answers.csv"):
        if not (folder / part).exists():
            raise MissingInputError(
                f"the practice set {folder} has no {part}; it needs images/, masks/<set>/ and "
                "answers.csv"
            )
    sets = {path.name: path for path in sorted((folder / "masks").iterdir()) if path.is_dir()}
    return Practice(folder / "images", sets, _read_answers(folder / "answers.csv"))


def draw_practice(practice: Practice, panels: Panels) -> None:
    """Draw the practice galaxies, with the masks whose answer is known.

    Raises
    ------
    FormatError
        If one has no image, or not the masks that its answer is about.
    MissingInputError
        If a folder is not there or holds nothing.
    """
    features = sorted({feature for _, feature in practice.right})
    images = ImageSource.of(practice.images)
    methods = {
        name: MaskSource.of(masks, features=features, threshold=None)
        for name, masks in practice.methods.items()
    }
    for galaxy_id in sorted({galaxy_id for galaxy_id, _ in practice.right}):
        known = [feature for feature in features if (galaxy_id, feature) in practice.right]
        match = match_galaxy(galaxy_id, images=images, methods=methods, features=known)
        if match.problems or match.image is None:
            problem = match.problems[0]
            where = " ".join(filter(None, (galaxy_id, problem.feature, problem.method)))
            raise FormatError(f"the practice set cannot be shown: {where}: {problem.reason}")
        panels.draw(galaxy_id, match.image, match.masks, practice=True)


def _read_answers(path: Path) -> dict[tuple[str, str], tuple[str, ...]]:
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (ValueError, pd.errors.ParserError) as error:
        raise FormatError(f"{path} is no CSV file: {error}") from error
    if tuple(table.columns) != _COLUMNS or (table == "").any(axis=None):
        raise FormatError(
            f"{path} must have the columns {', '.join(_COLUMNS)}, all filled in; "
            f"got {', '.join(map(str, table.columns))}"
        )
    right: dict[tuple[str, str], tuple[str, ...]] = {}
    for galaxy_id, feature, name in table.itertuples(index=False, name=None):
        right[galaxy_id, feature] = (*right.get((galaxy_id, feature), ()), name)
    return right
