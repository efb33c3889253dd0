"""Networks as OpenVINO runs them, on the CPU."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from galseg.errors import ModelError
from galseg.extras import extra
from galseg.predict.runtimes.graph import Graph, trace

__all__ = ["OpenvinoRuntime", "to_openvino"]

Maps = NDArray[np.float32]

_FILES = _XML, _WEIGHTS = "model.xml", "model.bin"
_PURPOSE = "the runtime 'openvino' needs openvino"


def to_openvino(network: nn.Module, *, n_bands: int, side: int) -> Graph:
    """Turn a network into OpenVINO's format, for batches of any size.

    Parameters
    ----------
    network : nn.Module
        In evaluation mode, on the CPU.
    n_bands, side : int
        Of the images.

    Returns
    -------
    Graph
        ``model.xml``, the operations, and ``model.bin``, the weights in float32.

    Raises
    ------
    ModelError
        If torch cannot export the network.
    MissingDependencyError
        If openvino is not installed.
    """
    with extra("openvino", _PURPOSE):
        import openvino
    model = openvino.convert_model(trace(network, n_bands=n_bands, side=side))
    model.reshape([-1, n_bands, side, side])
    with tempfile.TemporaryDirectory() as folder:
        openvino.save_model(model, Path(folder) / _XML, compress_to_fp16=False)
        return {name: (Path(folder) / name).read_bytes() for name in _FILES}


class OpenvinoRuntime:
    """A graph in OpenVINO.

    Parameters
    ----------
    graph : Graph
        As `to_openvino` makes it.

    Raises
    ------
    ModelError
        If it is no such graph, or damaged.
    MissingDependencyError
        If openvino is not installed.
    """

    name: Literal["openvino"] = "openvino"
    on_cpu = True
    files = _FILES

    def __init__(self, graph: Graph) -> None:
        with extra("openvino", _PURPOSE):
            import openvino
        self.graph = graph
        options = {
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_NUM_THREADS": torch.get_num_threads(),
            "INFERENCE_PRECISION_HINT": "f32",
            "ENABLE_CPU_PINNING": False,  # every process would take the same cores
        }
        core = openvino.Core()
        try:
            model = core.read_model(graph[_XML], graph[_WEIGHTS])
            self._compiled = core.compile_model(model, "CPU", options)
        except RuntimeError as error:
            raise ModelError(f"this is no OpenVINO graph, or it is damaged: {error}") from error

    def __reduce__(self) -> tuple[type[OpenvinoRuntime], tuple[Graph]]:
        """Pickle the graph; it is compiled anew."""
        return type(self), (self.graph,)

    def forward(self, inputs: Maps) -> Maps:
        """Return logits, shape (B, C, side, side), of inputs (B, bands, side, side)."""
        logits: Maps = self._compiled(inputs)[0]
        return logits
