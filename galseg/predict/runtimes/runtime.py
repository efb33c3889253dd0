"""What a runtime is."""

from __future__ import annotations

from typing import Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from galseg.errors import ConfigError, nearest_name

__all__ = ["RUNTIMES", "Runtime", "RuntimeName", "check_runtime"]

Maps = NDArray[np.float32]
RuntimeName = Literal["torch", "onnx", "openvino"]

RUNTIMES: tuple[RuntimeName, ...] = get_args(RuntimeName)


class Runtime(Protocol):
    """A network that is ready to run, and can be pickled.

    All runtimes compute in float32 and with as many threads as ``torch.get_num_threads()`` said
    when they were made: one a core, or what ``OMP_NUM_THREADS`` and ``torch.set_num_threads`` ask.
    """

    @property
    def name(self) -> RuntimeName:
        """As `load_model` knows it."""

    @property
    def on_cpu(self) -> bool:
        """Whether it runs on the CPU."""

    def forward(self, inputs: Maps) -> Maps:
        """Return logits, shape (B, C, side, side), of inputs (B, bands, side, side)."""


def check_runtime(runtime: str) -> None:
    """Check the name of a runtime.

    Raises
    ------
    ConfigError
        If there is no such runtime.

    Examples
    --------
    >>> check_runtime("onxx")
    Traceback (most recent call last):
        ...
    galseg.errors.ConfigError: no runtime 'onxx'; did you mean 'onnx'?
    """
    if runtime not in RUNTIMES:
        raise ConfigError(f"no runtime {runtime!r}; {nearest_name(runtime, RUNTIMES)}")
