"""The blinded package, and apart from it the key and the report of what is missing."""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from galseg.compare.design import deal_items
from galseg.compare.key import new_secret, secret_token, write_key
from galseg.compare.matching import Problem, match_galaxy
from galseg.compare.options import (
    check_methods,
    check_panel_size,
    check_raters,
    check_targets,
    check_thresholds,
)
from galseg.compare.page import question, rater_page, rater_readme
from galseg.compare.panels import PANEL_KINDS, Panels
from galseg.compare.png import write_padded
from galseg.compare.records import ComparisonPackage, Item, Key
from galseg.compare.sources import Folder, ImageSource, Masks, MaskSource
from galseg.errors import FeatureError, SubjectError, nearest_name
from galseg.features import DEFAULT_FEATURES, FEATURES, check_features
from galseg.io.atomic import write_folder, write_whole
from galseg.io.images import GalaxyImage
from galseg.io.provenance import hash_of

__all__ = ["build_comparison"]

_EPOCH = 946684800  # 2000-01-01, the time of every file: when it was made tells nothing


def build_comparison(
    images: Folder | Mapping[str, GalaxyImage],
    methods: Mapping[str, Folder | Mapping[str, Masks]],
    output: str | os.PathLike[str],
    *,
    features: Sequence[str] = DEFAULT_FEATURES,
    raters: int | Sequence[str] = 1,
    seed: int | None = None,
    threshold: float | Mapping[str, float] | None = None,
    panel_size: int = 384,
    key_path: str | os.PathLike[str] | None = None,
) -> ComparisonPackage:
    """Write a package in which raters compare masks without knowing what made them.

    Every rater sees every galaxy and feature of which each method has a mask, in an order of
    their own, with the methods in random and balanced places. Nothing but the pixels tells a
    method: names are tokens made with a secret, and files of one kind have one size, one time
    and no remarks. The key that undoes this is written outside the package, which carries its
    SHA-256.

    Parameters
    ----------
    images : path-like, or mapping of galaxy_id to GalaxyImage
        What the masks lie on.
    methods : mapping of str to path-like, or to mapping of galaxy_id to {feature: mask}
        Two or more sets of masks by the name of what made them: folders as
        `galseg.io.masks.list_masks` reads them, or masks of bool in memory.
    output : path-like
        The folder to make.
    features : sequence of str, optional
        What to compare. Where all masks of a feature are empty there is nothing to compare.
    raters : int or sequence of str, optional
        How many, or their names.
    seed : int, optional
        Makes the same package again. Whoever guesses it can undo the blinding, so leave it out
        where that matters: the secret then comes from the operating system.
    threshold : float, or mapping of method to float, optional
        Makes maps into masks, see `galseg.io.masks.read_masks`.
    panel_size : int, optional
        Sides of the pictures in pixels.
    key_path : path-like, optional
        Where the key goes; beside the folder, as ``<output>_key.json``, if left out. What is
        missing is written beside the key.

    Returns
    -------
    ComparisonPackage

    Raises
    ------
    ConfigError
        If an option cannot be followed, or the key would lie in the package.
    FeatureError
        If a feature that galseg does not know has no masks.
    MissingInputError
        If a folder is not there or holds nothing.
    SubjectError
        If no galaxy has an image and masks of every method.
    OutputError
        If the package, the key or the report exists, or cannot be written.
    """
    features = check_features(features, also=features)
    names = check_methods(methods)
    rater_names = check_raters(raters)
    thresholds = check_thresholds(threshold, names)
    size = check_panel_size(panel_size)
    targets = check_targets(output, key_path)
    image_source = ImageSource.of(images)
    sources = {
        name: MaskSource.of(methods[name], features=features, threshold=thresholds[name])
        for name in names
    }
    secret = new_secret(seed)
    targets[0].parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=targets[0].parent, prefix=".panels.") as scratch:
        panels = Panels(Path(scratch), size=size, secret=secret)
        shown, problems = _draw_all(panels, image_source, sources, features)
        _check_shown(shown, problems, features)
        items = deal_items(shown, methods=names, raters=rater_names, secret=secret)
        package_id = secret_token(secret, "package")
        key = Key(package_id, secret, names, rater_names, thresholds, items)
        return _write(targets, panels, key, problems)


