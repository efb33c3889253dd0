"""The comparison as a Zooniverse subject set: one picture an item."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from galseg.compare.key import secret_token
from galseg.compare.panels import Panels
from galseg.compare.records import Item, Key, place_letter
from galseg.compare.threads import run_in_threads
from galseg.compare.workflow import workflow, workflow_text
from galseg.errors import ConfigError

__all__ = ["MOST_BYTES", "encode_below", "subject_picture", "write_subject_set"]

Picture = NDArray[np.uint8]

MOST_BYTES = 1_000_000
"""What Zooniverse takes for a picture."""

_WIDEST = 2000
_STRIP = 40  # pixels for a line of text
_GAP = 8
_PAPER, _INK = (20, 22, 26), (243, 244, 246)
_QUALITIES = (92, 84, 76, 68, 60, 50, 40, 30, 20, 10)


def write_subject_set(folder: Path, key: Key, panels: Panels, *, key_sha256: str) -> None:
    """Write the subjects of all items, their manifest, and the workflow.

    A subject is one JPEG below 1 MB that shows all places of an item, so that no file belongs to
    a method. Subjects are in the order of their random names; ``#item`` joins them with the key.

    Parameters
    ----------
    folder : pathlib.Path
        An empty one.
    key : Key
        Whose items all have as many places as there are methods.
    panels : Panels
        With all pictures drawn.
    key_sha256 : str
        Of the key's file.
    """
    names = {f"{secret_token(key.secret, 'subject', one.token)}.jpg": one for one in key.items}
    run_in_threads(_tasks(folder, sorted(names.items()), panels))
    manifest = pd.DataFrame(
        {
            "subject": range(1, len(names) + 1),
            "image": sorted(names),
            "#item": [names[name].token for name in sorted(names)],
            "#package": key.package_id,
            "#key_sha256": key_sha256,
        }
    )
    manifest.to_csv(folder / "manifest.csv", index=False)
    made = workflow(key.questions, n_places=len(key.methods))
    (folder / "workflow.json").write_text(json.dumps(made, indent=1), encoding="utf-8")
    (folder / "workflow.md").write_text(workflow_text(made), encoding="utf-8")


def subject_picture(
    image: Picture, places: Sequence[tuple[Picture, Picture]], *, title: str
) -> Picture:
    """Put the pictures of an item together, every place in a column under its letter.

    Parameters
    ----------
    image : ndarray of uint8, shape (size, size, 3)
    places : sequence of (mask, overlay)
        Of the same shape.
    title : str
        What is outlined.

    Returns
    -------
    ndarray of uint8, shape (ny, nx, 3)
        No wider than 2000 pixels.
    """
    n_columns = 1 + len(places)
    size = min(len(image), (_WIDEST - _GAP) // n_columns - _GAP)
    step = size + _GAP
    height, width = 2 * _STRIP + 2 * step + _GAP, n_columns * step + _GAP
    sheet = Image.new("RGB", (width, height), _PAPER)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(_STRIP // 2)
    columns = [(None, image), *places]
    headings = ["Image", *(place_letter(place + 1) for place in range(len(places)))]
    pen.text((_GAP, _STRIP // 4), title, fill=_INK, font=font)
    for number, ((below, above), heading) in enumerate(zip(columns, headings, strict=True)):
        left = _GAP + number * step
        pen.text((left, _STRIP + _STRIP // 4), heading, fill=_INK, font=font)
        for row, picture in enumerate((above, below)):
            if picture is not None:
                shown = cv2.resize(picture, (size, size), interpolation=cv2.INTER_AREA)
                sheet.paste(Image.fromarray(shown), (left, 2 * _STRIP + row * step))
    return np.asarray(sheet)


def encode_below(picture: Picture, most_bytes: int = MOST_BYTES) -> bytes:
    """Encode a picture as JPEG, as well as the bytes allow.

    Parameters
    ----------
    picture : ndarray of uint8, shape (ny, nx, 3)
    most_bytes : int, optional

    Raises
    ------
    ConfigError
        If even the worst quality takes more.
    """
    bgr = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    for quality in _QUALITIES:
        settings = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR]
        colours_kept = cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444
        data = bytes(cv2.imencode(".jpg", bgr, [*settings, colours_kept])[1])
        if len(data) <= most_bytes:
            return data
    raise ConfigError(
        f"a picture of {picture.shape[1]} x {picture.shape[0]} pixels does not fit into "
        f"{most_bytes} bytes; make panel_size smaller"
    )


def _tasks(
    folder: Path, subjects: Iterable[tuple[str, Item]], panels: Panels
) -> Iterator[Callable[[], None]]:
    for name, item in subjects:
        yield partial(_write_subject, folder / name, item, panels)


def _write_subject(path: Path, item: Item, panels: Panels) -> None:
    files = panels.files(item)
    picture = subject_picture(
        _read(panels.folder / files.image),
        [(_read(panels.folder / mask), _read(panels.folder / over)) for mask, over in files.places],
        title=item.feature.replace("_", " ").capitalize(),
    )
    path.write_bytes(encode_below(picture))


def _read(path: Path) -> Picture:
    return np.asarray(cv2.imread(str(path), cv2.IMREAD_COLOR_RGB), dtype=np.uint8)
