"""What a model says of a galaxy of a survey, to all that its row puts into the tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from galseg.measure.bar import BarMeasurement
from galseg.measure.bar_light import BarLight
from galseg.measure.flags import MeasureFlag
from galseg.measure.galaxy import LIGHT, GalaxyMeasurement, measure_galaxy
from galseg.measure.spiral import SpiralMeasurement
from galseg.measure.task import MEASURED, Task
from galseg.predict import Segmenter
from galseg.predict.squares import Answer
from galseg.prediction import Prediction
from galseg.survey.fate import FINE, Fate, attempt
from galseg.survey.masks import encode_mask, encode_probability
from galseg.survey.reasons import one_line
from galseg.survey.recipe import Recipe
from galseg.survey.rows import MaskRow, RowRecord
from galseg.survey.sources.item import Item

__all__ = ["Measurer"]

_BAR, _SPIRAL, _TIDAL = MEASURED
_PARTIAL = "partial"


@dataclass(frozen=True)
class Measurer:
    """Measures what a model answered.

    Parameters
    ----------
    recipe : Recipe
    segmenter : Segmenter
        That gave the answers.
    """

    recipe: Recipe
    segmenter: Segmenter

    def record(self, item: Item, answer: Answer | None, fate: Fate) -> RowRecord:
        """Measure a galaxy, or tell why there is nothing to measure.

        Parameters
        ----------
        item : Item
        answer : Answer or None
            What the model says of it; None where its image could not be used.
        fate : Fate
            Why not.
        """
        if answer is None:
            return RowRecord(item=item, fate=fate, measured=_unmeasured(item, {}))
        mapped = attempt(lambda: self._maps(answer), item=item, status="unreadable")
        if isinstance(mapped, Fate):
            return RowRecord(item=item, fate=mapped, measured=_unmeasured(item, {}))
        prediction, masks = mapped
        measured = attempt(lambda: self._measured(prediction, answer), item=item, status=_PARTIAL)
        if isinstance(measured, Fate):
            fate = measured._replace(failure="")
            measured = _unmeasured(item, dict.fromkeys(self._wanted(prediction), fate.reason))
        elif measured.problems:
            fate = Fate(_PARTIAL, one_line(measured.status, place=item.place))
        else:
            fate = FINE
        return RowRecord(item=item, fate=fate, measured=measured, masks=masks)

    def _maps(self, answer: Answer) -> tuple[Prediction, list[MaskRow]]:
        prediction = self.segmenter.place(answer)
        return prediction, [] if self.recipe.masks is None else list(self._masks(prediction))

    def _masks(self, prediction: Prediction) -> Iterable[MaskRow]:
        task = Task(prediction, threshold=self.recipe.threshold)
        for feature in self._features(prediction):
            map_ = prediction.of(feature)
            if self.recipe.masks == "rle":
                content: str | bytes = encode_mask(map_, threshold=task.threshold_of(feature))
            else:
                content = encode_probability(map_)
            yield MaskRow(feature, *prediction.frame.shape, content)

    def _measured(self, prediction: Prediction, answer: Answer) -> GalaxyMeasurement:
        recipe = self.recipe
        return measure_galaxy(
            prediction,
            image=answer.square.galaxy if recipe.light else None,
            threshold=recipe.threshold,
            n_draws=recipe.n_draws,
            seed=recipe.seed,
            features=recipe.features,
        )

    def _features(self, prediction: Prediction) -> list[str]:
        return [name for name in prediction.features if name in self.recipe.features]

    def _wanted(self, prediction: Prediction) -> list[str]:
        return [*self._features(prediction), *([LIGHT] if self.recipe.light else [])]


def _unmeasured(item: Item, problems: Mapping[str, str]) -> GalaxyMeasurement:
    """Return a record without a number, with what went wrong by feature."""

    def flags(name: str) -> MeasureFlag:
        return MeasureFlag.FAILED if name in problems else MeasureFlag.NO_DATA

    return GalaxyMeasurement(
        galaxy_id=item.galaxy_id,
        bar=BarMeasurement(flags=flags(_BAR)),
        spiral=SpiralMeasurement(flags=flags(_SPIRAL)),
        tidal_flags=flags(_TIDAL),
        bar_light=BarLight(flags=flags(LIGHT)),
        problems=problems,
    )
