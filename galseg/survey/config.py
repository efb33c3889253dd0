"""Options of a survey: what alters its results, and what does not."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal, TypeAlias

import yaml

from galseg.errors import FormatError, MissingInputError
from galseg.predict import Segmenter
from galseg.survey.recipe import Recipe
from galseg.survey.sources import Columns
from galseg.version import __version__

__all__ = ["DaskOptions", "EngineName", "read_options", "recipe_of", "result_options"]

EngineName: TypeAlias = Literal["local", "dask"]

CONFIG = "config.yaml"
_DIGITS = 16  # of the hash of a model's card, which has that of its weights


@dataclass(frozen=True, kw_only=True)
class DaskOptions:
    """Where the workers of Dask are.

    Parameters
    ----------
    scheduler : str, optional
        Address of the scheduler of a cluster, as ``tcp://host:8786``, whose workers have galseg
        and see the same files at the same paths; a cluster on this machine, if left out.
    """

    scheduler: str | None = None


def recipe_of(options: Mapping[str, Any]) -> Recipe:
    """Return the recipe that the options of a survey ask for."""
    asked = {field.name: options[field.name] for field in fields(Recipe)}
    model = asked["model"]
    return Recipe(
        **{
            **asked,
            "model": model if isinstance(model, str) else tuple(model),
            "features": tuple(asked["features"]),
        }
    )


def read_options(folder: Path) -> dict[str, Any]:
    """Read the options that a survey was last started with.

    Raises
    ------
    MissingInputError
        If there is no survey.
    FormatError
        If the file is damaged.
    """
    path = folder / CONFIG
    try:
        options = yaml.safe_load(path.read_text())
    except FileNotFoundError as error:
        raise MissingInputError(f"no survey in {folder}: it has no {CONFIG}") from error
    except (ValueError, yaml.YAMLError) as error:
        raise FormatError(f"{path} is damaged: {error}") from error
    known = {field.name for field in fields(Recipe)} | {"images", "columns", "wcs", "device"}
    if not isinstance(options, dict) or not known <= options.keys():
        raise FormatError(f"{path} does not hold the options of a survey; start it again")
    return options


def result_options(
    recipe: Recipe, segmenter: Segmenter, *, columns: Columns, wcs: str, device: str | None
) -> dict[str, Any]:
    """Return everything that alters a row besides its image, as JSON can hold it.

    A model stands with the hash of its card, so that another file of the same name is seen.
    """
    cards = [member.card for member in segmenter.members]
    return {
        **asdict(recipe),
        "model": [f"{card.name} {_hash(card.to_json())}" for card in cards],
        "columns": asdict(columns),
        "wcs": wcs,
        "device": device,
        "galseg": __version__,
    }


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]
