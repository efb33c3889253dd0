"""Tables of measured galaxies, their arms and their tidal features."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, NamedTuple

import astropy
import numpy as np
from astropy.cosmology import Planck18
from astropy.table import QTable

from galseg.errors import ConfigError
from galseg.measure.columns import BAR_COLUMNS, percentile_columns
from galseg.measure.flags import MeasureFlag
from galseg.measure.galaxy import GalaxyMeasurement, measure_galaxy
from galseg.measure.host import Host
from galseg.measure.rows import Row, catalog_columns, catalog_rows
from galseg.measure.table import build_table
from galseg.measure.task import MEASURED, FeatureMaps, GalaxyPixels, Threshold, check_options
from galseg.version import __version__

__all__ = ["CatalogTables", "build_catalog", "measure_catalog"]


class CatalogTables(NamedTuple):
    """The tables of a catalogue, joined by ``galaxy_id``.

    Attributes
    ----------
    galaxies : astropy.table.QTable
        One row a galaxy: its bar, in the maps and in its image, and its arms and its tidal
        features taken together.
    arms : astropy.table.QTable
        One row an arm.
    tidal : astropy.table.QTable
        One row a tidal feature.
    """

    galaxies: QTable
    arms: QTable
    tidal: QTable

    @property
    def bars(self) -> QTable:
        """The bar-extent table: `galaxies` without the columns of arms and tidal features."""
        kept = {column.name for column in (*BAR_COLUMNS, *percentile_columns(BAR_COLUMNS))}
        return self.galaxies[[name for name in self.galaxies.colnames if name in kept]]


def measure_catalog(
    predictions: Iterable[FeatureMaps],
    *,
    threshold: Threshold = None,
    hosts: Mapping[str, Host] | None = None,
    images: Mapping[str, GalaxyPixels | Callable[[], GalaxyPixels]] | None = None,
    n_draws: int = 0,
    percentiles: bool = False,
    seed: int = 0,
    features: Collection[str] = MEASURED,
    isophotes: bool = False,
) -> CatalogTables:
    """Measure bars, spiral arms and tidal features of many galaxies.

    Parameters
    ----------
    predictions : iterable
        Predictions, consensuses, or other `FeatureMaps`; taken one at a time, and of each only
        its rows are kept.
    threshold : float or mapping of str to float, optional
        For all maps, or by feature; if left out, each one's own for the feature, else 0.5.
    hosts : mapping of str to Host, optional
        What is known of the galaxies, by galaxy_id; see
        `galseg.measure.hosts_from_table`. A disc geometry is used only with a WCS.
    images : mapping of str to GalaxyPixels or callable, optional
        By galaxy_id, an image such as `galseg.io.images.GalaxyImage`, or what gives it when
        called; in it the bar is measured again, from its light.
    n_draws : int, optional
        Draws of each map (a model's samples, resampled volunteers) and of each host within its
        errors, for the ``_err``; 0 for none, which leaves the errors that a map alone gives.
    percentiles : bool, optional
        Whether to add the 16th and 84th percentile of the draws, ``<name>_p16`` and
        ``<name>_p84``, as last columns.
    seed : int, optional
        Of the draws. A galaxy's numbers depend on it and on its galaxy_id, not on the others.
    features : collection of str, optional
        What to measure, of ``"bar"``, ``"spiral_arm"`` and ``"tidal"``.
    isophotes : bool, optional
        Whether to fit isophotes to the images too (slow; needs the extra ``isophotes``).

    Returns
    -------
    CatalogTables
        Galaxies stand in the order given. The meaning, the unit and the UCD of every column
        stand in the tables themselves; their metadata tell what they were made with.

    Raises
    ------
    ConfigError
        If an option is outside its range. What goes wrong with one galaxy becomes NaN, the flag
        FAILED and its text in ``status``, in every table that it belongs to.
    MissingDependencyError
        If isophotes are asked for and photutils is not installed.

    Examples
    --------
    >>> from galseg import ImageFrame, Prediction
    >>> maps = np.zeros((1, 40, 60), dtype=np.float32)
    >>> maps[0, 18:23, 10:50] = 1
    >>> one = Prediction("J1", ("bar",), maps, ImageFrame((40, 60)))
    >>> measure_catalog([one]).galaxies["galaxy_id", "length_pix"].pprint()
    galaxy_id length_pix
                 pix
    --------- ----------
           J1       40.0
    """
    check_options(threshold, n_draws, seed, features)
    measured = (
        measure_galaxy(
            maps,
            host=(hosts or {}).get(maps.galaxy_id),
            image=(images or {}).get(maps.galaxy_id),
            threshold=threshold,
            n_draws=n_draws,
            seed=seed,
            features=features,
            isophotes=isophotes,
        )
        for maps in predictions
    )
    return build_catalog(measured, n_draws=n_draws, percentiles=percentiles, seed=seed)


def build_catalog(
    measured: Iterable[GalaxyMeasurement],
    *,
    n_draws: int = 0,
    percentiles: bool = False,
    seed: int = 0,
) -> CatalogTables:
    """Put the numbers of galaxies that are measured already into tables.

    Parameters
    ----------
    measured : iterable of GalaxyMeasurement
        Taken one at a time.
    n_draws, percentiles, seed
        As they were measured with; see `measure_catalog`.

    Returns
    -------
    CatalogTables

    Raises
    ------
    ConfigError
        If percentiles are asked for without draws.
    """
    if percentiles and not n_draws:
        raise ConfigError("percentiles are those of draws, and n_draws is 0; give some, say 100")
    columns = catalog_columns(percentiles=percentiles)
    kept: tuple[list[Row], ...] = ([], [], [])
    made = _Provenance(n_draws, seed)
    for one in measured:
        made.add(one)
        for rows, new in zip(kept, catalog_rows(one, percentiles=percentiles), strict=True):
            rows += new
    tables = CatalogTables(*map(build_table, kept, columns))
    for table in tables:
        table.meta.update(made.as_dict())
    return tables


class _Provenance:
    """What the numbers were made with, collected galaxy by galaxy."""

    def __init__(self, n_draws: int, seed: int) -> None:
        self._draws = {"n_draws": n_draws, "seed": seed} if n_draws else {"n_draws": 0}
        self._thresholds: dict[str, tuple[float, float]] = {}
        self._sources: set[str] = set()

    def add(self, one: GalaxyMeasurement) -> None:
        """Note what one galaxy was measured with."""
        for feature, level in one.thresholds.items():
            low, high = self._thresholds.get(feature, (level, level))
            self._thresholds[feature] = min(low, level), max(high, level)
        self._sources.add(one.source or "unknown")

    def as_dict(self) -> dict[str, Any]:
        """Return it as metadata that every format can hold."""
        return {
            "galseg_version": __version__,
            "numpy_version": np.__version__,
            "astropy_version": astropy.__version__,
            "maps_from": sorted(self._sources),
            "thresholds": {name: list(ends) for name, ends in self._thresholds.items()},
            **self._draws,
            "cosmology": Planck18.name,
            "flag_bits": ", ".join(f"{flag.name}={flag.value}" for flag in MeasureFlag),
        }
