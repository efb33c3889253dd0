"""What a model is, what it was trained on, and how good it was found to be."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from galseg.errors import FormatError, MissingInputError, ModelError
from galseg.limits import (
    MAX_BANDS,
    MAX_CARD_BYTES,
    MAX_MODEL_CHANNELS,
    MAX_MODEL_SIDE,
)
from galseg.parsing import brief, parse_json, read_bytes

__all__ = ["FORMAT_VERSION", "ModelCard", "read_card"]

FORMAT_VERSION = 2

_MOST_STAGES = 10
_RETRAIN = "train the model again, or use the galseg that made it"
_NOT_UPGRADED = {
    1: "its network learned from images that were stretched before they were binned, and this "
    f"galseg stretches after: {_RETRAIN}",
}

_LISTS: dict[str, type] = {"features": str, "decoder_channels": int, "limits": str}
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
                    f"the card of {self.name!r} has {entry.name} = {brief(given)}, not {entry.type}"
                )
        for name, kind in _LISTS.items():
            entries = getattr(self, name)
            if not isinstance(entries, list | tuple) or not all(type(e) is kind for e in entries):
                raise ModelError(
                    f"the card of {self.name!r} has {name} = {brief(entries)}, not a list of "
                    f"{kind.__name__}"
                )
            object.__setattr__(self, name, tuple(entries))
        for name in ("temperatures", "thresholds"):
            given = getattr(self, name)
            if not isinstance(given, Mapping) or set(given) != set(self.features):
                raise ModelError(
                    f"the card of {self.name!r} has {name} for {brief(given)}, "
                    f"but features {sorted(self.features)}"
                )
            if wrong := [value for value in given.values() if not _in_range(name, value)]:
                raise ModelError(
                    f"the card of {self.name!r} has {name} that cannot be: {brief(wrong)}"
                )
        self._check_sizes()

    def _check_sizes(self) -> None:
        channels = self.decoder_channels
        for name, value, most in (
            ("side", self.side, MAX_MODEL_SIDE),
            ("in_channels", self.in_channels, MAX_BANDS),
            ("number of decoder_channels", len(channels), _MOST_STAGES),
            *(("decoder_channels of", n, MAX_MODEL_CHANNELS) for n in channels),
        ):
            if not 1 <= value <= most:
                raise ModelError(
                    f"the card of {self.name!r} has a {name} {brief(value)}; 1 to {most} is read"
                )

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
        content = parse_json(read_bytes(path, most=MAX_CARD_BYTES))
    except (FormatError, ValueError) as error:
        raise ModelError(f"{path} is no model card, or is damaged: {error}") from error
    _check_version(content.get("format_version") if isinstance(content, dict) else None, path)
    known = {entry.name for entry in fields(ModelCard)}
    if unknown := sorted(set(content) - known):
        raise ModelError(f"{path} has unknown entries: {', '.join(unknown)}")
    try:
        return ModelCard(**content)
    except TypeError as error:
        raise ModelError(f"{path} is incomplete: {error}") from error


def _check_version(version: object, path: Path) -> None:
    if type(version) is int and version == FORMAT_VERSION:
        return
    reason = "no galseg made such a card: " + _RETRAIN
    if type(version) is int:
        newer = "a newer galseg made it: update galseg" if version > FORMAT_VERSION else reason
        reason = _NOT_UPGRADED.get(version, newer)
    raise ModelError(
        f"{path} is no model card of version {FORMAT_VERSION} (it says {brief(version)}); {reason}"
    )


def _in_range(name: str, value: object) -> bool:
    if not isinstance(value, int | float):
        return False
    return 0 < value < math.inf if name == "temperatures" else 0 <= value <= 1
