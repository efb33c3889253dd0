"""Annotations from any format that galseg reads."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from inspect import signature
from pathlib import Path
from typing import Any

from galseg.annotations import coco, galaxy_builder, geojson, gz3d, native, zooniverse
from galseg.annotations.mapping import ZooniverseMapping
from galseg.annotations.records import AnnotationSet
from galseg.errors import ConfigError, FormatError, MissingInputError, nearest_name

__all__ = ["FORMATS", "read_annotations"]

_HEAD_BYTES = 4096


@dataclass(frozen=True)
class _Format:
    read: Callable[..., AnnotationSet]
    recognise: Callable[[str | os.PathLike[str], bytes], bool]


_READERS = {
    "galseg": _Format(native.read_native, native.recognise),
    "zooniverse": _Format(zooniverse.read_zooniverse, zooniverse.recognise),
    "gz3d": _Format(gz3d.read_gz3d, gz3d.recognise),
    "galaxy-builder": _Format(galaxy_builder.read_galaxy_builder, galaxy_builder.recognise),
    "coco": _Format(coco.read_coco, coco.recognise),
    "geojson": _Format(geojson.read_geojson, geojson.recognise),
}

FORMATS = tuple(_READERS)


def read_annotations(
    path: str | os.PathLike[str],
    format: str | None = None,
    *,
    mapping: ZooniverseMapping | str | os.PathLike[str] | None = None,
    **options: Any,
) -> AnnotationSet:
    """Read drawings, and who looked without drawing, from a file or folder.

    The reader of each format, such as `galseg.annotations.geojson.read_geojson`, has further
    options for files that do not say everything themselves.

    Parameters
    ----------
    path : path-like
        The file, or the folder of galseg's own tables.
    format : {"galseg", "zooniverse", "gz3d", "galaxy-builder", "coco", "geojson"}, optional
        Recognised from the content if left out.
    mapping : ZooniverseMapping or path-like, optional
        Which tool means which feature, or the YAML file that says so; Zooniverse exports need
        it, other formats have none.
    **options
        What the reader of the format takes beside, for example ``flip_y=True`` for drawings made
        on a PNG in a COCO or GeoJSON file; see `galseg.annotations.coco.read_coco` and its
        neighbours.

    Returns
    -------
    AnnotationSet
        Drawings that could not be used are in its table ``rejected``.

    Raises
    ------
    MissingInputError
        If `path` is not there.
    FormatError
        If the format is not recognised, or the content is damaged.
    ConfigError
        If `format` or an option is unknown, or `mapping` is missing or does not fit.

    Examples
    --------
    >>> import tempfile
    >>> from galseg.annotations import AnnotationBuilder
    >>> from galseg.io.annotations import write_annotations
    >>> builder = AnnotationBuilder()
    >>> builder.classify(subject_id="s1", annotator_id="ann", classification_id="1",
    ...                  features=["bar"], width=64, height=64)
    >>> folder = Path(tempfile.mkdtemp()) / "annotations"
    >>> write_annotations(folder, builder.build())
    >>> read_annotations(folder).subject_ids
    ('s1',)
    """
    source = Path(path)
    if not source.exists():
        raise MissingInputError(f"no file or folder {source}")
    if format is not None and format not in _READERS:
        raise ConfigError(f"unknown format {format!r}; {nearest_name(format, _READERS)}")
    name = format or _recognised(source)
    if mapping is not None or name == "zooniverse":
        options["mapping"] = mapping
    read = _READERS[name].read
    known = [key for key in signature(read).parameters if key != "path"]
    for key in options:
        if key not in known:
            raise ConfigError(
                f"{source} is read as {name!r}, which has no option {key!r}; "
                f"{nearest_name(key, known)}"
            )
    return read(source, **options)


def _recognised(source: Path) -> str:
    head = b""
    if source.is_file():
        with source.open("rb") as handle:
            head = handle.read(_HEAD_BYTES)
    for name, reader in _READERS.items():
        if reader.recognise(source, head):
            return name
    raise FormatError(
        f"{source} is in none of the formats {', '.join(FORMATS)}, as far as its content tells; "
        "if it is damaged or unusual, name the format"
    )
