"""One row a galaxy: identifiers that occur twice, found among millions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from pandas.util import hash_array

from galseg.errors import FormatError

__all__ = ["check_identifiers", "hashes_of"]

Batches = Callable[[], Iterable[Sequence[str]]]
Hashes = NDArray[np.uint64]


def hashes_of(identifiers: Sequence[str]) -> Hashes:
    """Return 64 bits for each identifier, to be compared by `check_identifiers`."""
    return hash_array(np.array(identifiers, dtype=object), categorize=False)


def check_identifiers(
    hashes: Iterable[Hashes], batches: Batches, *, place: Callable[[int], str]
) -> None:
    """Check that every row has an identifier of its own.

    Takes some 20 bytes a row while it runs: text is compared only where hashes agree.

    Parameters
    ----------
    hashes : iterable of ndarray of uint64
        Of all identifiers, empty ones too, in order.
    batches : callable
        Goes through the identifiers in the same order; called if some must be compared.
    place : callable
        Says where a row is, for the message.

    Raises
    ------
    FormatError
        If a row has no identifier, or that of another.

    Examples
    --------
    >>> names = ["J1", "J2", "J1"]
    >>> check_identifiers([hashes_of(names)], lambda: [names], place="row {}".format)
    Traceback (most recent call last):
    galseg.errors.FormatError: row 0 and row 2 are both 'J1'; a galaxy must have one row, so ...
    """
    all_hashes = np.concatenate([np.empty(0, np.uint64), *hashes])
    ordered = np.sort(all_hashes)
    suspects = np.union1d(ordered[1:][ordered[1:] == ordered[:-1]], hashes_of([""]))
    is_suspect = np.isin(all_hashes, suspects)
    if not is_suspect.any():
        return
    first_rows: dict[str, int] = {}
    for row, galaxy_id in _rows_of(batches(), is_suspect):
        if not galaxy_id:
            raise FormatError(f"{place(row)} has no identifier; give it one")
        if galaxy_id in first_rows:
            raise FormatError(
                f"{place(first_rows[galaxy_id])} and {place(row)} are both {galaxy_id!r}; a "
                "galaxy must have one row, so that its measurements can be told apart"
            )
        first_rows[galaxy_id] = row


def _rows_of(
    batches: Iterable[Sequence[str]], wanted: NDArray[np.bool_]
) -> Iterator[tuple[int, str]]:
    n_before = 0
    for batch in batches:
        for k in np.flatnonzero(wanted[n_before : n_before + len(batch)]).tolist():
            yield n_before + k, batch[k]
        n_before += len(batch)
