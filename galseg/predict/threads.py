"""How many threads the libraries behind a prediction take."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import cv2
import torch

__all__ = ["one_thread"]


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch and OpenCV compute with one thread inside, and with as many as before afterwards.

    How sums are shared among threads shows in their last bits, so one thread gives the same answer
    whatever the number of cores. ONNX Runtime and OpenVINO keep the number that they were
    started with.

    Examples
    --------
    >>> with one_thread():
    ...     torch.get_num_threads()
    1
    """
    before = torch.get_num_threads(), cv2.getNumThreads()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before[0])
        cv2.setNumThreads(before[1])
