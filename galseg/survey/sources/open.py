"""Any list of images, by what it is."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import get_args

from galseg.errors import ConfigError, FormatError, GalsegError, MissingInputError
from galseg.io.images import WcsRule
from galseg.io.provenance import hash_of
from galseg.io.tables import TABLE_SUFFIXES
from galseg.survey.sources.cells import CellSource
from galseg.survey.sources.columns import Columns, no_columns
from galseg.survey.sources.files import find_files
from galseg.survey.sources.folder import FolderSource
from galseg.survey.sources.hats import (
    hats_columns,
    hats_partitions,
    hats_properties,
    primary_catalogue,
)
from galseg.survey.sources.item import ImageSource
from galseg.survey.sources.labels import check_types
from galseg.survey.sources.parquet_rows import index_parquet
from galseg.survey.sources.path_table import PathTable
from galseg.survey.sources.rows import DAMAGE
from galseg.survey.sources.tar import open_tars
from galseg.survey.sources.whole_table import read_whole_table

__all__ = ["open_source"]

PathLike = str | os.PathLike[str]
_COMPRESSED_TARS = (".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar.zst")


def open_source(
    images: PathLike, *, columns: Columns | None = None, wcs: WcsRule = "required"
) -> ImageSource:
    """Open a list of images, of any length, in any of the forms that surveys keep them in.

    Parameters
    ----------
    images : path-like
        One of

        - a table of the paths of images: .parquet, .csv, .ecsv, .fits, .vot or .xml. A path that
          is not absolute is relative to the table's folder;
        - a folder of images: FITS, PNG and JPEG at any depth;
        - a WebDataset: a .tar file, or a folder of them. The members ``J1.fits`` and ``J1.json``
          are the image and the place of the galaxy ``J1``;
        - a .parquet file with a column of image files as bytes, or a folder of these;
        - a HATS catalogue with a column of image files as bytes, or of their paths, which may be
          relative to the catalogue's folder.
    columns : Columns, optional
        Names of the columns, where they are not the usual ones.
    wcs : str, optional
        See `galseg.io.images.read_image`.

    Returns
    -------
    ImageSource
        In an order that does not change.

    Raises
    ------
    MissingInputError
        If there is no such file or folder, or no image in it.
    FormatError
        If it is damaged, not clear which of these it is, lacks a column, or holds a galaxy twice.
    ConfigError
        If it is none of these, or a column is named where there are no columns.

    References
    ----------
    Aizman, A. et al. (2019), IEEE Big Data, doi:10.1109/BigData47090.2019.9005703: WebDataset.

    Examples
    --------
    >>> import tempfile
    >>> from PIL import Image
    >>> folder = Path(tempfile.mkdtemp())
    >>> Image.new("L", (4, 3)).save(folder / "J1.png")
    >>> source = open_source(folder)
    >>> [item] = source.items(range(1))
    >>> len(source), item.galaxy_id, item.load().pixels.shape
    (1, 'J1', (1, 3, 4))
    """
    if wcs not in get_args(WcsRule):
        raise ConfigError(f"wcs must be 'required' or 'optional', got {wcs!r}")
    path, columns = Path(images), columns or Columns()
    if not path.exists():
        raise MissingInputError(f"no file or folder {path}")
    return (_open_folder if path.is_dir() else _open_file)(path, columns, wcs)


def _open_folder(path: Path, columns: Columns, wcs: WcsRule) -> ImageSource:
    path = primary_catalogue(path)
    properties = hats_properties(path)
    if properties is not None:
        columns = hats_columns(columns, properties)
        return _open_parquet(hats_partitions(path), path, columns, wcs)
    files = find_files(path)
    if files.kind == "tar":
        return open_tars(files.paths(), path, columns, wcs)
    if files.kind == "parquet":
        return _open_parquet(files.paths(), path, columns, wcs)
    no_columns(columns, where=f"{path} is a folder of images")
    return FolderSource(files, wcs)


def _open_file(path: Path, columns: Columns, wcs: WcsRule) -> ImageSource:
    name = path.name.lower()
    if name.endswith(".tar"):
        return open_tars([path], path.parent, columns, wcs)
    if name.endswith(_COMPRESSED_TARS):
        raise ConfigError(
            f"{path} is compressed as a whole, so that nothing in it can be found without reading "
            "what stands before; decompress it to .tar"
        )
    if name.endswith(".parquet"):
        return _open_parquet([path], path.parent, columns, wcs)
    if name.endswith(TABLE_SUFFIXES):
        table, found = read_whole_table(path, columns)
        check_types(table.schema, found, where=str(path))
        return PathTable(table, found, path.parent, wcs)
    raise ConfigError(
        f"{path} is no list of images; needed is a table of their paths "
        f"({', '.join(TABLE_SUFFIXES)}), a .tar, a .parquet, or a folder"
    )


def _open_parquet(paths: list[Path], root: Path, columns: Columns, wcs: WcsRule) -> ImageSource:
    table, found = index_parquet(paths, root, columns)
    kind = check_types(table.schema, found, where=str(paths[0]))
    try:
        if kind == "bytes":
            return CellSource(table, found, wcs)
        return PathTable(replace(table, fingerprint=_content(paths)), found, root, wcs)
    except GalsegError:
        raise
    except DAMAGE as error:
        raise FormatError(
            f"the identifiers or places in {root} cannot be read, so a file is damaged: {error}"
        ) from error


def _content(paths: Sequence[Path]) -> str:
    """Return a hash of all that is in some files."""
    return hashlib.sha256("".join(map(hash_of, paths)).encode()).hexdigest()
