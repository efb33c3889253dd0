"""What a run was made from, kept beside what it made."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from glob import glob
from pathlib import Path
from typing import Any

import yaml

from galseg.io.atomic import write_whole
from galseg.version import __version__

__all__ = ["hash_of", "write_run_record"]

_BLOCK = 1 << 20


def hash_of(path: Path) -> str:
    """SHA-256 of a file, or of the names and hashes of the files in a folder.

    Parameters
    ----------
    path : pathlib.Path
        An existing file or folder.

    Returns
    -------
    str
        64 hexadecimal digits.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "a.txt"
    >>> _ = file.write_text("galseg")
    >>> hash_of(file)[:8]
    'a0ae426d'
    """
    digest = hashlib.sha256()
    if path.is_dir():
        for file in sorted(p for p in path.rglob("*") if p.is_file()):
            digest.update(f"{file.relative_to(path).as_posix()}\0{hash_of(file)}\n".encode())
    else:
        with path.open("rb") as handle:
            while block := handle.read(_BLOCK):
                digest.update(block)
    return digest.hexdigest()


def write_run_record(
    folder: Path,
    verb: str,
    *,
    options: Mapping[str, Any],
    inputs: Sequence[str],
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Write ``config.yaml``, every option as resolved, and ``run.yaml``, what it ran on.

    Parameters
    ----------
    folder : pathlib.Path
        Of the run.
    verb : str
        As on the command line.
    options : mapping
        Every option; given back as ``--config config.yaml`` it repeats the run.
    inputs : sequence of str
        The options that name files and folders which were read, ``"group.option"`` for one in a
        group; their hashes are kept, those of a list by number. One that was not given, or names
        no file, is left out.
    facts : mapping, optional
        What else is known of it, for ``run.yaml``.
    """
    given = dict(pair for name in inputs for pair in _paths(name, _option(options, name)))
    record = {
        "galseg": __version__,
        "verb": verb,
        "inputs": {
            name: {"path": str(path), "sha256": _hash_of_all(files)}
            for name, path in given.items()
            if path is not None and (files := _files(str(path)))
        },
        **(facts or {}),
    }
    for name, content in (("config.yaml", _plain(options)), ("run.yaml", record)):
        with write_whole(folder / name) as temporary:
            temporary.write_text(yaml.safe_dump(content, sort_keys=False))


def _files(path: str) -> list[Path]:
    """Return the file or folder of a name, or all that a pattern finds."""
    return [Path(path)] if Path(path).exists() else sorted(map(Path, glob(path)))  # noqa: PTH207


def _hash_of_all(paths: Sequence[Path]) -> str:
    if len(paths) == 1:
        return hash_of(paths[0])
    lines = (f"{path.name}\0{hash_of(path)}\n" for path in paths)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _option(options: Mapping[str, Any], name: str) -> Any:
    for part in name.split("."):
        options = options[part]
    return options


def _paths(name: str, value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, list | tuple):
        return [(f"{name}.{k}", path) for k, path in enumerate(value)]
    return [(name, value)]


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
