"""Ways to run a network: the same answer, at other speeds."""

from galseg.predict.runtimes.graph import Graph
from galseg.predict.runtimes.runtime import RUNTIMES, Runtime, RuntimeName, check_runtime
from galseg.predict.runtimes.start import GRAPH_RUNTIMES, export_graph, start_runtime
from galseg.predict.runtimes.torch_runtime import TorchRuntime

__all__ = [
    "GRAPH_RUNTIMES",
    "RUNTIMES",
    "Graph",
    "Runtime",
    "RuntimeName",
    "TorchRuntime",
    "check_runtime",
    "export_graph",
    "start_runtime",
]
