"""Weights that fit a network exactly, or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from torch import Tensor, nn

from galseg.errors import ModelError

__all__ = ["load_strictly"]

_LISTED = 20


def load_strictly(module: nn.Module, weights: Mapping[str, Tensor], *, source: str) -> None:
    """Fill a module with weights.

    Parameters
    ----------
    module : torch.nn.Module
    weights : mapping of str to torch.Tensor
        With the names of the module's own ``state_dict``.
    source : str
        What they are, for the message.

    Raises
    ------
    ModelError
        If a weight is missing, left over or of another shape; it lists them, and the module
        stays as it was.

    Examples
    --------
    >>> import torch
    >>> load_strictly(nn.Linear(2, 1), {"weight": torch.ones(1, 3)}, source="a.safetensors")
    Traceback (most recent call last):
        ...
    galseg.errors.ModelError: a.safetensors does not fit the network; missing: bias;
    of another shape: weight
    """
    wanted = module.state_dict()
    problems = {
        "missing": set(wanted) - set(weights),
        "left over": set(weights) - set(wanted),
        "of another shape": {
            name for name in set(wanted) & set(weights) if wanted[name].shape != weights[name].shape
        },
    }
    found = [f"{kind}: {_listed(names)}" for kind, names in problems.items() if names]
    if found:
        raise ModelError(f"{source} does not fit the network; {'; '.join(found)}")
    module.load_state_dict(weights)


def _listed(names: Iterable[str]) -> str:
    ordered = sorted(names)
    more = len(ordered) - _LISTED
    return ", ".join(ordered[:_LISTED]) + (f" and {more} more" if more > 0 else "")
