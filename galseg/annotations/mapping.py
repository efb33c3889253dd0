"""Which task and tool of a Zooniverse project means which feature."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args

from galseg.annotations.validate import MarkLimits
from galseg.errors import ConfigError, FeatureError, GalsegError, MissingInputError, nearest_name
from galseg.features import check_custom_feature, check_features
from galseg.parsing import brief, parse_yaml

__all__ = ["ZooniverseMapping", "ZooniverseTool"]

_IGNORE = "ignore"

_VERSION = re.compile(r"\d+(\.\d+)?")

PixelOrigin = Literal["edge", "centre"]


@dataclass(frozen=True, kw_only=True)
class ZooniverseTool:
    """What the drawings of one tool mean.

    A tool with neither width nor radius draws areas: its strokes are closed.

    Attributes
    ----------
    feature : str
        What it outlines.
    width_pix : float, optional
        Its strokes are lines of this width in pixels of the image.
    radius_pix : float, optional
        Its points stand for discs of this radius in pixels of the image.
    bezier : bool
        Its points alternate between anchors and controls of quadratic Bezier curves. The older
        front end does not say so in the export.

    Raises
    ------
    ConfigError
        If a width or radius is not positive, or both are given.
    """

    feature: str
    width_pix: float | None = None
    radius_pix: float | None = None
    bezier: bool = False

    def __post_init__(self) -> None:
        for name in ("width_pix", "radius_pix"):
            value = getattr(self, name)
            if value is not None and not (_is_number(value) and value > 0):
                raise ConfigError(f"{name} must be a positive number of pixels, got {value!r}")
        if self.width_pix is not None and self.radius_pix is not None:
            raise ConfigError("a tool draws lines (width_pix) or points (radius_pix), not both")

    @property
    def draws(self) -> Literal["line", "point", "area"]:
        """What its drawings are meant as."""
        if self.width_pix is not None:
            return "line"
        return "point" if self.radius_pix is not None else "area"


@dataclass(frozen=True, kw_only=True)
class ZooniverseMapping:
    """How to read the classification export of a Zooniverse project.

    Attributes
    ----------
    tasks : mapping of str to mapping of int to ZooniverseTool or None
        For every drawing task (``T0``), what each of its tools means, counted from 0; None (in
        YAML: ``ignore``) leaves the tool's marks out without a word. Marks of tools that are
        not named go to the table of rejects. A volunteer whose classification holds the task
        was asked about all of its features.
    ignore : tuple of str
        Tasks left out without a word; others that are not named are reported.
    workflow_id : str, optional
        The workflow to read; needed if the export holds several.
    min_workflow_version : str, optional
        Leave out classifications made with earlier versions, for example ``"13.19"``.
    frames : tuple of int
        The frames of a subject whose marks count, all showing the same field of view.
    galaxy_id_key, image_key : str, optional
        The subject's metadata that hold the galaxy's name and its image's file name. A galaxy
        is called by its subject's number if no key is given.
    image_size : tuple of int, optional
        Width and height of the image to measure, to which the drawings are scaled. By default
        the size of the picture that was shown, ``naturalWidth`` and ``naturalHeight`` of the
        export's ``subject_dimensions``.
    flip_y : bool
        Whether row 0 of the image is at the bottom of the picture that was shown, as when a
        FITS image is saved the way viewers display it.
    pixel_origin : {"edge", "centre"}
        Where the drawings' (0, 0) lies on the first pixel of the picture. Both Zooniverse
        front ends draw in an SVG whose (0, 0) is the outer corner of the first pixel
        ("edge"); its centre is then at (0.5, 0.5).
    extra_features : tuple of str
        Features of the project's own, beside those in `galseg.features.FEATURES`.
    limits : MarkLimits
        What a drawing must keep to.

    Raises
    ------
    ConfigError
        If a value cannot be used.
    FeatureError
        If a feature is unknown.

    Examples
    --------
    A project of galaxies, as YAML:

    >>> import yaml
    >>> text = '''
    ... workflow_id: 12345
    ... galaxy_id_key: objid
    ... image_key: filename
    ... image_size: [256, 256]
    ... flip_y: true
    ... tasks:
    ...   T0:
    ...     0: bar                                    # freehand outlines
    ...     1: {feature: spiral_arm, width_pix: 8}    # freehand lines along the ridge
    ...   T1:
    ...     0: tidal
    ...     1: {feature: centre, radius_pix: 2}       # points
    ...     2: ignore
    ... ignore: [T2]
    ... '''
    >>> mapping = ZooniverseMapping.from_dict(yaml.safe_load(text))
    >>> mapping.tasks["T0"][1].width_pix
    8
    >>> mapping.asked(["T0"])
    ('bar', 'spiral_arm')
    """

    tasks: Mapping[str, Mapping[int, ZooniverseTool | None]]
    ignore: tuple[str, ...] = ()
    workflow_id: str | None = None
    min_workflow_version: str | None = None
    frames: tuple[int, ...] = (0,)
    galaxy_id_key: str | None = None
    image_key: str | None = None
    image_size: tuple[int, int] | None = None
    flip_y: bool = False
    pixel_origin: PixelOrigin = "edge"
    extra_features: tuple[str, ...] = ()
    limits: MarkLimits = field(default_factory=MarkLimits)

    def __post_init__(self) -> None:
        for name in self.extra_features:
            check_custom_feature(name)
        features = self.asked(self.tasks)
        if not features:
            raise ConfigError("tasks must map at least one tool to a feature")
        check_features(features, also=self.extra_features)
        if both := sorted(set(self.tasks) & set(self.ignore)):
            raise ConfigError(f"{both} stand in both tasks and ignore")
        for name, ok, needed in (
            ("image_size", _is_size(self.image_size), "two positive integers, [width, height]"),
            ("frames", _are_counts(self.frames), "a list of numbers from 0"),
            ("flip_y", isinstance(self.flip_y, bool), "true or false"),
            ("pixel_origin", self.pixel_origin in get_args(PixelOrigin), "'edge' or 'centre'"),
            (
                "min_workflow_version",
                _VERSION.fullmatch(str(self.min_workflow_version or "0")),
                "two numbers with a dot, such as '13.19'",
            ),
        ):
            if not ok:
                raise ConfigError(f"{name} must be {needed}, got {getattr(self, name)!r}")

    @classmethod
    def from_yaml(cls, path: str | os.PathLike[str]) -> ZooniverseMapping:
        """Read a mapping from a YAML file.

        Raises
        ------
        MissingInputError
            If the file is not there.
        ConfigError
            If it is not YAML, or a key or value in it is not understood.
        """
        try:
            content = parse_yaml(Path(path).read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise MissingInputError(f"no mapping file {path}") from error
        except ValueError as error:
            raise ConfigError(f"{path} is not YAML: {error}") from error
        try:
            return cls.from_dict(content)
        except GalsegError as error:
            raise type(error)(f"{path}: {error}") from error

    @classmethod
    def from_dict(cls, content: Any) -> ZooniverseMapping:
        """Make a mapping from plain dicts and lists; `from_yaml` says what may be wrong."""
        given = _known_keys(content, cls, "the mapping")
        if "tasks" not in given:
            raise ConfigError("the mapping lacks 'tasks', which say what each tool means")
        tasks = _keys(given["tasks"], "tasks")
        given["tasks"] = {str(task): _tools(task, tools) for task, tools in tasks.items()}
        for name in ("ignore", "frames", "extra_features", "image_size"):
            if name in given and given[name] is not None:
                given[name] = _list(given[name], name)
        if given.get("workflow_id") is not None:
            given["workflow_id"] = str(given["workflow_id"])
        version = given.get("min_workflow_version")
        if version is not None and not isinstance(version, str):
            raise ConfigError(
                f"min_workflow_version must be quoted, '{version}': as a number, 13.10 is 13.1"
            )
        if "limits" in given:
            given["limits"] = MarkLimits(**_known_keys(given["limits"], MarkLimits, "limits"))
        return cls(**given)

    def asked(self, tasks: Iterable[str]) -> tuple[str, ...]:
        """Return the features that these tasks ask about."""
        return tuple(
            dict.fromkeys(
                tool.feature
                for task in tasks
                for tool in self.tasks.get(task, {}).values()
                if tool is not None
            )
        )


def _tools(task: object, content: Any) -> dict[int, ZooniverseTool | None]:
    tools = _keys(content, f"task {task}")
    if not all(str(number).isdecimal() for number in tools):
        raise ConfigError(f"task {task} must number its tools 0, 1, ..., got {list(tools)}")
    return {int(number): _tool(f"task {task} tool {number}", c) for number, c in tools.items()}


def _tool(where: str, content: Any) -> ZooniverseTool | None:
    if content == _IGNORE:
        return None
    if isinstance(content, str):
        return ZooniverseTool(feature=content)
    given = _known_keys(content, ZooniverseTool, where)
    if "feature" not in given:
        raise ConfigError(f"{where} lacks 'feature'")
    try:
        return ZooniverseTool(**given)
    except (ConfigError, FeatureError) as error:
        raise type(error)(f"{where}: {error}") from error


def _keys(content: Any, where: str) -> dict[Any, Any]:
    if not isinstance(content, dict):
        raise ConfigError(f"{where} must be written as 'key: value' lines, got {brief(content)}")
    return dict(content)


def _known_keys(content: Any, kind: type, where: str) -> dict[str, Any]:
    """Return the keys of a dict that fills the fields of a dataclass."""
    given, known = _keys(content, where), [f.name for f in fields(kind)]
    for key in given:
        if key not in known:
            raise ConfigError(
                f"{where} has an unknown key {key!r}; {nearest_name(str(key), known)}"
            )
    return given


def _list(content: Any, name: str) -> tuple[Any, ...]:
    if not isinstance(content, list | tuple):
        raise ConfigError(f"{name} must be a list, got {brief(content)}")
    return tuple(content)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _are_counts(values: Sequence[object], *, least: int = 0) -> bool:
    whole = all(isinstance(n, int) and not isinstance(n, bool) and n >= least for n in values)
    return len(values) > 0 and whole


def _is_size(value: Sequence[object] | None) -> bool:
    return value is None or (len(value) == 2 and _are_counts(value, least=1))
