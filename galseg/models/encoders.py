"""Pretrained encoders by name."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from galseg.errors import ModelError, nearest_name
from galseg.models.fill import fill_encoder
from galseg.models.hub import fetch_encoder, read_encoder, read_encoder_folder, save_encoder
from galseg.models.imagenet import read_imagenet_encoder
from galseg.models.pretrained import PretrainedEncoder
from galseg.models.zoobot import (
    ZOOBOT_CITATION,
    ZOOBOT_ENCODERS,
    ZOOBOT_LICENCE,
    read_zoobot_checkpoint,
)

__all__ = ["PretrainedEncoder", "encoder_names", "fill_encoder", "find_encoder", "save_encoder"]

_HUB = ("hf_hub:", "hf-hub:")
_IMAGENET = "imagenet"


def encoder_names() -> tuple[str, ...]:
    """Return the names that `find_encoder` knows.

    Examples
    --------
    >>> "hf_hub:mwalmsley/zoobot-encoder-convnext_nano" in encoder_names()
    True
    """
    return (_IMAGENET, *(_HUB[0] + repository for repository in ZOOBOT_ENCODERS))


def find_encoder(source: str | os.PathLike[str]) -> PretrainedEncoder:
    """Read a pretrained encoder by name or path.

    Parameters
    ----------
    source : str or path-like
        - ``"imagenet"``: EfficientNet-Lite0, from an optional package;
        - ``"hf_hub:<owner>/<repository>"``: from the local cache of the Hugging Face hub, or
          downloaded into it; `encoder_names` lists those of Zoobot;
        - a folder in the hub's layout, as `save_encoder` and ``galseg pretrain`` write it;
        - a Lightning checkpoint of Zoobot, ``.ckpt``;
        - a ``.safetensors`` file, with the ``config.json`` that says its architecture beside it.

    Returns
    -------
    PretrainedEncoder

    Raises
    ------
    ModelError
        If it is unknown, damaged or cannot be reached; nothing else is loaded in its place.
    MissingInputError
        If a file is missing.
    MissingDependencyError
        If ``"imagenet"`` is not installed.

    References
    ----------
    Walmsley, M. et al. (2023), JOSS 8, 5312, doi:10.21105/joss.05312.

    Examples
    --------
    >>> find_encoder("imagnet")
    Traceback (most recent call last):
        ...
    galseg.errors.ModelError: no encoder 'imagnet'; did you mean 'imagenet'? ...
    """
    name = str(source)
    if name == _IMAGENET:
        return read_imagenet_encoder()
    if name.startswith(_HUB):
        return _from_hub(name[len(_HUB[0]) :])
    path = Path(source)
    if path.is_dir():
        return read_encoder_folder(path)
    if path.is_file() and path.suffix == ".ckpt":
        return read_zoobot_checkpoint(path)
    if path.is_file() and path.suffix == ".safetensors":
        return _from_file(path)
    raise ModelError(
        f"no encoder {name!r}; {nearest_name(name, encoder_names())} Or give the path of a folder "
        "with config.json and model.safetensors, or of a Lightning checkpoint of Zoobot"
    )


def _from_hub(repository: str) -> PretrainedEncoder:
    found = fetch_encoder(repository)
    if repository in ZOOBOT_ENCODERS:
        return replace(found, licence=ZOOBOT_LICENCE, citation=ZOOBOT_CITATION)
    return found


def _from_file(path: Path) -> PretrainedEncoder:
    config = path.with_name("config.json")
    if not config.is_file():
        raise ModelError(
            f"{path} does not say its architecture; put a config.json beside it, with at least "
            '{"architecture": "<name in timm>"}'
        )
    return read_encoder(path, config, origin=str(path))
