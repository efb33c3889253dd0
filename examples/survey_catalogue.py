"""
A survey's catalogue in lsdb
============================

A cone search around one galaxy and a cross-match with a catalogue of redshifts, here made up from
the galaxies' places. ``python examples/survey_catalogue.py FOLDER`` opens the survey in a folder;
without one, the bundled sample of simulated galaxies is surveyed first. Needs
``pip install 'galseg[survey]' lsdb``.
"""

import sys
import tempfile
from pathlib import Path

import dask
import lsdb
import numpy as np
import pandas as pd

from galseg.survey import run_survey

RADIUS_ARCSEC = 2


def redshifts_of(galaxies):
    """Make up a catalogue of redshifts: nine of ten galaxies, each half an arcsec off."""
    rng = np.random.default_rng(1)
    kept = galaxies[rng.random(len(galaxies)) < 0.9]
    table = pd.DataFrame(
        {
            "ra": kept["ra_deg"].to_numpy(),
            "dec": kept["dec_deg"].to_numpy() - np.copysign(0.5 / 3600, kept["dec_deg"]),
            "redshift": rng.uniform(0.01, 0.1, len(kept)),
        }
    )
    return lsdb.from_dataframe(
        table, catalog_name="redshifts", highest_order=5, margin_threshold=RADIUS_ARCSEC
    )


def main(survey):
    columns = ["galaxy_id", "ra_deg", "dec_deg", "status", "length_arcsec", "n_arms"]
    galaxies = lsdb.open_catalog(survey / "catalogue" / "galaxies", columns=columns)

    all_of_them = galaxies.compute()
    ra, dec = all_of_them[["ra_deg", "dec_deg"]].iloc[0]
    near = galaxies.cone_search(ra, dec, radius_arcsec=600).compute()
    print(f"{len(near)} of {len(all_of_them)} galaxies within 10 arcmin of {ra:.4f} {dec:+.4f}")

    matched = galaxies.crossmatch(
        redshifts_of(all_of_them),
        radius_arcsec=RADIUS_ARCSEC,
        n_neighbors=1,
        suffixes=("", "_z"),
        suffix_method="overlapping_columns",
    ).compute()
    print(f"{len(matched)} galaxies with a redshift:")
    print(matched[["galaxy_id", "length_arcsec", "n_arms", "redshift"]].head().to_string())


if __name__ == "__main__":
    dask.config.set(scheduler="synchronous")  # a small catalogue; see lsdb for larger ones
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        sample = Path(__file__).parents[1] / "annotations" / "images"
        with tempfile.TemporaryDirectory() as folder:
            main(run_survey(sample, Path(folder, "survey"), workers=1))
