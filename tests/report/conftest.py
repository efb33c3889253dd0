"""Tables as `measure_catalog` makes them, with all that a page must cope with."""

import astropy.units as u
import numpy as np
import pytest
from astropy.table import QTable

from galseg.measure.catalog import CatalogTables

NAN = np.nan


def make_tables(galaxy_ids):
    """Galaxies of which the first has a bar, arms and tidal features, every fourth after it too."""
    n = len(galaxy_ids)
    index = np.arange(n)
    has = index % 4 == 0
    galaxies = QTable({
        "galaxy_id": np.array(galaxy_ids, dtype=str),
        "ra_deg": np.where(has, 150.0 + index / 1000, NAN) * u.deg,
        "length_pix": np.where(has, 20.0 + index, NAN) * u.pix,
        "length_arcsec": np.where(has, 100.0 - 7.0 * (index % 13), NAN) * u.arcsec,
        "length_arcsec_err": np.where(has, 0.5, NAN) * u.arcsec,
        "length_kpc": np.full(n, NAN) * u.kpc,
        "length_kpc_err": np.full(n, NAN) * u.kpc,
        "axis_ratio": np.where(has, 0.3, NAN),
        "flags": np.where(has, 8 | 128, 1),
        "n_arms": np.where(has, 2.0, 0.0),
        "winding": np.where(has, "S", ""),
        "spiral_flags": np.where(has, 512, 1),
        "subject_id": np.full(n, "", dtype="U8"),
        "status": np.where(index == 1, "bar: <b>broken</b>", ""),
    })  # fmt: skip
    galaxies["length_arcsec"].info.description = 'bar, "end" to end'
    galaxies.meta["model"] = "<i>default</i>"
    ids = np.repeat(galaxies["galaxy_id"][has], 2)
    arms = QTable({
        "galaxy_id": ids,
        "arm_id": np.tile([1, 2], has.sum()),
        "pitch_angle_deg": np.linspace(10, 30, len(ids)) * u.deg,
        "pitch_angle_deg_err": np.full(len(ids), 1.5) * u.deg,
    })  # fmt: skip
    tidal = QTable({
        "galaxy_id": galaxies["galaxy_id"][has],
        "tidal_id": np.ones(has.sum(), dtype=int),
        "shape": np.full(has.sum(), "stream"),
    })  # fmt: skip
    return CatalogTables(galaxies, arms, tidal)


@pytest.fixture
def tables():
    """Five galaxies, one of which calls itself a script."""
    return make_tables(["J1", "</script><script>alert(1)</script>", "J&3", "0042", "J5"])
