"""Networks as ONNX Runtime runs them, on the CPU."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from galseg.errors import ModelError
from galseg.extras import extra
from galseg.predict.runtimes.graph import Graph, trace

__all__ = ["OnnxRuntime", "to_onnx"]

Maps = NDArray[np.float32]

_FILE = "model.onnx"
_INPUT, _OUTPUT = "image", "logits"


def to_onnx(network: nn.Module, *, n_bands: int, side: int) -> Graph:
    """Turn a network into ONNX, for batches of any size.

    Parameters
    ----------
    network : nn.Module
        In evaluation mode, on the CPU.
    n_bands, side : int
        Of the images.

    Returns
    -------
    Graph
        ``model.onnx``, whose input is called ``image`` and whose output ``logits``.

    Raises
    ------
    ModelError
        If torch cannot export the network.
    MissingDependencyError
        If onnx or onnxscript is not installed.
    """
    with extra("onnx", "exporting to ONNX needs onnx and onnxscript"):
        import onnx  # noqa: F401
        import onnxscript  # noqa: F401
    program: Any = torch.onnx.export(
        trace(network, n_bands=n_bands, side=side),
        input_names=[_INPUT],
        output_names=[_OUTPUT],
        verbose=False,
    )
    return {_FILE: program.model_proto.SerializeToString()}


class OnnxRuntime:
    """A graph in ONNX Runtime.

    Parameters
    ----------
    graph : Graph
        As `to_onnx` makes it.

    Raises
    ------
    ModelError
        If it is no such graph, or damaged.
    MissingDependencyError
        If onnxruntime is not installed.
    """

    name: Literal["onnx"] = "onnx"
    on_cpu = True
    files = (_FILE,)

    def __init__(self, graph: Graph) -> None:
        with extra("onnx", "the runtime 'onnx' needs onnxruntime"):
            import onnxruntime
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        self.graph = graph
        try:
            self._session = onnxruntime.InferenceSession(
                graph[_FILE], options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # its own exceptions have no common base
            raise ModelError(f"this is no ONNX graph, or it is damaged: {error}") from error

    def __reduce__(self) -> tuple[type[OnnxRuntime], tuple[Graph]]:
        """Pickle the graph; the session is made anew."""
        return type(self), (self.graph,)

    def forward(self, inputs: Maps) -> Maps:
        """Return logits, shape (B, C, side, side), of inputs (B, bands, side, side)."""
        logits: Maps = self._session.run([_OUTPUT], {_INPUT: inputs})[0]
        return logits
