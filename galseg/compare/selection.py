"""Which galaxies are compared: a sample, drawn at random and in proportion to its strata."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from astropy.table import Table
from numpy.typing import NDArray

from galseg.errors import ConfigError, FormatError, nearest_name
from galseg.io.tables import read_table

__all__ = ["Sample", "Stratum", "draw_strata", "strata_table", "stratify", "systematic_sizes"]

_UNKNOWN = "unknown"
_COUNTS = ("n_galaxies", "n_drawn", "n_shown")


@dataclass(frozen=True, eq=False)
class Sample:
    """How many galaxies to compare, and what they shall be spread over.

    Attributes
    ----------
    size : int
        Galaxies.
    table : path-like, astropy.table.Table or pandas.DataFrame
        ``galaxy_id``, once each, and the columns of `strata`; only galaxies in it are drawn.
    strata : sequence of str
        Columns, for example size, inclination and bar fraction: one stratum is what agrees in
        all of them.
    n_quantiles : int
        Into how many parts, of as many galaxies each, a column of numbers is cut. One that holds
        no more different numbers than that, or no numbers, is taken as it is.

    Raises
    ------
    ConfigError
        If there is nothing to draw or to cut, or a column stands twice.
    """

    size: int
    table: str | os.PathLike[str] | Table | pd.DataFrame
    strata: Sequence[str] = ()
    n_quantiles: int = 3

    def __post_init__(self) -> None:
        if self.size < 1 or self.n_quantiles < 2:
            raise ConfigError(
                "a sample needs a size of at least 1 and at least 2 quantiles, got "
                f"{self.size} and {self.n_quantiles}"
            )
        if isinstance(self.strata, str) or len(set(self.strata)) < len(self.strata):
            raise ConfigError(f"strata must be a list of different columns, got {self.strata!r}")


class Stratum(NamedTuple):
    """Galaxies that are alike in the columns of a sample.

    The first `n_drawn` of them are in the sample, and the others stand in, one after the other,
    for what turns out not to be comparable.
    """

    labels: tuple[str, ...]
    galaxy_ids: tuple[str, ...]
    n_drawn: int


def draw_strata(
    sample: Sample, candidates: Collection[str], *, rng: np.random.Generator
) -> list[Stratum]:
    """Draw a stratified sample in which every galaxy is as likely as any other.

    Parameters
    ----------
    sample : Sample
    candidates : collection of str
        Galaxies that may be drawn, if they are in the table.
    rng : numpy.random.Generator

    Returns
    -------
    list of Stratum
        Every one that has a galaxy.

    Raises
    ------
    ConfigError
        If a column is not in the table, or there are fewer galaxies than should be drawn.
    FormatError
        If the table does not name galaxies, or names one twice.
    MissingInputError
        If there is no such table.
    """
    table = _read_columns(sample)
    table = table[table.index.isin(list(candidates))].sort_index()
    if len(table) < sample.size:
        raise ConfigError(
            f"a sample of {sample.size} galaxies is asked for, but only {len(table)} in the table "
            "have an image and masks of every method; ask for fewer"
        )
    members: dict[tuple[str, ...], list[str]] = {}
    for galaxy_id, *labels in stratify(table, n_quantiles=sample.n_quantiles).itertuples(name=None):
        members.setdefault(tuple(labels), []).append(galaxy_id)
    labels_shuffled = [list(members)[index] for index in rng.permutation(len(members))]
    sizes = systematic_sizes([len(members[one]) for one in labels_shuffled], sample.size, rng=rng)
    return [
        Stratum(one, _shuffled(members[one], rng), int(n_drawn))
        for one, n_drawn in sorted(zip(labels_shuffled, sizes, strict=True))
    ]


def strata_table(sample: object, strata: Sequence[Stratum], n_shown: Sequence[int]) -> pd.DataFrame:
    """Report the strata of a sample, and how many galaxies of each are shown.

    Parameters
    ----------
    sample : object
        A `Sample`, or another choice of galaxies that has no strata.
    strata : sequence of Stratum
    n_shown : sequence of int
        By stratum.

    Returns
    -------
    pandas.DataFrame
        The columns of the strata, and ``n_galaxies, n_drawn, n_shown``.
    """
    columns = [*(sample.strata if isinstance(sample, Sample) else ()), *_COUNTS]
    rows = [
        (*stratum.labels, len(stratum.galaxy_ids), stratum.n_drawn, n)
        for stratum, n in zip(strata, n_shown, strict=True)
    ]
    return pd.DataFrame(rows if isinstance(sample, Sample) else [], columns=columns)


def stratify(table: pd.DataFrame, *, n_quantiles: int) -> pd.DataFrame:
    """Name the stratum of every row, column by column.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns of numbers, truth values or text.
    n_quantiles : int
        As in `Sample`.

    Returns
    -------
    pandas.DataFrame of str
        A part of a column of numbers is named by its smallest and largest, and what is missing
        ``"unknown"``.

    Examples
    --------
    >>> table = pd.DataFrame({"size": [1.0, 2.0, 3.0, 4.0], "barred": [True, False, True, True]})
    >>> stratify(table, n_quantiles=2)
         size barred
    0  1 to 2   True
    1  1 to 2  False
    2  3 to 4   True
    3  3 to 4   True
    """
    return table.apply(_labels_of, n_quantiles=n_quantiles)


def systematic_sizes(
    sizes: Sequence[int], n_drawn: int, *, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Say how many to draw of each stratum so that all members of all are as likely.

    Every k-th of all members, stratum after stratum, from a random start: a stratum gets its
    share, rounded down or up at random, and one whose share is below one may get none.

    Parameters
    ----------
    sizes : sequence of int
        Of the strata.
    n_drawn : int
        Over all of them; at most the sum of the sizes.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of int
        With the sum `n_drawn`.

    References
    ----------
    Madow, W. G. (1949), Ann. Math. Stat. 20, 333, doi:10.1214/aoms/1177729988.

    Examples
    --------
    >>> systematic_sizes([40, 50, 10], 10, rng=np.random.default_rng(1)).tolist()
    [4, 5, 1]
    """
    ends = np.concatenate([[0], np.cumsum(sizes)]) * n_drawn
    total = max(sum(sizes), 1)
    start = int(rng.integers(total))  # in whole numbers, so that the sum is exact
    return np.diff((ends + start) // total)


def _shuffled(names: Sequence[str], rng: np.random.Generator) -> tuple[str, ...]:
    return tuple(names[index] for index in rng.permutation(len(names)))


def _labels_of(column: pd.Series, *, n_quantiles: int) -> pd.Series:
    values = column.dropna()
    is_cut = pd.api.types.is_numeric_dtype(values) and values.nunique() > n_quantiles
    if is_cut and not pd.api.types.is_bool_dtype(values):
        by_part = values.groupby(_parts_of(values.to_numpy(dtype=float), n_quantiles))
        low, high = by_part.transform("min"), by_part.transform("max")
        labels = low.map("{:.6g}".format) + " to " + high.map("{:.6g}".format)
    else:
        labels = values.astype(str)
    return labels.reindex(column.index).astype(object).fillna(_UNKNOWN).replace("", _UNKNOWN)


def _parts_of(values: NDArray[np.float64], n_quantiles: int) -> NDArray[np.int64]:
    """Give the part between quantiles of each; equal values stay together, be they many."""
    edges = np.quantile(values, np.arange(1, n_quantiles) / n_quantiles)
    below_top = values[values < values.max()].max()
    return np.searchsorted(np.unique(np.minimum(edges, below_top)), values, side="left")


def _read_columns(sample: Sample) -> pd.DataFrame:
    """Return the columns of the strata by galaxy."""
    given = sample.table
    table = read_table(given) if isinstance(given, str | os.PathLike) else given
    names = list(table.columns)
    for name in ("galaxy_id", *sample.strata):
        if name not in names:
            raise ConfigError(
                f"the table of the sample has no column {name!r}; {nearest_name(name, names)}"
            )
    wanted = table[["galaxy_id", *sample.strata]]
    frame = wanted.to_pandas() if isinstance(wanted, Table) else wanted
    frame = frame.assign(galaxy_id=frame["galaxy_id"].astype(str)).set_index("galaxy_id")
    twice = frame.index[frame.index.duplicated()]
    if len(twice):
        raise FormatError(
            f"the table of the sample names {twice[0]!r} more than once; one row a galaxy is needed"
        )
    return frame
