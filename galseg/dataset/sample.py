"""The bundled sample: simulated galaxies, and what simulated volunteers drew on them.

``python -m galseg.dataset.sample FOLDER`` writes it, the same bytes every time.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits

from galseg.dataset.simulate import SimulatedGalaxy, simulate_classifications, simulate_galaxy
from galseg.dataset.simulate.plane import GalaxyPlane
from galseg.dataset.simulate.truth_table import truth_table
from galseg.dataset.simulate.zooniverse import mapping_yaml, write_zooniverse
from galseg.frame import ImageFrame
from galseg.io.atomic import write_whole

__all__ = ["CROWD_SEED", "sample_galaxies", "write_sample"]

_SHAPE = (144, 160)
CROWD_SEED = 2024
_BRIGHTEST = 32_767  # of 16-bit integers

_GALAXIES: dict[int, dict[str, Any]] = {
    1001: {"morphology": "barred spiral", "n_arms": 2},
    1002: {"morphology": "barred spiral", "n_arms": 2},
    1009: {"morphology": "barred spiral", "n_arms": 2},
    1013: {"morphology": "barred spiral", "n_arms": 2, "mirrored": True},
    1016: {"morphology": "barred spiral", "n_arms": 2},
    1021: {"morphology": "barred spiral", "n_arms": 2, "mirrored": True},
    4003: {"morphology": "barred spiral", "n_arms": 4},
    4015: {"morphology": "barred spiral", "n_arms": 4},
    4012: {"morphology": "barred disc"},
    2005: {"morphology": "spiral", "n_arms": 2},
    2009: {"morphology": "spiral", "n_arms": 4, "mirrored": True},
    2011: {"morphology": "spiral", "n_arms": 3},
    2027: {"morphology": "spiral", "n_arms": 2},
    3008: {"morphology": "spiral", "tidal": ("tail", "tail")},
    3010: {"morphology": "spiral", "tidal": ("shell", "shell")},
    3012: {"morphology": "spiral", "tidal": ("stream",)},
    3005: {"morphology": "elliptical", "tidal": ("tail", "tail")},
    3021: {"morphology": "elliptical", "tidal": ("stream",)},
    4006: {"morphology": "elliptical"},
    4009: {"morphology": "disc"},
}
"""Seeds, chosen for variety, and what is asked of each."""


def sample_galaxies() -> tuple[SimulatedGalaxy, ...]:
    """Simulate the galaxies of the bundled sample, named ``sim01`` to ``sim20``."""
    return tuple(
        simulate_galaxy(seed, shape=_SHAPE, galaxy_id=f"sim{n:02d}", **{"tidal": (), **options})
        for n, (seed, options) in enumerate(_GALAXIES.items(), start=1)
    )


def write_sample(folder: Path) -> None:
    """Write images, drawings, the mapping that reads them, and the truth.

    Parameters
    ----------
    folder : pathlib.Path
        Gets ``images/<galaxy_id>.fits``, ``classifications.csv``, ``mapping.yaml`` and
        ``truth.csv``; files of these names are replaced.
    """
    galaxies = sample_galaxies()
    for galaxy in galaxies:
        with write_whole(folder / "images" / f"{galaxy.galaxy_id}.fits") as path:
            _image_hdu(galaxy).writeto(path, overwrite=True)
    with write_whole(folder / "classifications.csv") as path:
        write_zooniverse(path, simulate_classifications(galaxies, seed=CROWD_SEED))
    with write_whole(folder / "mapping.yaml") as path:
        path.write_text(mapping_yaml(_SHAPE), encoding="utf-8")
    with write_whole(folder / "truth.csv") as path:
        truth_table(galaxies).to_csv(path, index=False, lineterminator="\n")


def _image_hdu(galaxy: SimulatedGalaxy) -> fits.PrimaryHDU:
    """Whole electrons, so that the last digit of a float on another machine changes no byte."""
    electrons = np.rint(galaxy.image).clip(-_BRIGHTEST, _BRIGHTEST).astype(np.int16)
    hdu = fits.PrimaryHDU(electrons)
    hdu.header["OBJECT"] = galaxy.galaxy_id
    hdu.header["BUNIT"] = ("electron", "above the sky")
    hdu.header["ORIGIN"] = "simulated by galseg"
    _write_wcs(hdu.header, galaxy.frame)
    return hdu


def _write_wcs(header: fits.Header, frame: ImageFrame) -> None:
    """Write the few numbers that ``draw_frame`` rounded, in place of the WCS's own header."""
    wcs = GalaxyPlane(frame).wcs.wcs
    for axis in (0, 1):
        header[f"CTYPE{axis + 1}"] = wcs.ctype[axis]
        header[f"CUNIT{axis + 1}"] = "deg"
        header[f"CRVAL{axis + 1}"] = float(wcs.crval[axis])
        header[f"CRPIX{axis + 1}"] = float(wcs.crpix[axis])
        for pixel_axis in (0, 1):
            header[f"CD{axis + 1}_{pixel_axis + 1}"] = float(wcs.cd[axis, pixel_axis])
    header["RADESYS"] = "ICRS"


def main(arguments: Sequence[str]) -> None:
    """Write the sample into the folder that the command line names."""
    if len(arguments) != 1:
        raise SystemExit("usage: python -m galseg.dataset.sample FOLDER")
    write_sample(Path(arguments[0]))


if __name__ == "__main__":
    main(sys.argv[1:])
