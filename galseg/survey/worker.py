"""Rows of a survey to tables: images are read, seen by a network and measured, in one line."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import closing
from itertools import groupby
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from galseg.predict import load_model
from galseg.predict.squares import Answer, Square
from galseg.predict.threads import one_thread
from galseg.survey.fate import Fate
from galseg.survey.measuring import Measurer
from galseg.survey.pipeline import run_ahead
from galseg.survey.reading import Seen, read_rows
from galseg.survey.recipe import Recipe
from galseg.survey.rows import Rows, ShardTables
from galseg.survey.sources.item import ImageSource, Item

__all__ = ["ShardWorker"]

_SLOTS_ON_CPU = 4  # one at a time costs a network on a CPU a third more
_SLOTS_ON_GPU = 16


class _Answered(NamedTuple):
    """A row that has been through the network, if it had an image."""

    item: Item
    answer: Answer | None
    fate: Fate


class ShardWorker:
    """Makes the tables of any rows of a source.

    A row's part in the tables depends on its recipe, its image and its number, and on nothing else.
    The network always sees as many images at a time; a row's slot among them follows from its
    number, and slots without a row are dark. On the CPU all is computed with one thread.

    Parameters
    ----------
    recipe : Recipe
    source : ImageSource
    device : str, optional
        Of torch; the first GPU if there is one, where left out.
    network_apart : bool, optional
        Whether the network and the measuring have a thread each, as they have beside a GPU where
        it is left out, or take turns, as on the CPU; images are read ahead in any case.

    Raises
    ------
    GalsegError
        If the model cannot be loaded, or cannot do what the recipe asks.
    """

    def __init__(
        self,
        recipe: Recipe,
        source: ImageSource,
        *,
        device: str | None = None,
        network_apart: bool | None = None,
    ) -> None:
        self.recipe = recipe
        self._source = source
        with one_thread():
            self.segmenter = load_model(recipe.model, device=device, runtime=recipe.runtime)
        self.segmenter.check_options(n_samples=recipe.n_samples, orientations=recipe.orientations)
        self._measurer = Measurer(recipe, self.segmenter)
        on_cpu = self.segmenter.on_cpu
        self._n_slots = _SLOTS_ON_CPU if on_cpu else _SLOTS_ON_GPU
        self._network_apart = not on_cpu if network_apart is None else network_apart

    def process(
        self, rows: range, *, set_aside: Mapping[int, str] = MappingProxyType({})
    ) -> ShardTables:
        """Read, predict and measure some rows.

        Parameters
        ----------
        rows : range
            Consecutive rows of the source.
        set_aside : mapping of int to str, optional
            Rows that are not to be touched, and why.

        Returns
        -------
        ShardTables
            A row that cannot be used has its reason there.

        Raises
        ------
        MemoryError, OSError, MissingDependencyError
            If memory or open files run out, or a package is missing.
        ModelError
            If the network fails, which is not its images' fault: they are all between 0 and 1.
        """
        found = Rows(self.recipe.masks)
        with one_thread(), closing(self._answered(rows, set_aside)) as answered:
            for one in answered:
                found.add(self._measurer.record(*one))
        return found.tables()

    def _answered(
        self, rows: range, set_aside: Mapping[int, str]
    ) -> Generator[_Answered, None, None]:
        """Start the stages up to the network."""
        read = read_rows(self._source, rows, card=self.segmenter.card, set_aside=set_aside)
        answered = self._through_network(run_ahead(read, n_ahead=self._n_slots))
        return run_ahead(answered, n_ahead=self._n_slots) if self._network_apart else answered

    def _through_network(
        self, seen: Generator[Seen, None, None]
    ) -> Generator[_Answered, None, None]:
        with closing(seen):
            for _, batch in groupby(seen, key=lambda one: one.item.row // self._n_slots):
                rows = list(batch)
                answers = self._answers({one.item.row: one.square for one in rows if one.square})
                for item, _, fate in rows:
                    yield _Answered(item, answers.get(item.row), fate)

    def _answers(self, squares: Mapping[int, Square]) -> dict[int, Answer]:
        """Run the network on the squares of one batch, by row, each in the slot of its row."""
        if not squares:
            return {}
        some = next(iter(squares.values()))
        slots: list[Square] = [some._replace(values=np.zeros_like(some.values))] * self._n_slots
        for row, square in squares.items():
            slots[row % self._n_slots] = square
        answers = self.segmenter.answer(
            slots,
            n_samples=self.recipe.n_samples,
            seed=self.recipe.seed,
            orientations=self.recipe.orientations,
        )
        by_slot = dict(enumerate(answers))
        return {row: by_slot[row % self._n_slots] for row in squares}
