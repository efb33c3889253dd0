"""Pictures of galaxies on a page: small copies inside it, or the files beside it."""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from PIL import Image, UnidentifiedImageError

from galseg.errors import FormatError, MissingInputError

__all__ = ["embedded_picture", "linked_picture"]

PathLike = str | os.PathLike[str]

_SIDE = 160
_QUALITY = 80


def embedded_picture(picture: PathLike) -> str:
    """Return an HTML element that holds a small copy of a picture, of about 8 kB.

    Raises
    ------
    MissingInputError
        If there is no such file.
    FormatError
        If it is not a picture of pixels.
    """
    try:
        with Image.open(picture) as opened:
            small = opened.convert("RGB")
    except FileNotFoundError as error:
        raise MissingInputError(f"no picture at {picture}") from error
    except UnidentifiedImageError as error:
        raise FormatError(f"{picture} is no picture of pixels; give PNG or JPEG files") from error
    small.thumbnail((_SIDE, _SIDE))
    buffer = io.BytesIO()
    small.save(buffer, format="JPEG", quality=_QUALITY)
    return f'<img src="data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}">'


def linked_picture(folder: PathLike) -> Callable[[PathLike], str]:
    """Return a function from a picture's file to an HTML element for a page in a folder.

    The browser loads it when it comes into sight; a click shows it alone.
    """

    def link(picture: PathLike) -> str:
        address = quote(Path(os.path.relpath(picture, folder)).as_posix())
        return f'<a href="{address}"><img loading="lazy" src="{address}"></a>'

    return link
