"""What the options of a survey come to: its images, its model and its plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from galseg.errors import MissingInputError
from galseg.predict import Segmenter, load_model
from galseg.predict.processes import device_of_worker
from galseg.survey.config import recipe_of, result_options
from galseg.survey.job import ProcessorOf
from galseg.survey.plan import Plan
from galseg.survey.recipe import Recipe
from galseg.survey.sources import Columns, ImageSource, open_source
from galseg.survey.worker import ShardWorker

__all__ = ["Setup", "set_up"]


@dataclass(frozen=True, kw_only=True)
class Setup:
    """What a survey is made of.

    Attributes
    ----------
    source : ImageSource
    segmenter : Segmenter
        On the CPU; workers load their own.
    plan : Plan
    processor_of : callable
        Makes what a worker process makes shards with; see `galseg.survey.job.Work`.
    """

    source: ImageSource
    segmenter: Segmenter
    plan: Plan
    processor_of: ProcessorOf


def set_up(options: Mapping[str, Any], *, columns: Columns, shard_size: int) -> Setup:
    """Open the images and load the model.

    Parameters
    ----------
    options : mapping
        ``images``, ``wcs``, ``device``, and all fields of a `Recipe`.
    columns : Columns
    shard_size : int

    Raises
    ------
    MissingInputError
        If there is no image.
    ConfigError
        If an option is out of range, or the model cannot do what it asks.
    """
    recipe, wcs, device = recipe_of(options), options["wcs"], options["device"]
    source = open_source(options["images"], columns=columns, wcs=wcs)
    if len(source) == 0:
        raise MissingInputError(f"no images in {options['images']}")
    segmenter = load_model(recipe.model, device="cpu", runtime=recipe.runtime)
    segmenter.check_options(n_samples=recipe.n_samples, orientations=recipe.orientations)
    how = result_options(recipe, segmenter, columns=columns, wcs=wcs, device=device)
    return Setup(
        source=source,
        segmenter=segmenter,
        plan=Plan(
            n_rows=len(source), shard_size=shard_size, options={**how, "source": source.fingerprint}
        ),
        processor_of=partial(_worker, recipe, source, device),
    )


def _worker(recipe: Recipe, source: ImageSource, device: str | None, slot: int) -> ShardWorker:
    """Make a worker on the device of its turn."""
    mine = device_of_worker(slot, device=device, runtime=recipe.runtime)
    return ShardWorker(recipe, source, device=mine)
