"""Where the numbers of a run go."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from pytorch_lightning.loggers import CSVLogger, Logger, TensorBoardLogger

__all__ = ["run_loggers"]


def run_loggers(folder: Path) -> list[Logger]:
    """Make the loggers of a run: CSV, and TensorBoard where it is installed (``galseg[logs]``).

    Parameters
    ----------
    folder : pathlib.Path
        Of the run; gets ``logs/version_<n>/metrics.csv`` and ``tensorboard/version_<n>/``.
    """
    loggers: list[Logger] = [CSVLogger(folder, name="logs")]
    if find_spec("tensorboard"):
        loggers.append(TensorBoardLogger(folder, name="tensorboard"))
    return loggers
