"""Which galaxies train, which choose, which judge."""

from __future__ import annotations

import hashlib
from typing import Literal

from galseg.errors import ConfigError

__all__ = ["Split", "split_of"]

Split = Literal["train", "val", "test"]


def split_of(
    galaxy_id: str,
    *,
    val_fraction: float = 0.15,
    test_fraction: float = 0.15,
    salt: str = "galseg",
) -> Split:
    """Return the split that a galaxy belongs to, from its name alone.

    A galaxy falls into the same split whatever other galaxies there are, on every machine, and
    all its subjects with it, so that one drawn by two crowds never straddles.

    Parameters
    ----------
    galaxy_id : str
    val_fraction, test_fraction : float, optional
        Expected shares of the galaxies; the rest trains.
    salt : str, optional
        Another salt makes another, independent split.

    Returns
    -------
    str
        ``"train"``, ``"val"`` or ``"test"``.

    Raises
    ------
    ConfigError
        If the fractions are negative or leave nothing to train on.

    Examples
    --------
    >>> split_of("J1"), split_of("J7"), split_of("J13"), split_of("J7")
    ('train', 'val', 'test', 'val')
    """
    if min(val_fraction, test_fraction) < 0 or val_fraction + test_fraction >= 1:
        raise ConfigError(
            "val_fraction and test_fraction must be at least 0 and together below 1, "
            f"got {val_fraction} and {test_fraction}"
        )
    digest = hashlib.sha256(f"{salt}\0{galaxy_id}".encode()).digest()
    position = int.from_bytes(digest[:8], "big") / 2**64
    if position < test_fraction:
        return "test"
    if position < test_fraction + val_fraction:
        return "val"
    return "train"
