"""The files of a HATS catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from galseg.extras import extra
from galseg.survey.partition import FINEST_ORDER, INDEX_ORDER, Partition
from galseg.survey.sorted_rows import INDEX_FIELD
from galseg.version import __version__

__all__ = ["write_hats", "write_parquet"]

_NEEDS = "HATS catalogues need the package hats"
_SORTED_BY = (INDEX_FIELD.name, "row")


def write_hats(
    folder: Path,
    rows: Iterable[tuple[Partition, pa.Table]],
    *,
    name: str,
    kind: str,
    schema: pa.Schema,
    sky_map: NDArray[np.int64],
) -> None:
    """Write a HATS catalogue whose bytes depend on its rows alone.

    The time of its making, which HATS catalogues may tell, is left out.

    Parameters
    ----------
    folder : pathlib.Path
        To make.
    rows : iterable of (Partition, pyarrow.Table)
        Of each partition, sorted by ``_healpix_29`` and ``row``; taken one at a time.
    name : str
        Of the catalogue.
    kind : str
        ``"object"``, or ``"source"`` where an object may have several rows.
    schema : pyarrow.Schema
        Of the rows.
    sky_map : numpy.ndarray of int64, shape (12 * 4**FINEST_ORDER,)
        Number of rows in each nested HEALPix pixel.

    Raises
    ------
    MissingDependencyError
        If hats is not installed.

    References
    ----------
    HATS, IVOA Note, https://www.ivoa.net/documents/Notes/HATS/.
    """
    with extra("survey", _NEEDS):
        from hats.catalog import PartitionInfo
        from hats.io import file_io, paths
        from hats.io.skymap import write_skymap
        from hats.pixel_math import HealpixPixel
    n_rows = {}
    for partition, table in rows:
        pixel = HealpixPixel(*partition)
        path = Path(paths.new_pixel_catalog_file(folder, pixel))
        write_parquet(path, [table], schema=schema, sorted_by=_SORTED_BY)
        n_rows[pixel] = len(table)
    _write_schema(folder, schema, empty=not n_rows)
    pixels = PartitionInfo.from_healpix(list(n_rows))
    pixels.write_to_file(catalog_path=folder)
    file_io.write_fits_image(sky_map, paths.get_point_map_file_pointer(folder))
    write_skymap(sky_map, folder)
    _write_properties(
        folder,
        catalog_name=name,
        catalog_type=kind,
        total_rows=sum(n_rows.values()),
        hats_max_rows=max(n_rows.values(), default=0),
        hats_order=pixels.get_highest_order() if n_rows else None,
        moc_sky_fraction=f"{pixels.calculate_fractional_coverage():.5f}" if n_rows else "0",
        skymap_order=FINEST_ORDER,
    )


def write_parquet(
    path: Path,
    tables: Iterable[pa.Table],
    *,
    schema: pa.Schema,
    sorted_by: Sequence[str] = (),
) -> None:
    """Write a Parquet file as those of HATS catalogues are written.

    Parameters
    ----------
    path : pathlib.Path
    tables : iterable of pyarrow.Table
        One after the other; taken one at a time.
    schema : pyarrow.Schema
        Of all of them but for metadata.
    sorted_by : sequence of str, optional
        Columns that the rows are sorted by, to be told in the file.

    Raises
    ------
    MissingDependencyError
        If hats is not installed.
    """
    with extra("survey", _NEEDS):
        from hats.io.file_io import get_parquet_write_table_kwargs
    order = [(name, "ascending") for name in sorted_by]
    told = {"sorting_columns": pq.SortingColumn.from_ordering(schema, order)} if order else {}
    options = get_parquet_write_table_kwargs(schema, write_table_kwargs=told)
    most = options.pop("row_group_size")
    with pq.ParquetWriter(path, schema, **options) as writer:
        for table in tables:
            writer.write_table(table.cast(schema), row_group_size=most)


def _write_schema(folder: Path, schema: pa.Schema, *, empty: bool) -> None:
    """Write what all partitions share, and in one file where their rows are."""
    from hats.io import paths
    from hats.io.parquet_metadata import write_parquet_metadata

    if not empty:
        write_parquet_metadata(folder)
        return
    paths.dataset_directory(folder).mkdir(parents=True)
    for path in (
        paths.get_parquet_metadata_pointer(folder),
        paths.get_common_metadata_pointer(folder),
    ):
        pq.write_metadata(schema, path.path)


def _write_properties(folder: Path, **properties: Any) -> None:
    from hats.catalog import TableProperties

    made = TableProperties.new_provenance_dict(folder, builder=f"galseg v{__version__}")
    del made["hats_creation_date"]
    TableProperties(
        **properties,
        **made,
        ra_column="ra_deg",
        dec_column="dec_deg",
        healpix_column=INDEX_FIELD.name,
        healpix_order=INDEX_ORDER,
        hats_cols_sort="row",
    ).to_properties_file(folder)
