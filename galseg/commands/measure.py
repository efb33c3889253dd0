"""``galseg measure``: maps to tables of galaxies, arms and tidal features."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from galseg.consensus.record import Consensus
from galseg.errors import GalsegError, MissingInputError
from galseg.io.atomic import write_folder
from galseg.io.images import GalaxyImage, list_images, read_image
from galseg.io.maps import read_maps
from galseg.io.provenance import write_run_record
from galseg.io.tables import read_table, write_table
from galseg.measure import (
    GalaxyMeasurement,
    Host,
    build_catalog,
    hosts_from_table,
    measure_galaxy,
    with_decoded_flags,
)
from galseg.prediction import Prediction
from galseg.report import write_measurement_plot, write_report

__all__ = ["measure"]

TableFormat = Literal["ecsv", "parquet", "fits", "vot", "csv", "tex"]
TableName = Literal["galaxies", "bars", "arms", "tidal"]
Opener: TypeAlias = Callable[[], GalaxyImage]

_FEATURES: Mapping[TableName, tuple[str, ...]] = {
    "galaxies": ("bar", "spiral_arm", "tidal"),
    "bars": ("bar",),
    "arms": ("spiral_arm",),
    "tidal": ("tidal",),
}
_MOST_EMBEDDED = 1000  # pictures of 8 kB inside one page


def measure(
    *,
    maps: Path,
    output: Path,
    tables: tuple[TableName, ...] = ("galaxies", "arms", "tidal"),
    hosts: Path | None = None,
    images: Path | None = None,
    threshold: float | dict[str, float] | None = None,
    n_draws: int = 0,
    percentiles: bool = False,
    seed: int = 0,
    isophotes: bool = False,
    format: TableFormat = "ecsv",
    decode_flags: bool = False,
    plots: bool = False,
    report: bool = False,
) -> Path:
    """Measure bars, spiral arms and tidal features in a folder of predictions or consensus maps.

    Writes a folder with the tables, and in it ``plots/<map>.png`` and ``report.html`` where they
    are asked for.

    Parameters
    ----------
    maps : Path
        A FITS file of `galseg predict` or `galseg consensus`, or a folder of them.
    output : Path
        Folder to make.
    tables : tuple of str
        Which to write: galaxies (one row a galaxy: its bar, and its arms and tidal features
        taken together), bars (the bar-extent table: galaxies with their bars alone), arms (one
        row an arm), tidal (one row a tidal feature). Only what they need is measured.
    hosts : Path, optional
        Table of what is known of the galaxies: galaxy_id and any of redshift, distance_mpc,
        inclination_deg, line_of_nodes_deg, disc_radius_arcsec, their _err, ra_deg and dec_deg of
        the centre, and centre_arcsec_err.
    images : Path, optional
        Folder of the galaxies' images: in them the bar is measured again, from its light, and
        plots are drawn over them.
    threshold : float or dict, optional
        The probability or share of the votes at which a structure ends, one for all or by
        feature, for example ``{bar: 0.3}``; if left out, the maps' own.
    n_draws : int
        Draws of the maps (a model's samples, resampled volunteers) and of what is known of the
        galaxies, for the errors; 0 leaves the errors that the maps give alone.
    percentiles : bool
        Whether to add columns of the 16th and 84th percentile of the draws.
    seed : int
        Of the draws.
    isophotes : bool
        Whether to fit isophotes to the images too (slow; needs the extra "isophotes").
    format : str
        Of the tables; tex is for the eye, and is not read back.
    decode_flags : bool
        Whether to put the names of the flags beside their numbers.
    plots : bool
        Whether to draw every galaxy with what was measured (needs the extra "plots").
    report : bool
        Whether to write a page of the tables, and the plots if there are any, for a browser
        (needs the extra "plots").

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    MissingInputError
        If there are no maps.
    FormatError
        If a file holds no maps of galseg.
    MissingDependencyError
        If an extra is needed and not installed.
    """
    options = locals().copy()
    files = _maps_in(maps) if maps.is_dir() else [maps]
    if not files:
        raise MissingInputError(f"no FITS file in {maps}")
    known = hosts_from_table(read_table(hosts)) if hosts else {}
    how = {
        "threshold": threshold,
        "n_draws": n_draws,
        "seed": seed,
        "features": {feature for name in tables for feature in _FEATURES[name]},
        "isophotes": isophotes,
    }
    pictures: dict[str, Path] = {}
    with write_folder(output) as folder:
        drawn = folder / "plots" if plots else None
        measured = _measured(files, known, _openers(images), drawn, pictures, how)
        catalog = build_catalog(measured, n_draws=n_draws, percentiles=percentiles, seed=seed)
        for name in tables:
            table = getattr(catalog, name)
            table = with_decoded_flags(table) if decode_flags else table
            write_table(folder / f"{name}.{format}", table)
        if report:
            is_small = len(pictures) <= _MOST_EMBEDDED
            write_report(folder / "report.html", catalog, pictures=pictures, embed=is_small)
        write_run_record(folder, "measure", options=options, inputs=("maps", "hosts", "images"))
    rows = ", ".join(f"{len(getattr(catalog, name))} in {name}" for name in tables)
    print(f"rows: {rows}: {output}")
    return output


def _maps_in(folder: Path) -> list[Path]:
    """Return the FITS files in a folder, without hidden ones, such as a killed run leaves."""
    return sorted(p for p in folder.rglob("*.fits*") if not p.name.startswith("."))


def _measured(
    files: Sequence[Path],
    known: Mapping[str, Host],
    openers: Mapping[str, Opener],
    plots: Path | None,
    pictures: dict[str, Path],
    how: Mapping[str, Any],
) -> Iterator[GalaxyMeasurement]:
    """Measure file by file, and draw and note a picture of each galaxy if there is a folder."""
    for path in track(files, description="measure", transient=True):
        maps = read_maps(path)
        image = openers.get(maps.galaxy_id)
        image = image and cache(image)  # measured and drawn over, read once
        galaxy = measure_galaxy(maps, host=known.get(maps.galaxy_id), image=image, **how)
        if plots is not None:
            pictures[galaxy.name] = plots / f"{path.name.partition('.fits')[0]}.png"
            _plot(pictures[galaxy.name], maps, galaxy, image)
        yield galaxy


def _openers(images: Path | None) -> dict[str, Opener]:
    """Find the image of each galaxy, to be read when its turn comes."""
    if images is None:
        return {}
    return {
        galaxy_id: partial(read_image, path, wcs="optional")
        for galaxy_id, path in list_images(images).items()
    }


def _plot(
    path: Path, maps: Prediction | Consensus, galaxy: GalaxyMeasurement, image: Opener | None
) -> None:
    """Draw a galaxy over its image, or over its maps if there is none on their grid."""
    write_measurement_plot(
        path,
        _background(maps, image),
        frame=maps.frame,
        masks={name: maps.of(name) >= level for name, level in galaxy.thresholds.items()},
        bar=galaxy.bar,
        spiral=galaxy.spiral,
        tidal=galaxy.tidal,
        host=None if galaxy.problems else galaxy.host,
        title=galaxy.galaxy_id,
    )


def _background(maps: Prediction | Consensus, image: Opener | None) -> NDArray[np.float32]:
    try:
        seen = image() if image else None
    except GalsegError:  # is told in the table already
        seen = None
    if seen is not None and seen.frame.shape == maps.frame.shape:
        return seen.pixels
    known = [np.nan_to_num(maps.of(feature)) for feature in maps.features]
    return np.asarray(np.max(known, axis=0))
