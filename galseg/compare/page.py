"""What the raters read: the page that shows the items, and its instructions."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Hashable, Mapping
from html import escape
from importlib.resources import files
from itertools import groupby
from operator import itemgetter
from types import MappingProxyType
from typing import Any

import pandas as pd

from galseg.compare.records import ANSWERS_FORMAT, ANSWERS_VERSION, TIE, TIE_LABEL, Questions
from galseg.features import FEATURES, feature_colour

__all__ = ["COLOUR_NAMES", "question", "rater_page", "rater_readme"]

COLOUR_NAMES: Mapping[tuple[int, int, int], str] = MappingProxyType(
    {
        (230, 159, 0): "orange",
        (86, 180, 233): "sky blue",
        (0, 158, 115): "bluish green",
        (204, 121, 167): "reddish purple",
        (213, 94, 0): "vermilion",
        (240, 228, 66): "yellow",
        (255, 0, 0): "red",
        (150, 150, 150): "grey",
        (255, 255, 255): "white",
    }
)
"""The colours of features in words, for those who tell colours apart with difficulty."""

_SCRIPTS = ("answers.js", "pictures.js", "session.js", "keys.js", "boot.js")

_TASK = """\
Each question shows the image of a galaxy and several masks of one feature, called A, B, and so on:
as an outline on the image, and by themselves. {asked} You may go back and change your mind at any
time."""

_ORDER = """\
The masks come from different methods. Their order is random and differs from question to question,
so A here and A there need not be the same method."""

_README = """\
Which mask is best?

Open index.html in a web browser; it needs no network. {task}
Your answers are kept in the browser. When you are done, press "Save or finish", sign off, and send
the saved file back.

{order} Which is which stands in a key that
you are not given, and that cannot be changed unnoticed: its SHA-256 is

    {key_sha256}
"""


def question(feature: str) -> str:
    """Ask for the best mask of a feature.

    Examples
    --------
    >>> question("spiral_arm")
    'Which mask shows the spiral arm best?'
    """
    return f"Which mask shows the {_title(feature)} best?"


def rater_page(
    manifest: pd.DataFrame, *, package_id: str, key_sha256: str, questions: Questions
) -> str:
    """Write the page of a package, complete in itself but for the pictures.

    Its content security policy names the page's own script and style by their SHA-256 and allows
    nothing else, so that the page cannot reach a network.

    Parameters
    ----------
    manifest : pandas.DataFrame
        One row an item and place: ``rater, number, item, feature, place, image, mask, overlay``,
        in the order in which they are shown.
    package_id, key_sha256 : str
        Go into the answers, which are checked against the key by them.
    questions : Questions
        What is asked of every item.

    Returns
    -------
    str
        HTML.
    """
    data = {
        "package": package_id,
        "key_sha256": key_sha256,
        "answers_format": ANSWERS_FORMAT,
        "answers_version": ANSWERS_VERSION,
        "tie": TIE,
        "tie_label": TIE_LABEL,
        "questions": {**vars(questions), "quality": dict(questions.quality)},
        "features": {name: _feature(name, questions) for name in manifest["feature"].unique()},
        "raters": {
            rater: [_page_item(list(places)) for _, places in groupby(rows, itemgetter("item"))]
            for rater, rows in groupby(manifest.to_dict("records"), itemgetter("rater"))
        },
    }
    style = _web("style.css")
    script = '"use strict";\n' + "\n".join(map(_web, _SCRIPTS))
    parts = {
        "POLICY": _policy(script=script, style=style),
        "STYLE": style,
        "INTRODUCTION": f"<p>{escape(_task(questions))}</p>\n    <p>{escape(_ORDER)}</p>",
        "DATA": json.dumps(data).replace("<", "\\u003c"),
        "SCRIPT": script,
    }
    return re.sub("@([A-Z]+)@", lambda found: parts[found[1]], _web("page.html"))


def rater_readme(*, key_sha256: str, questions: Questions) -> str:
    """Write the instructions that lie beside the page."""
    return _README.format(task=_task(questions), order=_ORDER, key_sha256=key_sha256)


def _task(questions: Questions) -> str:
    best = "which one is best" + (", or that it is a tie" if questions.tie else "")
    asked = ["how good each mask is"] * bool(questions.quality) + [best] * questions.best
    return _TASK.format(asked=f"Say {' and '.join(asked)}.")


def _feature(name: str, questions: Questions) -> dict[str, str]:
    known, colour = FEATURES.get(name), feature_colour(name)
    rated = f"How good are the masks of the {_title(name)}?"
    return {
        "title": _title(name),
        "question": question(name) if questions.best else rated,
        "hint": known.description if known else "",
        "colour": "#" + bytes(colour).hex(),
        "colour_name": COLOUR_NAMES[colour],
    }


def _title(feature: str) -> str:
    return feature.replace("_", " ")


def _page_item(places: list[dict[Hashable, Any]]) -> dict[str, Any]:
    return {
        **{name: places[0][name] for name in ("item", "feature", "image")},
        "places": [{name: place[name] for name in ("mask", "overlay")} for place in places],
    }


def _policy(*, script: str, style: str) -> str:
    """Allow pictures beside the page, and the script and the style that are its own."""
    script_hash, style_hash = (
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for text in (script, style)
    )
    return (
        "default-src 'none'; base-uri 'none'; form-action 'none'; img-src 'self' file: data:; "
        f"script-src 'sha256-{script_hash}'; style-src 'sha256-{style_hash}'"
    )


def _web(name: str) -> str:
    return files("galseg.compare").joinpath("web", name).read_text(encoding="utf-8")
