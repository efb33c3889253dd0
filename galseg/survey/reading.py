"""Images of a survey, read and fitted to what the model sees."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from galseg.models import ModelCard
from galseg.predict.squares import Square, to_square
from galseg.survey.fate import FINE, TURN, Fate, attempt
from galseg.survey.reasons import one_line
from galseg.survey.sources.item import ImageSource, Item

__all__ = ["Seen", "read_rows"]


class Seen(NamedTuple):
    """A row whose turn it was.

    Attributes
    ----------
    item : Item
        With the place of the image's middle, where its source does not say where the galaxy is.
    square : Square or None
        What the model sees; None where there is nothing to see.
    fate : Fate
        Why not.
    """

    item: Item
    square: Square | None
    fate: Fate


def read_rows(
    source: ImageSource, rows: range, *, card: ModelCard, set_aside: Mapping[int, str]
) -> Generator[Seen, None, None]:
    """Read the images of some rows.

    Parameters
    ----------
    source : ImageSource
    rows : range
    card : ModelCard
        Of the model that is to see them.
    set_aside : mapping of int to str
        Rows that are not to be read, and why.

    Yields
    ------
    Seen
        One a row, in order.
    """
    for item in _in_turn(source.items(rows)):
        if item.row in set_aside:
            reason = one_line(set_aside[item.row], place=item.place)
            yield Seen(item, None, Fate("set aside", reason, reason))
        else:
            yield _see(item, card)


def _in_turn(items: Iterator[Item]) -> Iterator[Item]:
    while True:
        with TURN:
            item = next(items, None)
        if item is None:
            return
        yield item


def _see(item: Item, card: ModelCard) -> Seen:
    found = attempt(lambda: _placed_square(item, card), item=item, status="unreadable")
    return Seen(item, None, found) if isinstance(found, Fate) else Seen(*found, FINE)


def _placed_square(item: Item, card: ModelCard) -> tuple[Item, Square]:
    image = replace(item.load(), galaxy_id=item.galaxy_id)
    square = to_square(image, card)
    if image.frame.has_sky and not (math.isfinite(item.ra_deg) and math.isfinite(item.dec_deg)):
        ra_deg, dec_deg = image.frame.to_radec_deg([image.frame.centre_xy])[0].tolist()
        item = item._replace(ra_deg=ra_deg, dec_deg=dec_deg)
    return item, square
