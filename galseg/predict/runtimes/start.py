"""A network in the runtime that is asked for."""

from __future__ import annotations

from torch import nn

from galseg.errors import ConfigError
from galseg.models import ModelCard, SegmentationNetwork
from galseg.predict.runtimes.graph import Graph
from galseg.predict.runtimes.onnx_runtime import OnnxRuntime, to_onnx
from galseg.predict.runtimes.openvino_runtime import OpenvinoRuntime, to_openvino
from galseg.predict.runtimes.runtime import Runtime, RuntimeName, check_runtime
from galseg.predict.runtimes.torch_runtime import TorchRuntime

__all__ = ["GRAPH_RUNTIMES", "export_graph", "start_runtime"]

GRAPH_RUNTIMES: dict[str, type[OnnxRuntime | OpenvinoRuntime]] = {
    OnnxRuntime.name: OnnxRuntime,
    OpenvinoRuntime.name: OpenvinoRuntime,
}
"""Those that run an exported graph, by name."""

_EXPORTERS = {OnnxRuntime.name: to_onnx, OpenvinoRuntime.name: to_openvino}


def start_runtime(
    network: SegmentationNetwork, card: ModelCard, *, runtime: RuntimeName
) -> Runtime:
    """Make a network ready to run.

    Parameters
    ----------
    network : SegmentationNetwork
        In evaluation mode; on the CPU for any runtime but torch.
    card : ModelCard
        What it is.
    runtime : str

    Returns
    -------
    Runtime

    Raises
    ------
    ConfigError
        If the runtime is unknown.
    ModelError
        If the network cannot be exported to it.
    MissingDependencyError
        If its package is not installed.
    """
    check_runtime(runtime)
    if runtime == "torch":
        return TorchRuntime(network)
    return GRAPH_RUNTIMES[runtime](export_graph(network, card, runtime=runtime))


def export_graph(network: nn.Module, card: ModelCard, *, runtime: RuntimeName) -> Graph:
    """Turn a network into the files that a runtime reads.

    Raises
    ------
    ConfigError
        If the runtime reads no graphs.
    ModelError
        If the network cannot be exported to it.
    MissingDependencyError
        If its package is not installed.
    """
    if runtime not in _EXPORTERS:
        raise ConfigError(f"a graph can be exported for {' or '.join(_EXPORTERS)}, not {runtime!r}")
    return _EXPORTERS[runtime](network, n_bands=card.in_channels, side=card.side)
