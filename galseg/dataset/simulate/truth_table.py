"""The truth about simulated galaxies as a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

import pandas as pd

from galseg.dataset.simulate.records import ArmTruth, BarTruth, SimulatedGalaxy, TidalTruth

__all__ = ["truth_table"]

_DECIMALS = 6


def truth_table(galaxies: Iterable[SimulatedGalaxy]) -> pd.DataFrame:
    """Tabulate what is true of simulated galaxies.

    Parameters
    ----------
    galaxies : iterable of SimulatedGalaxy

    Returns
    -------
    pandas.DataFrame
        One row a structure, with its ``feature`` and the columns of `BarTruth`, `ArmTruth` and
        `TidalTruth` that it has; a galaxy without any has one row of empty ``feature``.
        Numbers are rounded to six decimals.

    Examples
    --------
    >>> from galseg.dataset.simulate import simulate_galaxy
    >>> galaxy = simulate_galaxy(1, shape=(64, 64), morphology="spiral", n_arms=3, tidal=())
    >>> truth_table([galaxy])["feature"].tolist()
    ['spiral_arm', 'spiral_arm', 'spiral_arm']
    """
    return pd.DataFrame([row for galaxy in galaxies for row in _rows(galaxy)]).round(_DECIMALS)


def _rows(galaxy: SimulatedGalaxy) -> Iterator[dict[str, Any]]:
    truth = galaxy.truth
    centre = galaxy.frame.to_sky([truth.centre_xy])[0]
    whole = {
        "galaxy_id": galaxy.galaxy_id,
        "morphology": truth.morphology,
        "ra_deg": float(centre.ra.deg),
        "dec_deg": float(centre.dec.deg),
        "centre_x_pix": truth.centre_xy[0],
        "centre_y_pix": truth.centre_xy[1],
        "pixel_scale_arcsec": galaxy.frame.pixel_scale_arcsec,
        "mirrored": galaxy.frame.is_mirrored,
        "psf_fwhm_arcsec": truth.psf_fwhm_arcsec,
        "inclination_deg": truth.inclination_deg,
        "line_of_nodes_deg": truth.line_of_nodes_deg,
    }
    bars = () if truth.bar is None else (truth.bar,)
    structures: list[tuple[str, BarTruth | ArmTruth | TidalTruth]] = [("bar", b) for b in bars]
    structures += [("spiral_arm", a) for a in truth.arms]
    structures += [("tidal", t) for t in truth.tidal]
    for feature, structure in structures:
        yield {**whole, "feature": feature, **asdict(structure)}
    if not structures:
        yield {**whole, "feature": ""}
