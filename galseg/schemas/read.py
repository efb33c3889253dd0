"""Decision trees from YAML files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from galseg.errors import ConfigError, FormatError, MissingInputError, nearest_name
from galseg.parsing import brief, parse_yaml
from galseg.schemas.record import Question, Schema

__all__ = ["find_schema", "read_schemas", "shipped_schemas"]

_FOLDER = Path(__file__).parent
_SUFFIXES = (".yaml", ".yml")


def find_schema(names: Iterable[str]) -> Schema:
    """Return the decision tree of a campaign, or those of several side by side.

    Parameters
    ----------
    names : iterable of str
        Of shipped schemas, as ``"decals-dr5"``, or paths of YAML files, of which all campaigns
        are taken.

    Returns
    -------
    Schema

    Raises
    ------
    ConfigError
        If a name is unknown, or a question stands in two of the schemas.
    FormatError, MissingInputError
        If a file is not there, or no schema.

    Examples
    --------
    >>> schema = find_schema(["decals-dr5", "gz2"])
    >>> len(schema.questions), schema.columns[0], schema.columns[-1]
    (20, 'smooth-or-featured-dr5_smooth', 'spiral-arm-count-gz2_cant-tell')
    """
    if isinstance(names, str):
        raise ConfigError(f"schemas must be a list of names, got the string {names!r}")
    shipped = shipped_schemas()
    found: list[Schema] = []
    for name in names:
        if name in shipped:
            found.append(shipped[name])
        elif name.endswith(_SUFFIXES):
            found.extend(read_schemas(name).values())
        else:
            raise ConfigError(
                f"no schema {name!r}; {nearest_name(name, shipped)} "
                "Or give the path of a .yaml file with one"
            )
    return Schema.join(found)


def shipped_schemas() -> dict[str, Schema]:
    """Return the decision trees inside the package, by name.

    Examples
    --------
    >>> sorted(shipped_schemas())
    ['candels', 'decals-dr12', 'decals-dr5', 'decals-dr8', 'desi', 'gz2', 'hubble', 'rings']
    """
    return dict(_shipped())


@cache
def _shipped() -> Mapping[str, Schema]:
    found: dict[str, Schema] = {}
    for path in sorted(_FOLDER.glob("*.yaml")):
        found |= read_schemas(path)
    return found


def read_schemas(path: str | os.PathLike[str]) -> dict[str, Schema]:
    """Read a decision tree, for each campaign that asked it.

    Parameters
    ----------
    path : path-like
        YAML file with ``campaigns``, a mapping of schema names to what their columns are called
        by, and ``questions``, a mapping of questions to their ``answers`` and, where not everybody
        is asked, the answers ``after`` which they are, as ``[disk-edge-on_no]``.

    Returns
    -------
    dict of str to Schema
        By name.

    Raises
    ------
    MissingInputError
        If there is no such file.
    FormatError
        If it is no schema.
    """
    path = Path(path)
    if not path.is_file():
        raise MissingInputError(f"no schema at {path}")
    try:
        content = parse_yaml(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise FormatError(f"{path} is no YAML: {error}") from error
    try:
        tree = _entries(content, "a schema", {"campaigns", "questions"})
        campaigns = _mapping(tree["campaigns"], "campaigns")
        return {name: _schema(tree, _text(suffix, name)) for name, suffix in campaigns.items()}
    except (ConfigError, FormatError) as error:
        raise FormatError(f"{path}: {error}") from error


def _schema(tree: Mapping[str, Any], campaign: str) -> Schema:
    questions = _mapping(tree["questions"], "questions")
    names = {text: Question(text, campaign, ()).name for text in questions}
    read = []
    for text, content in questions.items():
        entry = _entries(content, text, {"answers"}, {"after"})
        answers = tuple(_text(answer, text) for answer in _list(entry["answers"], text))
        after = (_text(column, text).rpartition("_") for column in _list(entry.get("after"), text))
        columns = tuple(f"{names.get(parent, parent)}_{answer}" for parent, _, answer in after)
        read.append(Question(text, campaign, answers, columns))
    return Schema(tuple(read))


def _entries(
    content: Any, what: str, needed: set[str], allowed: Iterable[str] = ()
) -> Mapping[str, Any]:
    entries = _mapping(content, what)
    if missing := sorted(needed - set(entries)):
        raise FormatError(f"{what!r} has no {missing[0]!r}")
    known = needed | set(allowed)
    if unknown := sorted(set(entries) - known):
        raise FormatError(f"{what!r} has {unknown[0]!r}; {nearest_name(unknown[0], known)}")
    return entries


def _mapping(content: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(content, Mapping) or not content:
        raise FormatError(f"{what!r} must be a mapping with something in it, got {brief(content)}")
    for name in content:
        _text(name, what)
    return content


def _list(content: Any, question: str) -> list[Any]:
    if content is None:
        return []
    if not isinstance(content, list):
        raise FormatError(f"answers of {question!r} must stand in a list, got {brief(content)}")
    return content


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise FormatError(
            f"{value!r} in {where!r} must be text; YAML reads yes, no and 1 as other things "
            'unless quoted, as "yes"'
        )
    return value
