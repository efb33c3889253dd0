"""``galseg measure``: maps to tables of bars and arms."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from rich.progress import track

from galseg.errors import MissingInputError
from galseg.io.atomic import write_folder
from galseg.io.maps import read_maps
from galseg.io.provenance import write_run_record
from galseg.io.tables import read_table, write_table
from galseg.measure import hosts_from_table, measure_catalog

__all__ = ["measure"]

TableFormat = Literal["ecsv", "parquet", "fits", "vot", "csv"]


def measure(
    *,
    maps: Path,
    output: Path,
    hosts: Path | None = None,
    threshold: float | None = None,
    format: TableFormat = "ecsv",
) -> Path:
    """Measure bars and spiral arms in a folder of predictions or consensus maps.

    Writes a folder with ``bars`` (one row a galaxy) and ``arms`` (one row an arm).

    Parameters
    ----------
    maps : Path
        A FITS file of `galseg predict` or `galseg consensus`, or a folder of them.
    output : Path
        Folder to make.
    hosts : Path, optional
        Table of what is known of the galaxies: galaxy_id and any of redshift, inclination_deg,
        line_of_nodes_deg, ra_deg and dec_deg.
    threshold : float, optional
        The probability or share of the votes at which a structure ends; if left out, the model's
        own, and 0.5 for a consensus.
    format : str
        Of the tables.

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
    """
    options = locals().copy()
    files = sorted(maps.rglob("*.fits*")) if maps.is_dir() else [maps]
    if not files:
        raise MissingInputError(f"no FITS file in {maps}")
    known = hosts_from_table(read_table(hosts)) if hosts else None
    opened = map(read_maps, track(files, description="measure", transient=True))
    bars, arms = measure_catalog(opened, hosts=known, threshold=threshold)
    with write_folder(output) as folder:
        write_table(folder / f"bars.{format}", bars)
        write_table(folder / f"arms.{format}", arms)
        write_run_record(folder, "measure", options=options, inputs=("maps", "hosts"))
    print(f"{len(bars)} galaxies, {len(arms)} arms: {output}")
    return output
