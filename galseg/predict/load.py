"""Models by name or path, in the runtime that is asked for."""

from __future__ import annotations

import os
from collections.abc import Sequence

import torch

from galseg.errors import ConfigError
from galseg.models import load_network, model_stem, shipped_models
from galseg.predict.exported import is_exported, read_exported
from galseg.predict.member import Member
from galseg.predict.runtimes import RuntimeName, check_runtime, start_runtime
from galseg.predict.segmenter import Segmenter

__all__ = ["load_model"]

PathLike = str | os.PathLike[str]


def load_model(
    model: PathLike | Sequence[PathLike] = "default",
    *,
    device: str | None = None,
    runtime: RuntimeName = "torch",
) -> Segmenter:
    """Load a model by name or path, or several that answer together.

    Parameters
    ----------
    model : str or path-like, or list of these
        ``"default"``, which ships with galseg, the folder of a training run or of an export, or a
        ``.safetensors`` file with its card beside it. The models of a list are an ensemble: their
        mean is the probability, and their maps are its samples.
    device : str, optional
        Of torch, such as ``"cpu"`` or ``"cuda"``; the first GPU if there is one, where left out.
        The other runtimes run on the CPU.
    runtime : str, optional
        What runs it: ``"torch"``, ``"onnx"`` or ``"openvino"``; the latter two are optional
        packages that are faster on a CPU. A model that was not exported before is now, in memory,
        which takes seconds.

    Returns
    -------
    Segmenter

    Raises
    ------
    ModelError
        If there is no such model, it is damaged, of another version or exported for another
        runtime, or the models of an ensemble do not fit together. Nothing else is loaded in its
        place.
    MissingInputError
        If one of its files is missing.
    ConfigError
        If the runtime is unknown or does not run on the device.
    MissingDependencyError
        If the runtime's package is not installed.

    Examples
    --------
    >>> load_model("default", device="cpu").features
    ('bar', 'spiral_arm', 'tidal')
    """
    check_runtime(runtime)
    if runtime != "torch" and device not in (None, "cpu"):
        raise ConfigError(
            f"the runtime {runtime!r} runs on the CPU, not on {device!r}; use runtime='torch'"
        )
    models = [model] if isinstance(model, str | os.PathLike) else model
    return Segmenter.of_members([_load_member(one, device, runtime) for one in models])


def _load_member(model: PathLike, device: str | None, runtime: RuntimeName) -> Member:
    if str(model) not in shipped_models() and is_exported(model):
        return Member(*read_exported(model, runtime=runtime))
    network, card = load_network(model_stem(model))
    if runtime == "torch":
        network = network.to(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    return Member(start_runtime(network, card, runtime=runtime), card)
