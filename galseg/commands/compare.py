"""``galseg compare``: a blinded package, and the analysis of its answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from galseg.compare import (
    ComparisonPackage,
    Questions,
    Sample,
    build_comparison,
    score_comparison,
)
from galseg.compare.records import QUALITY_LEVELS
from galseg.compare.report import write_score_report
from galseg.compare.score_tables import write_score_tables
from galseg.errors import ConfigError
from galseg.features import DEFAULT_FEATURES
from galseg.io.atomic import write_folder
from galseg.io.provenance import write_run_record

__all__ = ["build", "score"]


def build(
    *,
    images: Path,
    methods: dict[str, Path],
    output: Path,
    features: tuple[str, ...] = DEFAULT_FEATURES,
    galaxies: tuple[str, ...] | None = None,
    sample_size: int | None = None,
    sample_table: Path | None = None,
    strata: tuple[str, ...] = (),
    n_quantiles: int = 3,
    raters: int | tuple[str, ...] = 1,
    quality: dict[str, str] | None = None,
    best: bool = True,
    tie: bool = True,
    comment: bool = True,
    repeats: float = 0.0,
    practice: Path | None = None,
    threshold: float | dict[str, float] | None = None,
    seed: int | None = None,
    panel_size: int = 384,
    key: Path | None = None,
    zooniverse: bool = False,
) -> Path:
    """Pack masks made in two or more ways so that raters cannot tell the ways apart.

    Parameters
    ----------
    images : Path
        Folder of the images.
    methods : dict
        Two or more folders of masks by the name of what made them, for example
        ``{model: predictions/maps, volunteers: consensus/maps}``.
    output : Path
        Folder of the package, for the raters.
    features : tuple of str
        What to compare.
    galaxies : tuple of str, optional
        Which to compare; if left out, all of which every method has masks, or a sample.
    sample_size : int, optional
        How many galaxies to draw at random from the sample_table.
    sample_table : Path, optional
        Table of galaxies (ECSV, Parquet, FITS, VOTable, CSV): galaxy_id, and the columns of the
        strata.
    strata : tuple of str
        Columns over which the sample is spread, for example
        ``[disc_radius_arcsec, inclination_deg, bar_fraction]``.
    n_quantiles : int
        Into how many parts of as many galaxies each a column of numbers is cut.
    raters : int or tuple of str
        How many raters there are, or their names; each has an order of their own.
    quality : dict, optional
        What may be said of each mask, best first, with the words to show, for example
        ``{good: Good, poor: Poor}``; ``{}``: it is not asked. If left out: perfect, mostly good,
        mostly poor, failed.
    best : bool
        Whether to ask which mask is best.
    tie : bool
        Whether none may be better than the others.
    comment : bool
        Whether there is room for a remark.
    repeats : float
        Share of each rater's items that come again, with the masks in other places; 0 to 0.5.
    practice : Path, optional
        Folder of items with a known answer, shown first: images, masks/<set>, and answers.csv
        with the columns galaxy_id, feature, right.
    threshold : float, optional
        Makes maps into masks, one for all or one a method, for example ``{volunteers: 0.2}``; if
        left out, the model's own, and 0.5 for a consensus.
    seed : int, optional
        Makes the same package again. Whoever knows it can undo the blinding.
    panel_size : int
        Sides of the pictures in pixels.
    key : Path, optional
        Where the key goes, never into the package; beside it if left out.
    zooniverse : bool
        Whether to write the same items as a Zooniverse subject set too, into <output>_zooniverse.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ConfigError
        If the options contradict each other.
    """
    options = locals().copy()
    sample = _sample(sample_size, sample_table, strata, n_quantiles)
    if sample and galaxies:
        raise ConfigError("galaxies are named and a sample of them is to be drawn; choose one")
    asked = QUALITY_LEVELS if quality is None else quality
    package = build_comparison(
        images,
        methods,
        output,
        features=features,
        galaxies=sample or galaxies,
        raters=raters,
        questions=Questions(quality=asked, best=best, tie=tie, comment=comment),
        repeats=repeats,
        practice=practice,
        threshold=threshold,
        seed=seed,
        panel_size=panel_size,
        key_path=key,
        zooniverse=zooniverse,
    )
    record = output.with_name(f"{output.name}_run")  # it names the methods, so not in the package
    record.mkdir(exist_ok=True)
    inputs = ("images", "sample_table", "practice")
    write_run_record(record, "compare build", options=options, inputs=inputs)
    _say(package)
    return output


def _sample(
    size: int | None, table: Path | None, strata: Sequence[str], n_quantiles: int
) -> Sample | None:
    if size is None and table is None and not strata:
        return None
    if size is None or table is None:
        raise ConfigError(f"a sample needs sample_size and sample_table, got {size} and {table}")
    return Sample(size, table, strata, n_quantiles)


def _say(package: ComparisonPackage) -> None:
    print(f"{package.n_items} items of {len(package.galaxy_ids)} galaxies: {package.folder}")
    if package.zooniverse_folder:
        print(f"the same as a subject set: {package.zooniverse_folder}")
    print(f"key, not for the raters: {package.key_path}")
    if len(package.strata):
        print(f"galaxies by stratum: {package.strata_path}")
    if len(package.missing):
        print(f"{len(package.missing)} left out, with the reasons: {package.report_path}")


def score(
    *,
    answers: Path,
    key: Path,
    output: Path,
    level: float = 0.95,
    power: float = 0.8,
    n_resamples: int = 2000,
    seed: int = 0,
    plots: bool = True,
) -> Path:
    """Analyse the answers of the raters.

    Parameters
    ----------
    answers : Path
        File that a rater saved (JSON), a Zooniverse classification export (CSV), or a folder of
        them.
    key : Path
        The key of the package.
    output : Path
        Folder to make, with a page, ``report.html``, the same for a paper's appendix,
        ``report.md``, its ``figures``, and each table as ECSV and CSV: preferences, ranking,
        quality, settle (pairs of methods), agreement, consistency, position, raters, the
        evaluations, and the answers excluded with the reasons.
    level : float
        Confidence of the intervals.
    power : float
        With which the evaluations still needed are to settle an open pair of methods.
    n_resamples : int
        Resamples of galaxies and raters behind the intervals.
    seed : int
        Of the resamples.
    plots : bool
        Whether to draw figures (needs the extra "plots").

    Returns
    -------
    Path
        The folder.
    """
    options = locals().copy()
    result = score_comparison(
        answers, key, level=level, power=power, n_resamples=n_resamples, seed=seed
    )
    with write_folder(output) as folder:
        write_score_tables(folder, result)
        write_score_report(folder, result, plots=plots)
        write_run_record(folder, "compare score", options=options, inputs=("answers", "key"))
    n_counted = int(result.evaluations["counted"].sum())
    print(f"{n_counted} evaluations, {len(result.excluded)} answers left out: {output}")
    return output
