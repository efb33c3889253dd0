"""Classification exports of Zooniverse projects.

A volunteer's classification asks about the features of every mapped task that it holds, also
where nothing was drawn. The mapping is a `ZooniverseMapping`; `suggest_mapping` writes a first
one for an export.
"""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from galseg.annotations.build import AnnotationBuilder
from galseg.annotations.mapping import ZooniverseMapping, ZooniverseTool
from galseg.annotations.records import AnnotationSet
from galseg.annotations.zooniverse_export import COLUMNS, ExportRow, Size, read_rows
from galseg.annotations.zooniverse_marks import BadDrawing, Drawing, Picture, drawing_of
from galseg.annotations.zooniverse_suggest import suggest_mapping
from galseg.errors import ConfigError, FormatError, nearest_name

__all__ = ["read_zooniverse", "recognise"]

logger = logging.getLogger(__name__)

_KINDS = {
    "stroke": "a stroke",
    "segment": "a straight line",
    "outline": "an outline",
    "point": "a point",
}
_MEANT_AS = {
    "line": ("stroke", "segment"),
    "point": ("point",),
    "area": ("stroke", "outline"),
}


def recognise(path: str | os.PathLike[str], head: bytes) -> bool:
    """Return whether a file that starts with `head` is a Zooniverse classification export."""
    first_line = head.split(b"\n", 1)[0]
    return all(name.encode() in first_line for name in COLUMNS)


def read_zooniverse(
    path: str | os.PathLike[str],
    *,
    mapping: ZooniverseMapping | str | os.PathLike[str] | None = None,
) -> AnnotationSet:
    """Read a Zooniverse classification export.

    The file is streamed: memory holds the vertices that were drawn, not the file. A volunteer
    who classified a subject several times counts once, with the latest; volunteers who were not
    logged in are told apart by their hashed name. Tasks and classifications that were left out
    are counted in a log message; marks of tools that the mapping does not name are in the table
    of rejects.

    Parameters
    ----------
    path : path-like
        The CSV file.
    mapping : ZooniverseMapping or path-like
        Which task and tool means which feature, or the YAML file that says so.

    Returns
    -------
    AnnotationSet

    Raises
    ------
    ConfigError
        If no mapping is given (the message holds a first one for this export), or it does not
        fit the export.
    FormatError
        If the file is no such export, or is damaged; the message has the line and the column.
    MissingInputError
        If the file is not there.
    """
    if mapping is None:
        raise ConfigError(
            f"{path} does not say which drawing tool means which feature; "
            f"save this as YAML, edit it and give it as mapping:\n\n{suggest_mapping(path)}"
        )
    if not isinstance(mapping, ZooniverseMapping):
        mapping = ZooniverseMapping.from_yaml(mapping)
    reader = _Reader(mapping)
    for row in read_rows(path):
        reader.take(row)
    return reader.finish(path)


