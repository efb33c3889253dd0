"""Galaxy Zoo:3D: bars, spiral arms, centres and stars drawn on galaxies of the MaNGA survey.

The survey ships one FITS file a galaxy, its HDUs addressed by number: 1 to 4 hold the votes and
the WCS, 5 the name, 8 to 10 what every volunteer drew, as JSON in table cells. JSON files with
one feature of one galaxy each are read too. There are no user names: a classification counts as
a volunteer. Whoever stands in a table looked; an empty cell says that nothing was drawn.

References
----------
Masters, K. L. et al. (2021), "Galaxy Zoo: 3D", doi:10.1093/mnras/stab2282.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from galseg.annotations import gz3d_fits
from galseg.annotations.build import AnnotationBuilder
from galseg.annotations.files import as_points, input_files, need, peek, read_json
from galseg.annotations.looks import picture_shape
from galseg.annotations.records import AnnotationSet
from galseg.errors import FormatError, nearest_name
from galseg.frame import ImageFrame
from galseg.parsing import brief, parse_json

__all__ = ["GZ3DVotes", "read_gz3d", "read_gz3d_votes", "recognise"]

Floats = NDArray[np.float64]

_SUFFIXES = (".fits", ".fits.gz", ".json", ".json.gz")
_VOTES = {"centre": 1, "star": 2, "spiral_arm": 3, "bar": 4}
_TABLES = {
    8: {"center_points": "centre", "star_points": "star"},
    9: {"spiral_paths": "spiral_arm"},
    10: {"bar_paths": "bar"},
}
_POINTS = ("centre", "star")
_JSON_FEATURES = {
    "bar": {"paths": "bar"},
    "spiral": {"paths": "spiral_arm"},
    "spiral_arm": {"paths": "spiral_arm"},
    "center_star_points": {"centre": "centre", "stars": "star"},
}


@dataclass(frozen=True, eq=False)
class GZ3DVotes:
    """The votes that the survey itself counted.

    They count paths, not volunteers, and leave out strokes that cross themselves; centres and
    stars are ellipses about clusters of points.

    Attributes
    ----------
    mangaid : str
    features : tuple of str
        ``("centre", "star", "spiral_arm", "bar")``.
    votes : ndarray of int32, shape (C, ny, nx)
        In the order of `features`.
    frame : ImageFrame
    """

    mangaid: str
    features: tuple[str, ...]
    votes: NDArray[np.int32]
    frame: ImageFrame


class _Look(NamedTuple):
    """What one volunteer drew of the features of one table."""

    mangaid: str
    classification_id: str
    created_at: str
    image: str
    shape: tuple[int, int]
    drawn: dict[str, list[Floats]]  # by feature asked about


def recognise(path: str | os.PathLike[str], head: bytes) -> bool:
    """Whether a file, or the first file of a folder, looks like Galaxy Zoo:3D."""
    start = peek(path, head, _SUFFIXES)
    return start.startswith(b"SIMPLE  =") or b'"mangaid"' in start


def read_gz3d(path: str | os.PathLike[str], *, point_radius_pix: float = 5.0) -> AnnotationSet:
    """Read Galaxy Zoo:3D drawings.

    Parameters
    ----------
    path : path-like
        A FITS file of the survey, a JSON file of one feature, or a folder of either.
    point_radius_pix : float, optional
        What a marked centre or star stands for: a disc of this radius. The survey joined points
        within 5 pixels (0.5 arcsec).

    Returns
    -------
    AnnotationSet
        Subjects are named by MANGAID.

    Raises
    ------
    MissingInputError
        If there is nothing to read.
    FormatError
        If a file is damaged or laid out otherwise; names the HDU and the row.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp(), "1-304336_bar.json")
    >>> _ = file.write_text('''{
    ...     "mangaid": "1-304336", "image_size": [525, 525], "feature": "bar",
    ...     "classifications": [{"classification_id": 88488726, "paths": [],
    ...                          "created_at": "2018-02-03 04:05:36 UTC"}]}''')
    >>> annotations = read_gz3d(file)
    >>> len(annotations.classifications), len(annotations.marks)
    (1, 0)
    """
    looks: dict[tuple[str, str], _Look] = {}
    for file in input_files(path, _SUFFIXES):
        is_json = file.name.lower().endswith((".json", ".json.gz"))
        for look in _json_looks(file) if is_json else _fits_looks(file):
            key = look.mangaid, look.classification_id
            looks.setdefault(key, look._replace(drawn={}))
            for feature, marks in look.drawn.items():
                looks[key].drawn.setdefault(feature, []).extend(marks)
    return _built(looks.values(), point_radius_pix)


def read_gz3d_votes(path: str | os.PathLike[str]) -> GZ3DVotes:
    """Read the votes of a Galaxy Zoo:3D FITS file as they are.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    GZ3DVotes

    Raises
    ------
    MissingInputError
        If there is no such file.
    FormatError
        If the file is damaged or laid out otherwise.
    FrameError
        If there is no WCS.

    Examples
    --------
    >>> votes = read_gz3d_votes("1-304336_127_5679016.fits.gz")  # doctest: +SKIP
    """
    file = Path(path)
    with gz3d_fits.opened(file) as hdus:
        mangaid = gz3d_fits.mangaid(hdus, file)
        shape = gz3d_fits.image_shape(hdus, file)
        votes = np.stack([gz3d_fits.vote_image(hdus, n, shape, file) for n in _VOTES.values()])
        frame = ImageFrame.from_header(hdus[_VOTES["spiral_arm"]].header)
    return GZ3DVotes(mangaid, tuple(_VOTES), votes, frame)


def _built(looks: Iterable[_Look], point_radius_pix: float) -> AnnotationSet:
    builder = AnnotationBuilder()
    for look in looks:
        builder.classify(
            subject_id=look.mangaid,
            annotator_id=look.classification_id,
            classification_id=look.classification_id,
            features=tuple(look.drawn),
            width=look.shape[1],
            height=look.shape[0],
            created_at=look.created_at,
        )
        builder.subject(subject_id=look.mangaid, galaxy_id=look.mangaid, image=look.image)
        for feature, marks in look.drawn.items():
            at = {"classification_id": look.classification_id, "feature": feature}
            for xy in marks:
                if feature in _POINTS:
                    builder.point(**at, xy=xy, radius_pix=point_radius_pix)
                else:
                    builder.area(**at, xy=xy)
    return builder.build()


def _json_looks(file: Path) -> Iterator[_Look]:
    content = read_json(file)
    mangaid = need(content, "mangaid", str, where=str(file))
    size = need(content, "image_size", list, where=str(file))
    if len(size) != 2:
        raise FormatError(f"{file}: 'image_size' must be [width, height] in pixels, got {size}")
    shape = picture_shape(dict(zip(("width", "height"), size, strict=True)), where=str(file))
    name = need(content, "feature", str, where=str(file))
    if name not in _JSON_FEATURES:
        raise FormatError(f"{file}: unknown feature {name!r}; {nearest_name(name, _JSON_FEATURES)}")
    for number, entry in enumerate(need(content, "classifications", list, where=str(file))):
        where = f"{file}, classification {number}"
        drawn = {
            feature: _marks(need(entry, key, list, where=where), feature, f"{where}: {key!r}")
            for key, feature in _JSON_FEATURES[name].items()
        }
        yield _Look(
            mangaid,
            str(need(entry, "classification_id", int, where=where)),
            need(entry, "created_at", str, where=where),
            "",
            shape,
            drawn,
        )


def _fits_looks(file: Path) -> Iterator[_Look]:
    with gz3d_fits.opened(file) as hdus:
        mangaid, shape = gz3d_fits.mangaid(hdus, file), gz3d_fits.image_shape(hdus, file)
        for number, columns in _TABLES.items():
            table = gz3d_fits.table(
                hdus, number, ("classification_id", "time_stamp", *columns), file
            )
            for row in range(len(table)):
                where = f"{file}, HDU {number}, row {row}"
                yield _Look(
                    mangaid,
                    str(int(table["classification_id"][row])),
                    str(table["time_stamp"][row]).strip(),
                    file.name,
                    shape,
                    {
                        feature: _cell(table[column][row], feature, f"{where}: {column!r}")
                        for column, feature in columns.items()
                    },
                )


def _cell(text: str, feature: str, where: str) -> list[Floats]:
    try:
        content = parse_json(text)
    except ValueError as error:
        raise FormatError(
            f"{where} is not whole JSON ({error}); the cell was cut short: fetch the file again"
        ) from error
    return _marks(content, feature, where)


def _marks(content: Any, feature: str, where: str) -> list[Floats]:
    if not isinstance(content, list):
        raise FormatError(f"{where} must be a list, got {brief(content)}")
    if feature in _POINTS:
        return list(as_points(content, where=where))
    return [as_points(path, where=f"{where}, path {n}") for n, path in enumerate(content)]
