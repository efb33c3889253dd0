"""A first mapping for a Zooniverse export, to be edited."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field

from galseg.annotations.zooniverse_export import Annotation, read_rows
from galseg.errors import FormatError
from galseg.features import FEATURES

__all__ = ["suggest_mapping"]


@dataclass
class _Task:
    label: str = ""
    n_answers: int = 0
    marks: Counter[tuple[int, str]] = field(default_factory=Counter)

    def add(self, annotation: Annotation) -> None:
        self.label = self.label or annotation.label
        self.n_answers += 1
        for mark in annotation.marks:
            number = mark.get("toolIndex", mark.get("tool"))
            named = (mark.get("toolType"), mark.get("tool_label"))
            if isinstance(number, int):
                self.marks[number, " ".join(str(name) for name in named if name)] += 1


def suggest_mapping(path: str | os.PathLike[str]) -> str:
    """Write a mapping that names every task and tool of an export, ready to be edited.

    Parameters
    ----------
    path : path-like
        A Zooniverse classification export.

    Returns
    -------
    str
        YAML for `ZooniverseMapping.from_yaml`; every tool is ``ignore`` until it is given a
        feature.

    Raises
    ------
    FormatError
        If the file is no such export, or holds nothing.
    """
    workflows: Counter[str] = Counter()
    tasks: dict[str, dict[str, _Task]] = {}
    keys: dict[str, None] = {}
    for row in read_rows(path):
        workflows[row.workflow_id] += 1
        for annotation in row.annotations:
            of_workflow = tasks.setdefault(row.workflow_id, {})
            of_workflow.setdefault(annotation.task, _Task()).add(annotation)
        keys.update(dict.fromkeys(row.subject_metadata))
    if not workflows:
        raise FormatError(f"{path}: a header and no classification")
    (main, n_classifications), *others = workflows.most_common()
    return "\n".join(
        [
            f"# {n_classifications} classifications of workflow {main}.",
            *(f"# Workflow {name}: {count} more." for name, count in others),
            *([f'workflow_id: "{main}"'] if main else []),
            *_task_lines(tasks.get(main, {})),
            f"# galaxy_id_key: one of {', '.join(keys) or 'none, subjects have no metadata'}",
            "# image_key: one of these too",
            "# image_size: [width, height] of the image to measure, if not of the picture shown",
            "# flip_y: true if row 0 of that image is at the bottom of the picture, as in FITS",
            "",
        ]
    )


def _task_lines(tasks: dict[str, _Task]) -> list[str]:
    drawn = {name: task for name, task in sorted(tasks.items()) if task.marks}
    others = {name: task for name, task in sorted(tasks.items()) if not task.marks}
    lines = [
        "# In place of 'ignore', say what each tool draws. Areas have just a feature:",
        f"# {', '.join(FEATURES)}, or your own, named in extra_features: [...].",
        "# Lines have a width and points a radius, in pixels of the image:",
        "# {feature: spiral_arm, width_pix: 8} and {feature: centre, radius_pix: 2}.",
        "tasks:",
    ]
    for name, task in drawn.items():
        lines.append(f"  {name}:  # {_one_line(task.label)} ({task.n_answers} answers)")
        for number in sorted({number for number, _ in task.marks}):
            kinds = [
                f"{_one_line(kind)}: {count} marks"
                for (n, kind), count in task.marks.items()
                if n == number
            ]
            lines.append(f"    {number}: ignore  # {'; '.join(kinds)}")
    for name, task in others.items():
        lines.append(
            f"# {name} has no drawings: {_one_line(task.label)} ({task.n_answers} answers)"
        )
    if others:
        lines.append(f"ignore: [{', '.join(others)}]")
    return lines


def _one_line(text: str) -> str:
    return " ".join(text.split())[:60]
