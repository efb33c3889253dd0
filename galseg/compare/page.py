"""What the raters read: the page that shows the items, and its instructions."""

from __future__ import annotations

import json
from collections.abc import Hashable
from importlib.resources import files
from itertools import groupby
from operator import itemgetter
from typing import Any

import pandas as pd

from galseg.compare.records import ANSWERS_FORMAT, QUALITY_LEVELS, TIE
from galseg.features import FEATURES

__all__ = ["question", "rater_page", "rater_readme"]

_README = """\
Which mask is best?

Open index.html in a web browser; it needs no network. Each question shows the image of a galaxy
and {n_places} masks of one feature, called {letters}: on the image, and by themselves. Say how
good each mask is and which one is best, or that it is a tie. Your answers are kept in the browser;
when you are done, press "Save answers to a file" and send the file back.

The masks come from different methods. Their order is random and differs from question to
question, so {first} here and {first} there need not be the same method. Which is which stands in
a key that you are not given, and that cannot be changed unnoticed: its SHA-256 is

    {key_sha256}
"""


def question(feature: str) -> str:
    """Ask for the best mask of a feature.

    Examples
    --------
    >>> question("spiral_arm")
    'Which mask shows the spiral arm best?'
    """
    return f"Which mask shows the {feature.replace('_', ' ')} best?"


def rater_page(manifest: pd.DataFrame, *, package_id: str, key_sha256: str) -> str:
    """Write the page of a package, complete in itself but for the pictures.

    Parameters
    ----------
    manifest : pandas.DataFrame
        One row an item and place: ``rater, number, item, feature, place, image, mask, overlay``,
        in the order in which they are shown.
    package_id, key_sha256 : str
        Go into the answers, which are checked against the key by them.

    Returns
    -------
    str
        HTML.
    """
    data = {
        "package": package_id,
        "key_sha256": key_sha256,
        "answers_format": ANSWERS_FORMAT,
        "tie": TIE,
        "quality": dict(QUALITY_LEVELS),
        "features": {name: _feature_text(name) for name in manifest["feature"].unique()},
        "raters": {
            rater: [_page_item(list(places)) for _, places in groupby(rows, itemgetter("item"))]
            for rater, rows in groupby(manifest.to_dict("records"), itemgetter("rater"))
        },
    }
    template = files("galseg.compare").joinpath("page.html").read_text(encoding="utf-8")
    return template.replace("@DATA@", json.dumps(data).replace("<", "\\u003c"))


def rater_readme(n_methods: int, *, key_sha256: str) -> str:
    """Write the instructions that lie beside the page."""
    letters = [chr(ord("A") + place) for place in range(n_methods)]
    return _README.format(
        n_places=n_methods,
        letters=", ".join(letters[:-1]) + " and " + letters[-1],
        first=letters[0],
        key_sha256=key_sha256,
    )


def _feature_text(feature: str) -> dict[str, str]:
    known = FEATURES.get(feature)
    return {"question": question(feature), "hint": known.description if known else ""}


def _page_item(places: list[dict[Hashable, Any]]) -> dict[str, Any]:
    return {
        **{name: places[0][name] for name in ("item", "feature", "image")},
        "places": [{name: place[name] for name in ("mask", "overlay")} for place in places],
    }
