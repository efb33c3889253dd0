"""Simulated drawings as a Zooniverse classification export, and the mapping that reads it."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from galseg.dataset.simulate.crowd import SimulatedClassification
from galseg.dataset.simulate.volunteers import Stroke

__all__ = ["mapping_yaml", "write_zooniverse"]

_COLUMNS = (
    "classification_id",
    "user_name",
    "user_id",
    "user_ip",
    "workflow_id",
    "workflow_name",
    "workflow_version",
    "created_at",
    "gold_standard",
    "expert",
    "metadata",
    "annotations",
    "subject_data",
    "subject_ids",
)
_TASKS: dict[str, tuple[str, tuple[str, ...]]] = {
    "T0": ("Draw round the bar and round every spiral arm.", ("bar", "spiral_arm")),
    "T1": ("Draw round every tidal tail, stream and shell.", ("tidal",)),
}
_QUESTION = {"task": "T2", "task_label": "Is there a star in front?", "value": "No"}
_WORKFLOW = "27000"
_FIRST_SUBJECT = 90_000_001
_ZOOM = 2  # pixels of the picture per pixel of the image
_CSV_DECIMALS = 1  # enough for strokes on a grid of 1/20 pixel


def write_zooniverse(path: Path, classifications: Sequence[SimulatedClassification]) -> None:
    """Write classifications as Zooniverse exports them.

    The volunteers saw pictures twice the size of the images, row 0 at the bottom. Every fifth
    used the older front end, with marks of ``points`` and ``tool`` in place of ``pathX``,
    ``pathY`` and ``toolIndex``.

    Parameters
    ----------
    path : pathlib.Path
        The CSV file to make.
    classifications : sequence of SimulatedClassification
        That ask about ``"bar"``, ``"spiral_arm"`` and ``"tidal"``.
    """
    subjects = _numbered((one.subject_id for one in classifications), _FIRST_SUBJECT)
    people = _numbered((one.annotator_id for one in classifications), 1)
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, _COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        for one in classifications:
            person = people[one.annotator_id]
            writer.writerow(_row(one, subjects[one.subject_id], person, older=person % 5 == 0))


def mapping_yaml(shape: tuple[int, int]) -> str:
    """Return the YAML mapping that reads such an export of images of one shape."""
    tools = "\n".join(
        f"  {task}:\n" + "\n".join(f"    {k}: {feature}" for k, feature in enumerate(features))
        for task, (_, features) in _TASKS.items()
    )
    ny, nx = shape
    return f"""\
# Which task and tool of the project's workflow drew which feature.
workflow_id: "{_WORKFLOW}"
galaxy_id_key: galaxy_id
image_key: filename
image_size: [{nx}, {ny}]  # of the FITS images; the pictures shown were {_ZOOM} times as large
flip_y: true  # row 0 of the FITS images was at the bottom of the pictures
tasks:
{tools}
ignore: [{_QUESTION["task"]}]  # a question, not a drawing
"""


def _numbered(names: Iterable[str], first: int) -> dict[str, int]:
    return {name: first + k for k, name in enumerate(dict.fromkeys(names))}


def _row(
    one: SimulatedClassification, subject: int, person: int, *, older: bool
) -> dict[str, object]:
    anonymous = one.annotator_id.startswith("not-logged-in-")
    metadata = {"filename": f"{one.subject_id}.fits", "galaxy_id": one.subject_id}
    return {
        "classification_id": one.classification_id,
        "user_name": one.annotator_id,
        "user_id": "" if anonymous else 1_000_000 + person,
        "user_ip": one.annotator_id.removeprefix("not-logged-in-") if anonymous else "",
        "workflow_id": _WORKFLOW,
        "workflow_name": "Draw on galaxies",
        "workflow_version": "12.34",
        "created_at": f"{one.created_at:%Y-%m-%d %H:%M:%S} UTC",
        "metadata": _json(_metadata(one, older=older)),
        "annotations": _json(_answers(one, older=older)),
        "subject_data": _json({subject: {"retired": None, **metadata}}),
        "subject_ids": subject,
    }


def _metadata(one: SimulatedClassification, *, older: bool) -> dict[str, Any]:
    ny, nx = one.shape
    picture = {
        "clientWidth": 1.5 * _ZOOM * nx,
        "clientHeight": 1.5 * _ZOOM * ny,
        "naturalWidth": _ZOOM * nx,
        "naturalHeight": _ZOOM * ny,
    }
    return {
        "started_at": f"{one.created_at - timedelta(seconds=31):%Y-%m-%dT%H:%M:%S.000Z}",
        "finished_at": f"{one.created_at:%Y-%m-%dT%H:%M:%S.000Z}",
        "classifier_version": "1.0" if older else "2.0",
        "subject_dimensions": [picture],
    }


def _answers(one: SimulatedClassification, *, older: bool) -> list[dict[str, Any]]:
    ny = one.shape[0]
    answers: list[dict[str, Any]] = []
    for task, (label, features) in _TASKS.items():
        marks = [
            _mark(stroke, features.index(stroke.feature), ny, older=older)
            for stroke in one.strokes
            if stroke.feature in features
        ]
        answers.append({"task": task, "task_label": label, "value": marks})
    return [*answers, _QUESTION]


def _mark(stroke: Stroke, tool: int, ny: int, *, older: bool) -> dict[str, Any]:
    x, y = _on_picture(stroke.xy, ny).T.tolist()
    if older:
        points = [{"x": px, "y": py} for px, py in zip(x, y, strict=True)]
        return {"tool": tool, "frame": 0, "details": [], "closed": True, "points": points}
    return {
        "frame": 0,
        "toolIndex": tool,
        "toolType": "freehandLine",
        "details": [],
        "pathX": x,
        "pathY": y,
    }


def _on_picture(xy: NDArray[np.float64], ny: int) -> NDArray[np.float64]:
    """From pixel centres of the image to the picture, counted from its top left corner."""
    x, y = (xy + 0.5).T
    return np.round(_ZOOM * np.column_stack([x, ny - y]), _CSV_DECIMALS)


def _json(content: object) -> str:
    return json.dumps(content, separators=(",", ":"))
