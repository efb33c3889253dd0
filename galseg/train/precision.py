"""With how many bits a processor trains best."""

from __future__ import annotations

import torch

__all__ = ["best_precision"]


def best_precision(accelerator: str = "auto") -> str:
    """Return Lightning's name of the precision to train with.

    Half precision pays where the processor has it: on CUDA with bfloat16. CPUs take several times
    as long with it as with 32 bits.

    Parameters
    ----------
    accelerator : str, optional
        Lightning's name of it.

    Examples
    --------
    >>> best_precision("cpu")
    '32-true'
    """
    on_cuda = accelerator in ("auto", "gpu", "cuda") and torch.cuda.is_available()
    if on_cuda and torch.cuda.is_bf16_supported(including_emulation=False):
        return "bf16-mixed"
    return "32-true"
