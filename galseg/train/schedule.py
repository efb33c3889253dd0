"""How fast weights are learnt, step by step."""

from __future__ import annotations

from typing import Any

import torch
from torch.optim import Optimizer

__all__ = ["one_cycle"]


def one_cycle(optimizer: Optimizer, *, lr: float, n_steps: int) -> dict[str, Any]:
    """Let the learning rate rise over the first tenth of the steps and fall to zero.

    Parameters
    ----------
    optimizer : torch.optim.Optimizer
    lr : float
        Highest learning rate.
    n_steps : int
        Of the run.

    Returns
    -------
    dict
        As Lightning's ``configure_optimizers`` returns it.

    References
    ----------
    Smith, L. N. & Topin, N. (2017), arXiv:1708.07120.
    """
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=lr, total_steps=n_steps, pct_start=0.1
    )
    return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}
