"""What a finished survey holds; the last file that is written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from galseg.errors import FormatError
from galseg.io.atomic import write_whole

__all__ = ["MANIFEST", "Manifest", "read_manifest", "write_manifest"]

MANIFEST = "manifest.json"


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """A finished survey.

    Attributes
    ----------
    plan : str
        Fingerprint of the plan.
    n_rows : int
        Galaxies, those that could not be measured too.
    failures : mapping of str to int
        Galaxies that could not be measured, by kind of reason.
    sha256 : mapping of str to str
        Of every file of the catalogues, by its path in the folder of the run.
    """

    plan: str
    n_rows: int
    failures: Mapping[str, int]
    sha256: Mapping[str, str]


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write it, the same content always with the same bytes.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    with write_whole(folder / MANIFEST) as temporary:
        temporary.write_text(json.dumps(asdict(manifest), indent=1, sort_keys=True))


def read_manifest(folder: Path) -> Manifest | None:
    """Read it; None where the survey is not finished.

    Raises
    ------
    FormatError
        If it is damaged.
    """
    path = folder / MANIFEST
    try:
        return Manifest(**json.loads(path.read_text()))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise FormatError(f"{path} is no manifest of a survey, or is damaged: {error}") from error
