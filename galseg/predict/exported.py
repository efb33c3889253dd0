"""Folders of an exported model: its graph, and the card beside it."""

from __future__ import annotations

import os
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from galseg.errors import MissingInputError, ModelError
from galseg.io.atomic import write_folder
from galseg.models import ModelCard, load_network, model_stem, read_card
from galseg.predict.runtimes import (
    GRAPH_RUNTIMES,
    Graph,
    Runtime,
    RuntimeName,
    export_graph,
)

__all__ = ["export_model", "is_exported", "read_exported"]

PathLike = str | os.PathLike[str]

_CARD = "card.json"


def export_model(model: PathLike, folder: PathLike, *, runtime: RuntimeName) -> ModelCard:
    """Export a model for a runtime, so that it need not be at every start.

    Parameters
    ----------
    model : str or path-like
        As `load_model` takes it.
    folder : path-like
        To make, whole or not at all: ``model.onnx``, or ``model.xml`` and ``model.bin``, and
        ``card.json``.
    runtime : str
        ``"onnx"`` or ``"openvino"``.

    Returns
    -------
    ModelCard
        As written, with the hashes of the graph's files.

    Raises
    ------
    ModelError
        If there is no such model, or it is damaged or cannot be exported.
    OutputError
        If the folder exists or cannot be written.
    ConfigError
        If the runtime reads no graphs.
    MissingDependencyError
        If its package is not installed.
    """
    network, card = load_network(model_stem(model))
    with write_folder(folder) as temporary:
        graph = export_graph(network, card, runtime=runtime)
        card = replace(card, graph={name: _hash(content) for name, content in graph.items()})
        for name, content in graph.items():
            (temporary / name).write_bytes(content)
        (temporary / _CARD).write_text(card.to_json(), encoding="utf-8")
    return card


def is_exported(model: PathLike) -> bool:
    """Whether a path is the folder of an exported model."""
    return (Path(model) / _CARD).is_file()


def read_exported(folder: PathLike, *, runtime: RuntimeName) -> tuple[Runtime, ModelCard]:
    """Read what `export_model` wrote.

    Parameters
    ----------
    folder : path-like
    runtime : str
        The one it was exported for.

    Returns
    -------
    runtime : Runtime
    card : ModelCard

    Raises
    ------
    MissingInputError
        If one of its files is missing.
    ModelError
        If it was exported for another runtime, or a file is not the one that the card was written
        for, as when it was cut short.
    MissingDependencyError
        If the runtime's package is not installed.
    """
    folder = Path(folder)
    card = read_card(folder / _CARD)
    fitting = [name for name, one in GRAPH_RUNTIMES.items() if set(one.files) == set(card.graph)]
    if not fitting:
        raise ModelError(
            f"{folder / _CARD} names no graph that a runtime could read; export the model again"
        )
    if runtime not in fitting:
        raise ModelError(
            f"{folder} was exported for the runtime {fitting[0]!r}, not for {runtime!r}; load it "
            f"with runtime={fitting[0]!r}, or the model that it was made from"
        )
    return GRAPH_RUNTIMES[runtime](_read_graph(folder, card)), card


def _read_graph(folder: Path, card: ModelCard) -> Graph:
    graph = {}
    for name, expected in card.graph.items():
        path = folder / name
        if not path.is_file():
            raise MissingInputError(f"no graph {path}; it belongs beside its card")
        graph[name] = path.read_bytes()
        if _hash(graph[name]) != expected:
            raise ModelError(
                f"{path} is not the file that its card was written for, or is damaged: its "
                f"SHA-256 is not {expected}; export the model again"
            )
    return graph


def _hash(content: bytes) -> str:
    return sha256(content).hexdigest()