def _draw_all(
    panels: Panels,
    images: ImageSource,
    methods: Mapping[str, MaskSource],
    features: Sequence[str],
) -> tuple[list[tuple[str, str]], list[Problem]]:
    """Draw what can be compared, one galaxy at a time; return what was, and what could not be."""
    shown: list[tuple[str, str]] = []
    problems: list[Problem] = []
    for galaxy_id in sorted({*images.images}.union(*(source.masks for source in methods.values()))):
        match = match_galaxy(galaxy_id, images=images, methods=methods, features=features)
        problems.extend(match.problems)
        if match.image is not None and match.masks:
            panels.draw(galaxy_id, match.image, match.masks)
            shown.extend((galaxy_id, feature) for feature in match.masks)
    return shown, problems


def _check_shown(
    shown: Iterable[tuple[str, str]], problems: Sequence[Problem], features: Iterable[str]
) -> None:
    shown_features = {feature for _, feature in shown}
    lacking_features = {problem.feature for problem in problems} - shown_features
    for feature in features:
        if feature not in FEATURES and feature in lacking_features:
            raise FeatureError(
                f"no galaxy has a mask of {feature!r} by every method; "
                f"{nearest_name(feature, FEATURES)}"
            )
    if not shown_features:
        examples = "; ".join(
            " ".join(filter(None, problem[:3])) + f": {problem.reason}" for problem in problems[:3]
        )
        raise SubjectError(
            "no galaxy has an image and masks of every method that can be compared, matched by "
            f"the names of the galaxies; the first of {len(problems)} reasons: {examples}"
        )


def _write(
    targets: tuple[Path, Path, Path], panels: Panels, key: Key, problems: Sequence[Problem]
) -> ComparisonPackage:
    output, key_path, report_path = targets
    missing = pd.DataFrame(problems, columns=list(Problem._fields))
    with (
        write_folder(output) as folder,
        write_whole(key_path, overwrite=False) as new_key,
        write_whole(report_path, overwrite=False) as new_report,
    ):
        missing.to_csv(new_report, index=False)
        write_key(new_key, key)
        key_sha256 = hash_of(new_key)
        for kind in PANEL_KINDS:
            write_padded(panels.folder / kind, folder / kind)
        _write_texts(folder, _manifest(key.items, panels), key, key_sha256)
        for path in (folder, *folder.rglob("*")):
            os.utime(path, (_EPOCH, _EPOCH))
    return ComparisonPackage(
        folder=output,
        key_path=key_path,
        report_path=report_path,
        package_id=key.package_id,
        n_items=len(key.items),
        galaxy_ids=tuple(sorted({item.galaxy_id for item in key.items})),
        missing=missing,
    )


def _manifest(items: Iterable[Item], panels: Panels) -> pd.DataFrame:
    """One row an item and place, free of methods and galaxies."""
    rows = []
    numbers: Counter[str] = Counter()
    for item in items:
        numbers[item.rater] += 1
        for place, method in enumerate(item.methods, start=1):
            mask, overlay = panels.method_files(item.galaxy_id, item.feature, method)
            rows.append(
                {
                    "rater": item.rater,
                    "number": numbers[item.rater],
                    "item": item.token,
                    "feature": item.feature,
                    "question": question(item.feature),
                    "place": place,
                    "image": panels.image_file(item.galaxy_id),
                    "mask": mask,
                    "overlay": overlay,
                }
            )
    return pd.DataFrame(rows)


def _write_texts(folder: Path, manifest: pd.DataFrame, key: Key, key_sha256: str) -> None:
    manifest.to_csv(folder / "manifest.csv", index=False)
    texts = {
        "package.json": json.dumps({"package": key.package_id, "key_sha256": key_sha256}, indent=1),
        "index.html": rater_page(manifest, package_id=key.package_id, key_sha256=key_sha256),
        "README.txt": rater_readme(len(key.methods), key_sha256=key_sha256),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
