"""The blinded package, and apart from it the key and the report of what is missing."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd

from galseg.compare.design import deal_items, deal_practice
from galseg.compare.drawing import draw_galaxies
from galseg.compare.key import new_secret, secret_rng, secret_token
from galseg.compare.matching import Problem, lacking_files
from galseg.compare.options import (
    Targets,
    check_galaxies,
    check_methods,
    check_panel_size,
    check_raters,
    check_repeats,
    check_targets,
    check_thresholds,
    check_workflow,
)
from galseg.compare.panels import Panels
from galseg.compare.practice import Practice, draw_practice, read_practice
from galseg.compare.records import ComparisonPackage, Item, Key, Questions
from galseg.compare.selection import Sample, Stratum, draw_strata, strata_table
from galseg.compare.sources import Folder, ImageSource, Masks, MaskSource
from galseg.compare.writing import write_package
from galseg.errors import FeatureError, SubjectError, nearest_name
from galseg.features import DEFAULT_FEATURES, FEATURES, check_features
from galseg.io.images import GalaxyImage

__all__ = ["build_comparison"]


def build_comparison(
    images: Folder | Mapping[str, GalaxyImage],
    methods: Mapping[str, Folder | Mapping[str, Masks]],
    output: str | os.PathLike[str],
    *,
    features: Sequence[str] = DEFAULT_FEATURES,
    galaxies: Sequence[str] | Sample | None = None,
    raters: int | Sequence[str] = 1,
    questions: Questions | None = None,
    repeats: float = 0.0,
    practice: Folder | Practice | None = None,
    seed: int | None = None,
    threshold: float | Mapping[str, float] | None = None,
    panel_size: int = 384,
    key_path: str | os.PathLike[str] | None = None,
    zooniverse: bool = False,
) -> ComparisonPackage:
    """Write a package in which raters compare masks without knowing what made them.

    Every rater sees every galaxy and feature of which each method has a mask, in an order of
    their own, with the methods in random and balanced places; some of them again, if asked for,
    with the masks in other places; and practice items before all. Nothing but the pixels tells a
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
    galaxies : sequence of str or Sample, optional
        Which to compare, or how many of which kinds to draw at random; all there are if left out.
        For one that is drawn and cannot be compared, another of its stratum stands in.
    raters : int or sequence of str, optional
        How many, or their names.
    questions : Questions, optional
        What raters are asked; the quality of every mask, the best one or a tie, and a remark, if
        left out.
    repeats : float, optional
        Share of the items of a rater that come again, far from where they came first, 0 to 0.5:
        in whole Latin squares, see `galseg.compare.design.deal_items`.
    practice : path-like or Practice, optional
        Items of which the answer is known, shown first: a folder as
        `galseg.compare.practice.read_practice` reads it, or what it would hold.
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
    zooniverse : bool, optional
        Whether to write a Zooniverse subject set of the same items too, into
        ``<output>_zooniverse``: see `galseg.compare.zooniverse.write_subject_set`.

    Returns
    -------
    ComparisonPackage

    Raises
    ------
    ConfigError
        If an option cannot be followed, or the key would lie in the package.
    FormatError
        If the table of a sample or the practice set is damaged or incomplete.
    FeatureError
        If a feature that galseg does not know has no masks.
    MissingInputError
        If a folder is not there or holds nothing.
    SubjectError
        If no galaxy has an image and masks of every method.
    FrameError
        If the masks of a method are mirrored or turned against those of another; for maps with a
        WCS that is told galaxy by galaxy, and reported as missing.
    OutputError
        If something that would be written exists, or cannot be written.
    """
    features = check_features(features, also=features)
    names, rater_names = check_methods(methods), check_raters(raters)
    thresholds = check_thresholds(threshold, names)
    size, share = check_panel_size(panel_size), check_repeats(repeats)
    targets = check_targets(output, key_path, zooniverse=zooniverse)
    practised = read_practice(practice) if isinstance(practice, str | os.PathLike) else practice
    if practised and zooniverse:
        check_workflow(names, practised.methods)
    image_source = ImageSource.of(images)
    sources = {
        name: MaskSource.of(methods[name], features=features, threshold=thresholds[name])
        for name in names
    }
    secret = new_secret(seed)
    strata = _choose(galaxies, image_source, sources, secret)
    targets.folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=targets.folder.parent, prefix=".panels.") as scratch:
        panels = Panels(Path(scratch), size=size, secret=secret)
        if practised:
            draw_practice(practised, panels)
        drawn = draw_galaxies(
            panels, strata, images=image_source, methods=sources, features=features
        )
        _check_shown(drawn.shown, drawn.problems, features)
        items = deal_items(
            drawn.shown, methods=names, raters=rater_names, secret=secret, repeats=share
        )
        key = Key(
            package_id=secret_token(secret, "package"),
            secret=secret,
            methods=names,
            raters=rater_names,
            thresholds=thresholds,
            items=_after_practice(items, practised, rater_names, secret),
            questions=questions or Questions(),
        )
        problems = [
            *drawn.problems,
            *_incomplete(galaxies, image_source, sources),
            *_unrepeated(items, share, len(names)),
        ]
        package = _describe(targets, key, problems, strata_table(galaxies, strata, drawn.n_shown))
        write_package(package, key, panels)
    return package


def _choose(
    galaxies: Sequence[str] | Sample | None,
    images: ImageSource,
    methods: Mapping[str, MaskSource],
    secret: str,
) -> list[Stratum]:
    """Return the galaxies to try, and how many of them to show."""
    masks = [set(source.masks) for source in methods.values()]
    if isinstance(galaxies, Sample):
        complete = set(images.images).intersection(*masks)
        return draw_strata(galaxies, complete, rng=secret_rng(secret, "sample"))
    chosen = check_galaxies(galaxies, set(images.images).union(*masks))
    return [Stratum((), chosen, len(chosen))]


def _after_practice(
    items: Sequence[Item], practice: Practice | None, raters: Sequence[str], secret: str
) -> tuple[Item, ...]:
    """Put each rater's practice items before their others."""
    if practice is None:
        return tuple(items)
    sets = tuple(practice.methods)
    first = deal_practice(practice.right, methods=sets, raters=raters, secret=secret)
    return tuple(item for rater in raters for item in (*first, *items) if item.rater == rater)


