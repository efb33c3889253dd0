"""Who sees what when, and which method is shown where: random, and balanced."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from galseg.compare.key import secret_rng, secret_token
from galseg.compare.records import Item

__all__ = ["balanced_places", "deal_items", "deal_practice", "latin_square", "spread_repeats"]

Ints = NDArray[np.int64]


def latin_square(n: int, *, rng: np.random.Generator) -> Ints:
    """Draw a square in which every row and every column holds 0 to n - 1 once.

    A cyclic square with its rows, columns and symbols shuffled.

    Parameters
    ----------
    n : int
        Size of the square.
    rng : numpy.random.Generator
        Where the shuffles come from.

    Returns
    -------
    ndarray of int, shape (n, n)

    Examples
    --------
    >>> square = latin_square(3, rng=np.random.default_rng(1))
    >>> np.sort(square, axis=0)
    array([[0, 0, 0],
           [1, 1, 1],
           [2, 2, 2]])
    """
    rows, columns, symbols = (rng.permutation(n) for _ in range(3))
    return np.asarray(symbols[(rows[:, None] + columns) % n])


def balanced_places(
    n_items: int, n_methods: int, *, n_raters: int, rng: np.random.Generator
) -> Ints:
    """Say which method stands in which place, for every rater and item.

    The items of a rater are dealt from random Latin squares, so that no rater sees a method more
    than once oftener in one place than in another. What is left over when the items do not fill
    whole squares is dealt from one square that goes on from rater to rater, so that the same
    holds for all raters together.

    Parameters
    ----------
    n_items : int
        Items that each rater sees.
    n_methods : int
        Methods, and places, of each item.
    n_raters : int
        Raters.
    rng : numpy.random.Generator
        Where the shuffles come from.

    Returns
    -------
    ndarray of int, shape (n_raters, n_items, n_methods)
        The index of the method in each place, square after square; which item gets which row is
        left to be shuffled.

    Examples
    --------
    >>> places = balanced_places(4, 2, n_raters=3, rng=np.random.default_rng(1))
    >>> places.shape
    (3, 4, 2)
    >>> int((places[..., 0] == 0).sum())
    6
    """
    n_squares, n_left = divmod(n_items, n_methods)
    leftover = latin_square(n_methods, rng=rng)
    places = np.empty((n_raters, n_items, n_methods), dtype=np.int64)
    for rater in range(n_raters):
        rest = leftover[(rater * n_left + np.arange(n_left)) % n_methods]
        squares = [latin_square(n_methods, rng=rng) for _ in range(n_squares)]
        places[rater] = np.concatenate([*squares, rest])
    return places


def spread_repeats(n_items: int, repeated: Sequence[int], *, rng: np.random.Generator) -> Ints:
    """Put items into a random order in which some come twice, far apart.

    What is repeated stands in the first half, and at least half of the items, rounded down, lie
    between it and its repeat.

    Parameters
    ----------
    n_items : int
        Items, without repeats.
    repeated : sequence of int
        Which of them come again; at most half.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of int, shape (n_items + len(repeated),)
        Indices of the items; ``n_items + i`` is the repeat of ``repeated[i]``.

    Examples
    --------
    >>> spread_repeats(6, [4], rng=np.random.default_rng(1)).tolist()
    [4, 3, 0, 1, 5, 6, 2]
    """
    half = n_items // 2
    slots = rng.permutation(half)[: len(repeated)]
    others = rng.permutation(np.setdiff1d(np.arange(n_items), repeated))
    order = np.empty(n_items, dtype=np.int64)
    order[slots] = repeated
    order[np.setdiff1d(np.arange(n_items), slots)] = others
    earliest = slots + half
    when = np.concatenate([np.arange(n_items), rng.uniform(earliest, n_items)])
    return np.concatenate([order, n_items + np.arange(len(repeated))])[np.argsort(when)]


def deal_items(
    shown: Sequence[tuple[str, str]],
    *,
    methods: Sequence[str],
    raters: Sequence[str],
    secret: str,
    repeats: float = 0.0,
) -> tuple[Item, ...]:
    """Give every rater every galaxy and feature, in an order of their own, and some again.

    What is repeated are whole Latin squares of a rater's deal, with their columns turned: so the
    places are balanced with and without the repeats, and every mask stands in another place when
    it comes again.

    Parameters
    ----------
    shown : sequence of (galaxy_id, feature)
        What there is to see.
    methods, raters : sequence of str
        The places are balanced feature by feature, see `balanced_places`.
    secret : str
        The package's secret, from which all shuffles follow.
    repeats : float, optional
        Share of the items of a rater and feature that come again, 0 to 0.5; rounded up to whole
        squares, as far as they lie in half of the items.

    Returns
    -------
    tuple of Item
        Rater after rater.
    """
    place_rng, order_rng = secret_rng(secret, "places"), secret_rng(secret, "order")
    deals: list[list[Item]] = [[] for _ in raters]
    again: list[dict[int, Item]] = [{} for _ in raters]
    for number, indices, places in _dealt(shown, methods, n_raters=len(raters), rng=place_rng):
        deal = deals[number]
        start = len(deal)
        for index, row in zip(indices, places, strict=True):
            galaxy_id, feature = shown[index]
            token = secret_token(secret, "item", raters[number], galaxy_id, feature)
            deal.append(Item(token, raters[number], galaxy_id, feature, row))
        n_again = _n_repeats(len(indices), len(methods), repeats)
        turned = _turn_squares(places[:n_again], rng=place_rng)
        for index, row in enumerate(turned, start=start):
            token = secret_token(secret, "repeat", raters[number], deal[index].token)
            again[number][index] = replace(
                deal[index], token=token, methods=row, kind="repeat", repeats=deal[index].token
            )
    return tuple(
        [*deal, *repeated.values()][index]
        for deal, repeated in zip(deals, again, strict=True)
        for index in spread_repeats(len(deal), list(repeated), rng=order_rng)
    )


def deal_practice(
    expected: Mapping[tuple[str, str], Sequence[str]],
    *,
    methods: Sequence[str],
    raters: Sequence[str],
    secret: str,
) -> tuple[Item, ...]:
    """Give every rater the practice items, in an order and with places of their own.

    Parameters
    ----------
    expected : mapping of (galaxy_id, feature) to sequence of str
        What there is to see, and the methods of which any is a right choice.
    methods, raters, secret
        As in `deal_items`.

    Returns
    -------
    tuple of Item
        Rater after rater.
    """
    rng = secret_rng(secret, "practice")
    shown = list(expected)
    deals: list[list[Item]] = [[] for _ in raters]
    for number, indices, places in _dealt(shown, methods, n_raters=len(raters), rng=rng):
        for index, row in zip(indices, places, strict=True):
            galaxy_id, feature = shown[index]
            token = secret_token(secret, "practice", raters[number], galaxy_id, feature)
            deals[number].append(
                Item(
                    token=token,
                    rater=raters[number],
                    galaxy_id=galaxy_id,
                    feature=feature,
                    methods=row,
                    kind="practice",
                    expected=tuple(expected[galaxy_id, feature]),
                )
            )
    return tuple(deal[index] for deal in deals for index in rng.permutation(len(deal)))


def _dealt(
    shown: Sequence[tuple[str, str]],
    methods: Sequence[str],
    *,
    n_raters: int,
    rng: np.random.Generator,
) -> Iterator[tuple[int, Ints, list[tuple[str, ...]]]]:
    """Yield, by feature and rater, what is shown in a random order, with the method in each place.

    The first rows fill whole Latin squares.
    """
    features = np.array([feature for _, feature in shown])
    for feature in np.unique(features):
        chosen = np.flatnonzero(features == feature)
        places = balanced_places(len(chosen), len(methods), n_raters=n_raters, rng=rng)
        for number in range(n_raters):
            rows = [tuple(methods[method] for method in row) for row in places[number]]
            yield number, rng.permutation(chosen), rows


def _n_repeats(n_items: int, n_methods: int, share: float) -> int:
    """Items that come again: whole squares, and no more than half of all."""
    wanted = int(np.ceil(round(share * n_items / n_methods, 9)))
    return n_methods * min(wanted, n_items // (2 * n_methods))


def _turn_squares(
    rows: Sequence[tuple[str, ...]], *, rng: np.random.Generator
) -> Iterator[tuple[str, ...]]:
    """Move the columns of each square round by the same number of places, never by none."""
    n_methods = len(rows[0]) if rows else 0
    for start in range(0, len(rows), n_methods or 1):
        step = int(rng.integers(1, n_methods))
        for row in rows[start : start + n_methods]:
            yield (*row[step:], *row[:step])
