"""WebDataset samples in a tar file: an image and what stands beside it, one galaxy a key."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from math import nan
from typing import IO, Any, NamedTuple

import numpy as np

from galseg.errors import FormatError
from galseg.io.images import IMAGE_SUFFIXES
from galseg.limits import MAX_TAR_JSON_BYTES
from galseg.survey.sources.columns import Columns, usual_name
from galseg.survey.sources.labels import on_sky
from galseg.survey.sources.tar_members import TarMember, split_name, walk_members

__all__ = ["TarGalaxy", "read_place", "walk_galaxies"]

_SIDECAR = "json"
_HUGE = 1e9  # degrees, of which no place on the sky has so many
_SUFFIXES = frozenset(suffix.removeprefix(".") for suffix in IMAGE_SUFFIXES)


class TarGalaxy(NamedTuple):
    """A galaxy in a tar file.

    Attributes
    ----------
    key : str
        Empty for what follows where a file is damaged.
    header : int
        Byte at which the header of its first member begins.
    image : TarMember
    sidecar : TarMember or None
        The ``.json`` of the same key.
    """

    key: str
    header: int
    image: TarMember
    sidecar: TarMember | None = None

    def identifier(self, file: str) -> str:
        """Return the key, or of what is lost, where it is in a file of this name."""
        return self.key or f"{file}@{self.header}"


def walk_galaxies(
    handle: IO[bytes], *, start: int = 0, suffix: str | None = None
) -> Iterator[TarGalaxy]:
    """Yield the galaxies of a tar file from one on; a damaged end is the last of them.

    Parameters
    ----------
    handle : binary file
        May be read from in between.
    start : int, optional
        Byte at which a galaxy begins.
    suffix : str, optional
        Of the image, where a galaxy has several.

    Raises
    ------
    FormatError
        If a galaxy has several images and `suffix` is not given.
    """
    wanted = _SUFFIXES if suffix is None else {suffix.lower().removeprefix(".")}
    for key, members in groupby(walk_members(handle, start=start), key=_key):
        yield from _galaxies(key, list(members), wanted)


def _key(member: TarMember) -> str:
    named = split_name(member.name)
    return "" if named is None else named[0]


def _galaxies(
    key: str, members: Sequence[TarMember], wanted: Collection[str]
) -> Iterator[TarGalaxy]:
    first, last = members[0], members[-1]
    named = [(name[1], m) for m in members if (name := split_name(m.name)) is not None]
    images = [member for suffix, member in named if suffix in wanted]
    if len(images) > 1:
        raise FormatError(
            f"{key!r} has {len(images)} images, {images[0].name} and {images[1].name}; name the "
            "suffix of the one that is meant with columns.image"
        )
    if images:
        yield TarGalaxy(key, first.header, images[0], dict(named).get(_SIDECAR))
    if last.is_last and last not in images:
        yield TarGalaxy("", last.header, last)


def read_place(handle: IO[bytes], sidecar: TarMember, columns: Columns) -> tuple[float, float]:
    """Read where on the sky a galaxy is, from the JSON beside its image.

    Parameters
    ----------
    handle : binary file
    sidecar : TarMember
    columns : Columns
        The keys of `ra` and `dec`, if not the usual ones.

    Returns
    -------
    tuple of float
        ICRS in degrees; NaN where it does not say. See `galseg.survey.sources.labels.on_sky`.

    Raises
    ------
    FormatError
        If it is no JSON object, or holds something else than numbers there.
    """
    record = _read_json(handle, sidecar)
    ra_key, dec_key = (
        getattr(columns, role) or usual_name(role, list(record)) for role in ("ra", "dec")
    )
    values: list[Any] = [record.get(key) for key in (ra_key, dec_key) if key is not None]
    if len(values) < 2 or None in values:
        return nan, nan
    if not all(type(v) in (int, float) and abs(v) < _HUGE for v in values):
        raise FormatError(f"{ra_key} and {dec_key} in {sidecar.name} are no numbers in degrees")
    ra, dec = on_sky(*np.array(values, np.float64)[:, np.newaxis])
    return float(ra[0]), float(dec[0])


def _read_json(handle: IO[bytes], sidecar: TarMember) -> dict[str, Any]:
    if sidecar.problem:
        raise FormatError(f"{sidecar.name} {sidecar.problem}")
    if sidecar.size > MAX_TAR_JSON_BYTES:
        raise FormatError(
            f"{sidecar.name} has {sidecar.size} bytes, over the limit of {MAX_TAR_JSON_BYTES}"
        )
    handle.seek(sidecar.start)
    try:
        record = json.loads(handle.read(sidecar.size))
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{sidecar.name} is no JSON: {error}") from error
    if not isinstance(record, dict):
        raise FormatError(f"{sidecar.name} holds a {type(record).__name__}; needed is an object")
    return record
