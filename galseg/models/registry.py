"""Models by name."""

from __future__ import annotations

import os
from pathlib import Path

from galseg.errors import ModelError, nearest_name

__all__ = ["model_stem", "shipped_models"]

_SHIPPED = Path(__file__).parent / "weights"
_SUFFIXES = (".safetensors", ".json")
_IN_A_RUN = "model"


def shipped_models() -> dict[str, Path]:
    """Return the models inside the package: name to path without suffix.

    Examples
    --------
    >>> "default" in shipped_models()
    True
    """
    return {path.stem: path.with_suffix("") for path in sorted(_SHIPPED.glob("*.safetensors"))}


def model_stem(model: str | os.PathLike[str]) -> Path:
    """Return where a model's files are, without their suffixes.

    Parameters
    ----------
    model : str or path-like
        Name of a shipped model, the folder of a training run, or the path of a model's
        ``.safetensors`` or ``.json`` file, with suffix or without.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    ModelError
        If it is none of these; nothing else is loaded in its place.

    Examples
    --------
    >>> model_stem("defualt")
    Traceback (most recent call last):
        ...
    galseg.errors.ModelError: no model 'defualt'; did you mean 'default'? ...
    """
    shipped = shipped_models()
    if str(model) in shipped:
        return shipped[str(model)]
    path = Path(model)
    if path.suffix == ".ckpt":
        raise ModelError(
            f"{path} is a checkpoint, to go on training from; "
            "predict with the model.safetensors that the run wrote beside it"
        )
    for stem in (path / _IN_A_RUN, path.with_suffix("") if path.suffix in _SUFFIXES else path):
        if any(stem.with_name(stem.name + suffix).is_file() for suffix in _SUFFIXES):
            return stem
    raise ModelError(
        f"no model {str(model)!r}; {nearest_name(str(model), shipped)} "
        "Or give the folder of a training run, or the path of a .safetensors file"
    )
