"""What a model is, what it was trained on, and how good it was found to be."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from galseg.errors import MissingInputError, ModelError

__all__ = ["FORMAT_VERSION", "ModelCard", "read_card"]

FORMAT_VERSION = 2

_TYPES: dict[str, Any] = {"str": str, "int": int, "float": int | float, "bool": bool}


@dataclass(frozen=True)
class ModelCard:
    """The facts that belong to a file of weights, stored as JSON beside it.

    Attributes
    ----------
    name : str
    features : tuple of str
        Output channels.
    encoder : str
        Architecture, see `build_network`, as for the next three.
    decoder : str
    decoder_channels : tuple of int
    stem : bool
    in_channels : int
        Bands of the image.
    dropout : float
    side : int
        Of the square that images are fitted into, in pixels.
    field_of_view : str
        What of the image that square shows, see `FieldOfView`.
    stretch : str
        Scaling of the pixel values.
    temperatures : mapping of str to float
        Per feature, what the network's logits are divided by to make them probabilities.
    thresholds : mapping of str to float
        Per feature, the probability from which a pixel belongs to the mask.
    vote_threshold : float
        Share of the volunteers that the thresholds were chosen to reproduce.
    training : mapping
        Data, split, options and versions.
    metrics : mapping
        Per data set, what was measured, and on how many galaxies.
    limits : tuple of str
        What the model cannot do.
    licence : str
    weights_sha256 : str
        Of the file of weights; empty until it is written.
    graph : mapping of str to str
        SHA-256 of the files of an exported graph, by name; empty for weights as they are.
    format_version : int

    Raises
    ------
    ModelError
        If the thresholds or temperatures do not fit the features, or a value is of another type
        or out of its range.
    """

    name: str
    features: tuple[str, ...]
    encoder: str
    decoder: str
    decoder_channels: tuple[int, ...]
    stem: bool
    in_channels: int
    dropout: float
    side: int
    field_of_view: str
    stretch: str
    temperatures: Mapping[str, float]
    thresholds: Mapping[str, float]
    vote_threshold: float
    training: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    limits: tuple[str, ...] = ()
    licence: str = "BSD-3-Clause"
    weights_sha256: str = ""
    graph: Mapping[str, str] = field(default_factory=dict)
    format_version: int = FORMAT_VERSION

    def __post_init__(self) -> None:
        for entry in fields(self):
            given = getattr(self, entry.name)
            if not isinstance(given, _TYPES.get(str(entry.type), object)):
                raise ModelError(
                    f"the card of {self.name!r} has {entry.name} = {given!r}, not {entry.type}"
                )
        for name in ("features", "decoder_channels", "limits"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        for name in ("temperatures", "thresholds"):
            if set(given := getattr(self, name)) != set(self.features):
                raise ModelError(
                    f"the card of {self.name!r} has {name} for {sorted(given)}, "
                    f"but features {sorted(self.features)}"
                )
            if wrong := [value for value in given.values() if not _in_range(name, value)]:
                raise ModelError(f"the card of {self.name!r} has {name} that cannot be: {wrong}")

    def to_json(self) -> str:
        """Return the card as JSON text."""
        return json.dumps(asdict(self), indent=2) + "\n"


def read_card(path: str | os.PathLike[str]) -> ModelCard:
    """Read a model card.

    Parameters
    ----------
    path : path-like
        JSON file.

    Returns
    -------
    ModelCard

    Raises
    ------
    MissingInputError
        If there is no such file.
    ModelError
        If it is no model card, or of another version.
    """
    path = Path(path)
    if not path.is_file():
        raise MissingInputError(f"no model card {path}; it belongs beside the weights")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ModelError(f"{path} is no model card, or is damaged: {error}") from error
    version = content.get("format_version") if isinstance(content, dict) else None
    if version != FORMAT_VERSION:
        raise ModelError(
            f"{path} is no model card of version {FORMAT_VERSION} (it says {version!r}); "
            "train the model again, or use the galseg that made it"
        )
    known = {entry.name for entry in fields(ModelCard)}
    if unknown := sorted(set(content) - known):
        raise ModelError(f"{path} has unknown entries: {', '.join(unknown)}")
    try:
        return ModelCard(**content)
    except TypeError as error:
        raise ModelError(f"{path} is incomplete: {error}") from error


def _in_range(name: str, value: object) -> bool:
    if not isinstance(value, int | float):
        return False
    return 0 < value < math.inf if name == "temperatures" else 0 <= value <= 1
