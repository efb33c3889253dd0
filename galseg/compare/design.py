"""Who sees what when, and which method is shown where: random, and balanced."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from galseg.compare.key import secret_rng, secret_token
from galseg.compare.records import Item

__all__ = ["balanced_places", "deal_items", "latin_square"]

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
        The index of the method in each place.

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
        places[rater] = rng.permutation(np.concatenate([*squares, rest]))
    return places


def deal_items(
    shown: Sequence[tuple[str, str]],
    *,
    methods: Sequence[str],
    raters: Sequence[str],
    secret: str,
) -> tuple[Item, ...]:
    """Give every rater every galaxy and feature, in an order of their own.

    Parameters
    ----------
    shown : sequence of (galaxy_id, feature)
        What there is to see.
    methods, raters : sequence of str
        The places are balanced feature by feature, see `balanced_places`.
    secret : str
        The package's secret, from which all shuffles follow.

    Returns
    -------
    tuple of Item
        Rater after rater.
    """
    place_rng, order_rng = secret_rng(secret, "places"), secret_rng(secret, "order")
    places = np.empty((len(raters), len(shown), len(methods)), dtype=np.int64)
    features = np.array([feature for _, feature in shown])
    for feature in np.unique(features):
        chosen = features == feature
        places[:, chosen] = balanced_places(
            int(chosen.sum()), len(methods), n_raters=len(raters), rng=place_rng
        )
    return tuple(
        Item(
            token=secret_token(secret, "item", rater, *shown[index]),
            rater=rater,
            galaxy_id=shown[index][0],
            feature=shown[index][1],
            methods=tuple(methods[method] for method in places[number, index]),
        )
        for number, rater in enumerate(raters)
        for index in order_rng.permutation(len(shown))
    )
