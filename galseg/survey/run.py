"""Predictions and measurements of millions of galaxies, in one catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

from galseg.errors import ConfigError
from galseg.io.images import WcsRule
from galseg.io.provenance import write_run_record
from galseg.models import shipped_models
from galseg.predict.processes import n_workers_here
from galseg.survey.carry_out import Watch, carry_out
from galseg.survey.catalogue import write_catalogues
from galseg.survey.config import DaskOptions, EngineName
from galseg.survey.engines import Engine, LocalEngine
from galseg.survey.job import Work
from galseg.survey.partition import need_hats
from galseg.survey.progress import Display
from galseg.survey.recipe import MaskKind, RuntimeName
from galseg.survey.setup import Setup, set_up
from galseg.survey.sources import Columns
from galseg.survey.tally import check_max_failed

__all__ = ["run_survey"]

_MAX_WORKERS = 1024
_PACKAGES = ("numpy", "opencv-python", "pyarrow", "torch", "onnxruntime", "openvino", "hats")


def run_survey(
    images: Path,
    output: Path,
    *,
    columns: Columns = Columns(),  # noqa: B008  # frozen
    wcs: WcsRule = "required",
    model: list[str] | str = "default",
    runtime: RuntimeName = "torch",
    device: str | None = None,
    orientations: Literal[1, 8] = 1,
    n_samples: int = 1,
    n_draws: int = 0,
    threshold: float | dict[str, float] | None = None,
    features: tuple[str, ...] = ("bar", "spiral_arm", "tidal"),
    light: bool = False,
    masks: MaskKind | None = "rle",
    seed: int = 0,
    shard_size: int = 1024,
    engine: EngineName = "local",
    workers: int | None = None,
    dask: DaskOptions = DaskOptions(),  # noqa: B008  # frozen
    max_failed: float = 0.5,
    keep_shards: bool = False,
    progress: bool = False,
) -> Path:
    """Predict and measure any number of galaxies, and make catalogues of them.

    A run that was stopped, however it was, goes on when it is started again with the same options,
    and ends with the same bytes as one that was not, whatever the number of its workers.

    Parameters
    ----------
    images : Path
        A table of paths (Parquet, CSV, ECSV, FITS, VOTable), a folder of images, WebDataset tar
        files, Parquet with a column of image files, or a HATS catalogue of such.
    output : Path
        Folder to make, or to go on in: ``catalogue/galaxies``, ``arms`` and ``tidal``, and
        ``masks``, HATS catalogues that join by ``row``; ``unplaced``, rows without a place on the
        sky; ``manifest.json``, written last.
    columns : Columns
        Names of columns in the input, where they are not the usual ones.
    wcs : str
        Whether a FITS image without a WCS is an error (required) or measured in pixels (optional).
    model : str or list of str
        The shipped model "default", or the path of another; a list answers together.
    runtime : str
        What runs the network; onnx and openvino are optional packages, faster on a CPU.
    device : str, optional
        cpu, cuda, or one GPU as cuda:1; the GPUs in turn, if there are any, if left out.
    orientations : int
        8 takes the mean over all turns and mirror images, in eight times the time.
    n_samples : int
        Draws of the maps by the model, as a measure of what it does not know; 1 draws none.
    n_draws : int
        Draws behind the errors of what is measured; 0 leaves the errors that the maps give alone.
    threshold : float or dict, optional
        The probability at which a structure ends, one for all or by feature; the model's own, if
        left out.
    features : tuple of str
        What is measured, of bar, spiral_arm and tidal.
    light : bool
        Whether the bar and the light of the features are measured in the image too.
    masks : str, optional
        What is kept of the maps: rle (masks as COCO run lengths), probability (8 bits), or null.
    seed : int
        Of all draws.
    shard_size : int
        Galaxies that are done together, and lost when a run is killed.
    engine : str
        What runs the workers: local (processes of this machine) or dask (a cluster of
        dask.distributed, an optional package).
    workers : int, optional
        Processes on this machine; chosen by its cores and GPUs, if left out. A script that starts
        them guards its main part with ``if __name__ == "__main__":``.
    dask : DaskOptions
        Where Dask's workers are.
    max_failed : float
        Share of the galaxies, of a hundred at least, that may fail before the run stops.
    keep_shards : bool
        Whether the parts that the catalogues were made from stay.
    progress : bool
        Whether to show how far it is.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    MissingInputError
        If there is no image.
    ConfigError
        If an option is out of range, or one that alters the results is not what it was when the
        run was begun.
    MissingDependencyError
        If a package of the extra ``survey`` is not installed.
    OutputError
        If another run works in the folder, it holds something else, or it cannot be written.
    GalsegError
        If too many galaxies fail, or workers cannot start.
    """
    options = {**locals(), "images": Path(images).absolute(), "model": _absolute(model)}
    output = Path(output)
    check_max_failed(max_failed)
    need_hats()
    n_workers = _n_workers(workers, engine, dask, device=device, runtime=runtime)
    setup = set_up(options, columns=columns, shard_size=shard_size)
    work = Work(output.absolute(), setup.plan.fingerprint, setup.processor_of)
    facts = {"engine": engine, "workers": n_workers, "versions": _versions()}
    with _display(progress) as watch:
        manifest = carry_out(
            output,
            setup.plan,
            engine=partial(_engine, engine, work, n_workers, dask),
            assemble=write_catalogues,
            describe=partial(_describe, output, options, setup),
            facts=facts,
            watch=watch,
            max_failed=max_failed,
            keep_shards=keep_shards,
        )
    if progress:
        n_failed = sum(manifest.failures.values())
        print(f"{manifest.n_rows - n_failed} galaxies, {n_failed} failed: {output}")
    return output


def _absolute(model: list[str] | str) -> list[str] | str:
    """Return the paths of models as workers elsewhere need them; names stay."""
    if not isinstance(model, str):
        return [str(_absolute(one)) for one in model]
    is_path = model not in shipped_models() and Path(model).exists()
    return str(Path(model).absolute()) if is_path else model


def _n_workers(
    asked: int | None, engine: str, dask: DaskOptions, *, device: str | None, runtime: str
) -> int:
    """Return how many processes to start on this machine."""
    if engine == "local" and dask.scheduler is not None:
        raise ConfigError("dask.scheduler says where Dask's workers are; add engine: dask")
    if dask.scheduler is not None and asked is not None:
        raise ConfigError("the cluster of dask.scheduler has its own workers; leave workers out")
    if asked is None:
        return n_workers_here(device=device, runtime=runtime)
    if not 1 <= asked <= _MAX_WORKERS:
        raise ConfigError(f"the number of workers must be 1 to {_MAX_WORKERS}, got {asked}")
    return asked


def _engine(name: EngineName, work: Work, n_workers: int, dask: DaskOptions) -> Engine:
    if name == "local":
        return LocalEngine(work, n_workers=n_workers)
    from galseg.survey.engines.dask import DaskEngine

    return DaskEngine(work, n_workers=n_workers, scheduler=dask.scheduler)


def _describe(folder: Path, options: Mapping[str, Any], setup: Setup) -> None:
    """Write every option as resolved, and what the run is made with."""
    models = [
        {"name": member.card.name, "weights_sha256": member.card.weights_sha256}
        for member in setup.segmenter.members
    ]
    facts = {
        "models": models,
        "source": {"n_rows": len(setup.source), "fingerprint": setup.source.fingerprint},
        "versions": _versions(),
    }
    kept = {
        name: asdict(value) if isinstance(value, Columns | DaskOptions) else value
        for name, value in options.items()
        if name != "progress"
    }
    write_run_record(folder, "survey run", options=kept, inputs=(), facts=facts)


def _versions() -> dict[str, str]:
    found = {}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


@contextmanager
def _display(shown: bool) -> Iterator[Watch]:
    if not shown:
        yield lambda _: None
        return
    with Display() as display:
        yield display
