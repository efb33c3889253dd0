"""``galseg compare``: a blinded package, and the analysis of its answers."""

from __future__ import annotations

from pathlib import Path

from galseg.compare import build_comparison, score_comparison
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
    raters: int = 1,
    threshold: float | dict[str, float] | None = None,
    seed: int | None = None,
    panel_size: int = 384,
    key: Path | None = None,
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
    raters : int
        How many raters there are; each has an order of their own.
    threshold : float, optional
        Makes maps into masks, one for all or one a method, for example ``{volunteers: 0.2}``; if
        left out, the model's own, and 0.5 for a consensus.
    seed : int, optional
        Makes the same package again. Whoever knows it can undo the blinding.
    panel_size : int
        Sides of the pictures in pixels.
    key : Path, optional
        Where the key goes, never into the package; beside it if left out.

    Returns
    -------
    Path
        The folder.
    """
    options = locals().copy()
    package = build_comparison(
        images,
        methods,
        output,
        features=features,
        raters=raters,
        threshold=threshold,
        seed=seed,
        panel_size=panel_size,
        key_path=key,
    )
    record = output.with_name(f"{output.name}_run")  # it names the methods, so not in the package
    record.mkdir(exist_ok=True)
    write_run_record(record, "compare build", options=options, inputs=("images",))
    print(f"{package.n_items} items, {raters} rater(s): {package.folder}")
    print(f"key, not for the raters: {package.key_path}")
    if len(package.missing):
        print(f"{len(package.missing)} left out, with the reasons: {package.report_path}")
    return output


def score(*, answers: Path, key: Path, output: Path, level: float = 0.95) -> Path:
    """Count the answers of the raters.

    Parameters
    ----------
    answers : Path
        File that a rater saved, or a folder of them.
    key : Path
        The key of the package.
    output : Path
        Folder to make: ``preferences.csv``, ``quality.csv``, the ``evaluations.csv`` that count,
        and ``excluded.csv`` with the reasons.
    level : float
        Confidence of the intervals.

    Returns
    -------
    Path
        The folder.
    """
    options = locals().copy()
    result = score_comparison(answers, key, level=level)
    with write_folder(output) as folder:
        for name in ("preferences", "quality", "evaluations", "excluded"):
            getattr(result, name).to_csv(folder / f"{name}.csv", index=False)
        write_run_record(folder, "compare score", options=options, inputs=("answers", "key"))
    print(f"{len(result.evaluations)} answers, {len(result.excluded)} left out: {output}")
    return output
