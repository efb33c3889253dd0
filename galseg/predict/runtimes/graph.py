"""Networks as graphs without Python, which other runtimes can read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import torch
from torch import nn
from torch.export import Dim, ExportedProgram

from galseg.errors import ModelError

__all__ = ["Graph", "trace"]

Graph: TypeAlias = Mapping[str, bytes]
"""The files of an exported network: name to content."""


def trace(network: nn.Module, *, n_bands: int, side: int) -> ExportedProgram:
    """Trace a network for batches of any size.

    Parameters
    ----------
    network : nn.Module
        In evaluation mode.
    n_bands, side : int
        Of the images.

    Returns
    -------
    torch.export.ExportedProgram
        Without dropout, which does nothing in evaluation.

    Raises
    ------
    ModelError
        If torch cannot trace the network.
    """
    device = next(network.parameters()).device
    example = torch.zeros(2, n_bands, side, side, device=device)  # 1 would become a constant
    try:
        return torch.export.export(network, (example,), dynamic_shapes=({0: Dim("batch")},))
    except (RuntimeError, torch._dynamo.exc.TorchDynamoException) as error:
        reason = " ".join(str(error).split())[:200]
        raise ModelError(
            f"this network cannot be exported: {reason}; use runtime='torch'"
        ) from error
