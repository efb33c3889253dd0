"""Galaxy Builder: discs, bulges, bars and spiral arms fitted by volunteers to SDSS galaxies.

A record holds effective radii, not outlines. A bar's box is taken as 6 of them long, inferred from
bars with published lengths. A bulge's ellipse is taken to end at 3, a disc's at 1.5: the project's
own code took a third of the drawn half axis as effective radius and doubled it for discs.

References
----------
Lingard, T. K. et al. (2020), "Galaxy Zoo Builder", doi:10.3847/1538-4357/ab9d83.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import Polygon

from galseg.annotations.build import AnnotationBuilder
from galseg.annotations.files import as_points, need, peek, read_json
from galseg.annotations.looks import picture_shape
from galseg.annotations.records import AnnotationSet
from galseg.annotations.validate import MarkLimits
from galseg.errors import FormatError

__all__ = ["read_galaxy_builder", "recognise"]

_HALF_LENGTH_RE = {"bar": 3.0, "bulge": 3.0, "disk": 1.5}
_BOX = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
_CIRCLE = np.array([[np.cos(t), np.sin(t)] for t in np.linspace(0, 2 * np.pi, 64, endpoint=False)])
_FAR = 1e9  # no coordinate in pixels; NaN is not below it either
_OUTLINES = {"bar": _BOX, "bulge": _CIRCLE, "disk": _CIRCLE}
_NAMES = {"disk": "disc", "bulge": "bulge", "bar": "bar"}
_FEATURES = ("bar", "spiral_arm", "disc", "bulge")


@dataclass(frozen=True)
class _Limits:
    max_bar_length: float
    arm_width: float
    min_arm_width_pix: float
    min_arm_points: int


def recognise(path: str | os.PathLike[str], head: bytes) -> bool:
    """Whether a file looks like Galaxy Builder drawings."""
    start = b"" if Path(path).is_dir() else peek(path, head, (".json", ".json.gz"))
    return b'"nsa_id"' in start and b'"classifications"' in start


def read_galaxy_builder(
    path: str | os.PathLike[str],
    *,
    max_bar_length: float = 0.6,
    arm_width: float = 0.04,
    min_arm_width_pix: float = 2.0,
    max_jump: float = 0.3,
    min_arm_points: int = 4,
) -> AnnotationSet:
    """Read Galaxy Builder drawings.

    Lengths are shares of the longer side of the image, except in ``_pix``. The defaults are those
    with which the agreement of two crowds was measured on these drawings.

    Parameters
    ----------
    path : path-like
        JSON, gzipped or not: one record a subject.
    max_bar_length : float, optional
        Longer boxes are rejected.
    arm_width, min_arm_width_pix : float, optional
        Width of an arm's line, and the least it may be.
    max_jump : float, optional
        Arm lines with a longer step between two points are rejected.
    min_arm_points : int, optional
        Arm lines of fewer points are rejected.

    Returns
    -------
    AnnotationSet
        Every classification was asked for ``bar, spiral_arm, disc, bulge``. Subjects of one
        galaxy share its NSA number as `galaxy_id`. There are no user names: a classification
        counts as a volunteer.

    Raises
    ------
    MissingInputError
        If there is no such file.
    FormatError
        If the file is damaged; names the subject and classification.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp(), "drawings.json")
    >>> _ = file.write_text('''[{
    ...     "subject_id": 20901989, "nsa_id": 485056, "width": 68, "height": 68,
    ...     "classifications": [{"classification_id": 103302331, "spirals": [],
    ...         "bar": {"x": 34.9, "y": 35.6, "Re": 5.0, "q": 0.25, "angle_deg": 4.4}}]}]''')
    >>> bar = read_galaxy_builder(file).marks["geometry"].item()
    >>> round(bar.area, 6)  # 30 px long, a quarter as wide
    225.0
    """
    file = Path(path)
    records = read_json(file)
    if not isinstance(records, list):
        raise FormatError(f"{file} must hold a list of subjects, got {type(records).__name__}")
    limits = _Limits(max_bar_length, arm_width, min_arm_width_pix, min_arm_points)
    builder = AnnotationBuilder(MarkLimits(max_jump=max_jump, jump_ratio=0))
    for number, record in enumerate(records):
        _add_subject(builder, record, limits, where=f"{file}, subject {number}")
    return builder.build()


def _add_subject(builder: AnnotationBuilder, record: Any, limits: _Limits, *, where: str) -> None:
    subject_id = str(need(record, "subject_id", int, where=where))
    nsa_id = str(need(record, "nsa_id", int, where=where))
    height, width = picture_shape(record, where=where)
    builder.subject(subject_id=subject_id, galaxy_id=nsa_id, image=f"{nsa_id}.fits")
    for number, entry in enumerate(need(record, "classifications", list, where=where)):
        here = f"{where}, classification {number}"
        classification_id = str(need(entry, "classification_id", int, where=here))
        builder.classify(
            subject_id=subject_id,
            annotator_id=classification_id,
            classification_id=classification_id,
            features=_FEATURES,
            width=width,
            height=height,
        )
        _add_components(builder, entry, classification_id, max(width, height), limits, here)
        _add_arms(builder, entry, classification_id, max(width, height), limits, here)


def _add_components(
    builder: AnnotationBuilder,
    entry: Mapping[str, Any],
    classification_id: str,
    side: int,
    limits: _Limits,
    where: str,
) -> None:
    for name, feature in _NAMES.items():
        if name not in entry:
            continue
        values = need(entry, name, dict, where=where)
        geometry = _component(name, values, where=f"{where}, {name!r}")
        length = 2 * _HALF_LENGTH_RE["bar"] * values["Re"] / side
        if name == "bar" and length > limits.max_bar_length:
            builder.reject(
                classification_id=classification_id,
                feature=feature,
                geometry=geometry,
                reason=f"bar of {length:.2f} image sides, longer than {limits.max_bar_length:g}",
            )
        else:
            builder.shape(classification_id=classification_id, feature=feature, geometry=geometry)


def _component(name: str, values: Mapping[str, Any], *, where: str) -> Polygon:
    numbers: list[Any] = [values.get(key) for key in ("x", "y", "Re", "q", "angle_deg")]
    if not all(isinstance(n, int | float) and abs(n) < _FAR for n in numbers):
        raise FormatError(f"{where} must have finite x, y, Re, q and angle_deg, got {values}")
    x, y, radius, ratio, angle_deg = numbers
    if radius < 0 or ratio < 0:
        raise FormatError(f"{where}: Re and q must not be negative, got {values}")
    angle = np.radians(angle_deg)
    major = np.array([np.cos(angle), np.sin(angle)]) * _HALF_LENGTH_RE[name] * radius
    minor = np.array([-major[1], major[0]]) * ratio
    return Polygon(_OUTLINES[name] @ np.array([major, minor]) + (x, y))


def _add_arms(
    builder: AnnotationBuilder,
    entry: Mapping[str, Any],
    classification_id: str,
    side: int,
    limits: _Limits,
    where: str,
) -> None:
    for number, line in enumerate(need(entry, "spirals", list, where=where)):
        xy = as_points(line, where=f"{where}, spiral {number}")
        if len(xy) < limits.min_arm_points:
            builder.reject(
                classification_id=classification_id,
                feature="spiral_arm",
                geometry=shapely.MultiPoint(xy),
                reason=f"too few points: {len(xy)}, an arm needs {limits.min_arm_points}",
            )
            continue
        builder.line(
            classification_id=classification_id,
            feature="spiral_arm",
            xy=xy,
            width_pix=max(limits.arm_width * side, limits.min_arm_width_pix),
        )
