"""Maps of one galaxy from a file of galseg's own, whichever stage made it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from galseg.consensus.record import Consensus
from galseg.errors import FormatError
from galseg.io.consensus import read_consensus
from galseg.io.fits_file import peek_kind
from galseg.io.predictions import read_prediction
from galseg.prediction import Prediction

__all__ = ["MAP_KINDS", "read_maps"]

_READERS: Mapping[str, Callable[[Path], Prediction | Consensus]] = {
    "prediction": read_prediction,
    "consensus": read_consensus,
}

MAP_KINDS = tuple(_READERS)


def read_maps(path: Path) -> Prediction | Consensus:
    """Read a prediction or a consensus.

    Raises
    ------
    MissingInputError
        If there is no such file.
    FormatError
        If it is neither, or is damaged.
    """
    kind, _ = peek_kind(path)
    if kind not in _READERS:
        raise FormatError(
            f"{path} is neither a prediction nor a consensus of galseg: GALSEG = {kind!r} in it"
        )
    return _READERS[kind](path)