def _describe(
    targets: Targets, key: Key, problems: Sequence[Problem], strata: pd.DataFrame
) -> ComparisonPackage:
    return ComparisonPackage(
        folder=targets.folder,
        key_path=targets.key,
        report_path=targets.report,
        package_id=key.package_id,
        n_items=len(key.items),
        galaxy_ids=tuple(sorted({one.galaxy_id for one in key.items if one.kind != "practice"})),
        missing=pd.DataFrame(problems, columns=list(Problem._fields)),
        strata=strata,
        strata_path=targets.strata,
        zooniverse_folder=targets.zooniverse,
    )


def _incomplete(
    galaxies: Sequence[str] | Sample | None, images: ImageSource, methods: Mapping[str, MaskSource]
) -> Iterator[Problem]:
    """Report galaxies that a sample could not draw, for want of an image or of masks."""
    if isinstance(galaxies, Sample):
        known, masks = set(images.images), [set(source.masks) for source in methods.values()]
        for galaxy_id in sorted(known.union(*masks) - known.intersection(*masks)):
            yield from lacking_files(galaxy_id, images=images, methods=methods)


def _unrepeated(items: Sequence[Item], repeats: float, n_methods: int) -> Iterator[Problem]:
    """Report features of which nothing comes again though it should."""
    shown, repeated = (
        {item.feature for item in items if item.kind == kind} for kind in ("rated", "repeat")
    )
    for feature in sorted(shown - repeated) if repeats else ():
        reason = f"no repeats: they take {2 * n_methods} galaxies, twice the methods, or more"
        yield Problem("", feature, "", reason)


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
