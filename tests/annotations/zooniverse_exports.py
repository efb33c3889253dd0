"""Small Zooniverse exports for tests."""

import csv
import json

HEADER = [
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
]

SQUARE = {
    "toolIndex": 0,
    "frame": 0,
    "pathX": [10, 30, 30, 10],
    "pathY": [10, 10, 30, 30],
    "details": [],
}


def row(number, *annotations, **changed):
    """One classification of subject 7 by ann, on a picture of 100 x 80."""
    metadata = {
        "subject_dimensions": [{"naturalWidth": 100, "naturalHeight": 80, "clientWidth": 500}]
    }
    cells = {
        "classification_id": number,
        "user_name": "ann",
        "user_ip": "c0ffee",
        "workflow_id": 1,
        "workflow_version": "13.19",
        "created_at": f"2024-05-01 {number // 60:02d}:{number % 60:02d}:00 UTC",
        "metadata": metadata,
        "annotations": list(annotations),
        "subject_data": {"7": {"retired": None, "objid": "J1", "#file": "J1.fits"}},
        "subject_ids": 7,
    } | changed
    return [_cell(cells.get(name, "")) for name in HEADER]


def answer(*marks, task="T0"):
    return {"task": task, "task_label": f"Draw {task}", "value": list(marks)}


def write_export(path, rows, header=HEADER):
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerow(header)
        writer.writerows(rows)
    return path


def _cell(value):
    return json.dumps(value) if isinstance(value, dict | list) else value
