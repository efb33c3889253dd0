"""How an item reads its image."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from math import nan
from typing import NoReturn

from galseg.errors import FormatError, GalsegError
from galseg.io.images import GalaxyImage, WcsRule, read_image, read_image_bytes
from galseg.survey.sources.item import Item

__all__ = ["load_bytes", "load_file", "refuse", "unreadable"]


def load_file(path: str, *, galaxy_id: str, wcs: WcsRule) -> GalaxyImage:
    """Read an image from its file, under the identifier that its source gives it.

    Raises
    ------
    GalsegError
        If it cannot be used.
    """
    try:
        return replace(read_image(path, wcs=wcs), galaxy_id=galaxy_id)
    except GalsegError:
        raise
    except (OSError, ValueError) as error:  # a name too long, a folder that may not be entered
        raise FormatError(f"{path} cannot be read: {error}") from error


def load_bytes(content: bytes, *, place: str, galaxy_id: str, wcs: WcsRule) -> GalaxyImage:
    """Read an image from the bytes of its file, under the identifier that its source gives it.

    Raises
    ------
    GalsegError
        If it cannot be used.
    """
    return replace(read_image_bytes(content, name=place, wcs=wcs), galaxy_id=galaxy_id)


def refuse(reason: str) -> NoReturn:
    """Stand in for an image of which it is known already that it cannot be read.

    Raises
    ------
    FormatError
        With the reason, always.
    """
    raise FormatError(reason)


def unreadable(rows: range, place: Callable[[int], str], reason: str) -> Iterator[Item]:
    """Yield items for rows of which nothing can be read, each saying why."""
    for row in rows:
        where = place(row)
        yield Item(row, "", where, nan, nan, partial(refuse, f"{where} {reason}"))
