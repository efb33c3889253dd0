"""Files of tensors, none of which is executed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from galseg.errors import ModelError
from galseg.limits import MAX_WEIGHTS_BYTES, MAX_WEIGHTS_HEADER_BYTES

__all__ = ["read_pickled", "read_tensors"]


_LENGTH = 8  # bytes that say how long the header of a safetensors file is


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Read a file of named tensors, as safetensors or as PyTorch pickles them.

    Raises
    ------
    ModelError
        If it is damaged or holds anything else.
    """
    _check_size(path, path.stat().st_size, MAX_WEIGHTS_BYTES, "bytes")
    if path.suffix == ".safetensors":
        with path.open("rb") as handle:
            length = int.from_bytes(handle.read(_LENGTH), "little")
        _check_size(path, length, MAX_WEIGHTS_HEADER_BYTES, "bytes of header")
        try:
            return load_file(path)
        except (SafetensorError, ValueError, TypeError, LookupError, RuntimeError) as error:
            raise ModelError(f"{path} is no safetensors file, or is damaged: {error}") from error
    content = read_pickled(path)
    if not isinstance(content, dict) or not all(isinstance(v, Tensor) for v in content.values()):
        raise ModelError(f"{path} holds something else than named tensors")
    return content


def _check_size(path: Path, size: int, most: int, what: str) -> None:
    if size > most:
        raise ModelError(
            f"{path} is no file of weights that galseg reads, or is damaged: it says it has {size} "
            f"{what}, over the limit of {most}"
        )


def read_pickled(path: Path, *, allowed: Iterable[Any] = ()) -> Any:
    """Read what PyTorch pickled, refusing everything that would run code.

    Parameters
    ----------
    path : pathlib.Path
    allowed : iterable, optional
        Classes that may be made, see `torch.serialization.safe_globals`.

    Raises
    ------
    ModelError
        If it is damaged or needs other classes.
    """
    try:
        with torch.serialization.safe_globals(list(allowed)):
            return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch lets through whatever a damaged file makes it run into
        reason = str(error).split("\n", 1)[0]
        raise ModelError(
            f"{path} is damaged, or holds more than tensors and numbers, which is not executed "
            f"here; give a safetensors file ({reason})"
        ) from error