class _Reader:
    """Files the rows of an export under a mapping."""

    def __init__(self, mapping: ZooniverseMapping) -> None:
        self._mapping = mapping
        self._builder = AnnotationBuilder(mapping.limits)
        self._workflows: set[str] = set()
        self._picture_sizes: dict[tuple[str, int], Size] = {}
        self._waiting: list[ExportRow] = []  # for somebody else's browser to tell the size
        self._left_out: Counter[str] = Counter()
        self._n_kept = 0

    def take(self, row: ExportRow) -> None:
        if not self._is_wanted(row):
            return
        for frame, size in enumerate(row.picture_sizes):
            if size is not None:
                self._picture_sizes.setdefault((row.subject_id, frame), size)
        for annotation in row.annotations:
            if annotation.task not in (*self._mapping.tasks, *self._mapping.ignore):
                self._left_out[f"answers to task {annotation.task}, not in the mapping"] += 1
        if not self._classify(row):
            self._waiting.append(row)

    def finish(self, path: str | os.PathLike[str]) -> AnnotationSet:
        for row in self._waiting:
            if not self._classify(row):
                self._left_out["classifications of pictures whose size no browser reported"] += 1
        for what, count in sorted(self._left_out.items()):
            logger.warning("%s: left out %d %s", path, count, what)
        if not self._n_kept:
            reasons = "".join(f"; {n} {what}" for what, n in sorted(self._left_out.items()))
            raise ConfigError(
                f"{path}: no classification holds a task of the mapping, "
                f"{sorted(self._mapping.tasks)}{reasons}"
            )
        return self._builder.build()

    def _is_wanted(self, row: ExportRow) -> bool:
        wanted = self._mapping.workflow_id
        if wanted is not None and row.workflow_id != wanted:
            self._left_out[f"classifications of workflow {row.workflow_id}"] += 1
            return False
        oldest = self._mapping.min_workflow_version
        if oldest is not None and _version(row.workflow_version) < _version(oldest):
            self._left_out[f"classifications of workflow versions before {oldest}"] += 1
            return False
        self._workflows.add(row.workflow_id)
        if len(self._workflows) > 1:
            raise ConfigError(
                f"{row.where}: the export holds several workflows, {sorted(self._workflows)}, "
                "whose tasks mean different things; choose one with workflow_id in the mapping"
            )
        return True

    def _classify(self, row: ExportRow) -> bool:
        """Take in a row; False if the size of its picture is not known yet."""
        features = self._mapping.asked(annotation.task for annotation in row.annotations)
        if not features:
            self._left_out["classifications that hold no task of the mapping"] += 1
            return True
        size = self._size(row, self._mapping.frames[0])
        if size is None:
            return False
        width, height = self._mapping.image_size or size
        try:
            self._builder.classify(
                subject_id=row.subject_id,
                annotator_id=row.annotator_id,
                classification_id=row.classification_id,
                features=features,
                width=width,
                height=height,
                created_at=row.created_at,
            )
        except FormatError as error:
            raise FormatError(f"{row.where}: {error}") from error
        self._builder.subject(
            subject_id=row.subject_id,
            galaxy_id=_metadata(row, self._mapping.galaxy_id_key, row.subject_id),
            image=_metadata(row, self._mapping.image_key, ""),
        )
        self._n_kept += 1
        for task, mark in self._marks(row):
            self._draw(row, task, mark, (width, height))
        return True

    def _size(self, row: ExportRow, frame: int) -> Size | None:
        own = row.picture_sizes[frame] if frame < len(row.picture_sizes) else None
        return own or self._picture_sizes.get((row.subject_id, frame))

    def _marks(self, row: ExportRow) -> Iterator[tuple[str, object]]:
        for annotation in row.annotations:
            if annotation.task in self._mapping.tasks:
                if not isinstance(annotation.value, list | None):
                    raise ConfigError(
                        f"{row.where}: task {annotation.task} is mapped but is no drawing task, "
                        f"its answer is {str(annotation.value)[:60]!r}"
                    )
                yield from ((annotation.task, mark) for mark in annotation.value or ())
            elif annotation.task not in self._mapping.ignore:
                yield from ((annotation.task, mark) for mark in annotation.marks)

    def _draw(self, row: ExportRow, task: str, mark: object, image_size: Size) -> None:
        feature = ""
        try:
            number, fields = _tool_number(mark)
            tool = self._tool(task, number, fields)
            if tool is None:
                return
            feature = tool.feature
            drawing = drawing_of(fields, bezier=tool.bezier)
            xy = self._picture(row, fields, image_size).to_image(drawing.xy)
        except BadDrawing as reason:
            self._builder.reject(
                classification_id=row.classification_id, feature=feature, reason=str(reason)
            )
            return
        where = f"{row.where}: task {task} tool {number}"
        self._file(where, row.classification_id, tool, drawing._replace(xy=xy))

    def _tool(self, task: str, number: int, mark: Mapping[str, Any]) -> ZooniverseTool | None:
        tools = self._mapping.tasks.get(task, {})
        if number not in tools:
            label = f" ({mark['tool_label']!r})" if mark.get("tool_label") else ""
            raise BadDrawing(f"tool {number}{label} of task {task} is not in the mapping")
        return tools[number]

    def _picture(self, row: ExportRow, mark: Mapping[str, Any], image_size: Size) -> Picture:
        frame = mark.get("frame") or 0
        if not isinstance(frame, int) or frame not in self._mapping.frames:
            raise BadDrawing(f"on frame {frame}, which is not in the mapping's frames")
        size = self._size(row, frame)
        if size is None:
            raise BadDrawing(f"on frame {frame}, whose size no browser reported")
        return Picture(size, image_size, self._mapping.flip_y, self._mapping.pixel_origin)

    def _file(self, where: str, classification_id: str, tool: ZooniverseTool, d: Drawing) -> None:
        if d.kind not in _MEANT_AS[tool.draws]:
            raise ConfigError(
                f"{where} draws {_KINDS[d.kind]}, which cannot be the {tool.draws} that the "
                "mapping says; a tool for lines has a width_pix, one for points a radius_pix, "
                "one for areas neither"
            )
        mark = {"classification_id": classification_id, "feature": tool.feature}
        if tool.width_pix is not None:
            self._builder.line(**mark, xy=d.xy, width_pix=tool.width_pix)
        elif tool.radius_pix is not None:
            self._builder.point(**mark, xy=d.xy[0], radius_pix=tool.radius_pix)
        else:
            self._builder.area(**mark, xy=d.xy)


def _tool_number(mark: object) -> tuple[int, Mapping[str, Any]]:
    if isinstance(mark, dict):
        number = mark.get("toolIndex", mark.get("tool"))
        if isinstance(number, int):
            return number, mark
    raise BadDrawing(f"not a drawing: {str(mark)[:60]!r} names no tool")


def _metadata(row: ExportRow, key: str | None, default: str) -> str:
    """Return a subject's metadata; keys that Zooniverse hides start with ``#``, ``!`` or ``//``."""
    if key is None:
        return default
    for name in (key, f"#{key}", f"!{key}", f"//{key}"):
        if row.subject_metadata.get(name) not in (None, ""):
            return str(row.subject_metadata[name])
    raise FormatError(
        f"{row.where}: the metadata of subject {row.subject_id} lack {key!r}; "
        f"{nearest_name(key, row.subject_metadata)}"
    )


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".") if part.isdecimal())
