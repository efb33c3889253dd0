"""The numbers in a card."""

import json

import pytest
import torch
from torch import nn

from galseg.train.answers import collect_answers
from galseg.train.calibration import Calibration
from galseg.train.evaluation import evaluate


class Known(nn.Module):
    """A network whose answer is its input."""

    def __init__(self):
        super().__init__()
        self.anchor = nn.Parameter(torch.zeros(()))

    def forward(self, image):
        return torch.logit(image)


def batch(probability, fraction, n_asked):
    asked = torch.tensor(n_asked, dtype=torch.float32)
    valid = (asked > 0)[..., None, None].expand_as(fraction)
    return {
        "image": probability,
        "fraction": fraction,
        "votes": fraction * asked[..., None, None],
        "n_asked": asked,
        "valid": valid,
    }


@pytest.fixture
def scores():
    """A probability of 0.4 where 60% of the volunteers marked, 0.2 where a tenth did."""
    fraction = torch.zeros(3, 2, 8, 8)
    fraction[:2, 0, 2:5, 2:7] = 0.6
    fraction[:2, 0, 5:7, 2:7] = 0.1
    probability = torch.full_like(fraction, 0.01)
    probability[fraction == 0.6] = 0.4
    probability[fraction == 0.1] = 0.2
    batches = [batch(probability, fraction, [[9, 0], [9, 0], [9, 0]])]
    thresholds = {"bar": 0.3, "tidal": 0.3}
    calibration = Calibration({"bar": 1.0, "tidal": 1.0}, {0.05: thresholds, 0.4: thresholds})
    return evaluate(collect_answers(Known(), batches), calibration)


def test_numbers_are_of_what_was_asked(scores):
    assert scores.n_galaxies == 3
    assert scores.features["bar"].n_galaxies == 3
    assert scores.features["tidal"].n_galaxies == 0
    expected = (2 * (15 * 0.2 + 10 * 0.1 + 39 * 0.01) + 64 * 0.01) / 192
    assert scores.mae == scores.features["bar"].mae == pytest.approx(expected, abs=1e-4)
    assert scores.features["tidal"].log_score is None


def test_masks_are_compared_at_each_share_of_the_votes(scores):
    bar, tidal = (scores.features[name].masks for name in ("bar", "tidal"))
    assert bar[0.4].n_with == bar[0.05].n_with == 2
    assert bar[0.4].median_iou == 1
    assert bar[0.05].median_iou == 0.6  # 15 of the 25 pixels that a twentieth marked
    assert bar[0.4].false_mask_share == 0
    assert tidal[0.4].n_with == 0
    assert tidal[0.4].median_iou is None


def test_the_calibration_error_is_of_bins(scores):
    n_inside, gaps = 50, 2 * (15 * 0.2 + 10 * 0.1)
    bar = scores.features["bar"]
    assert bar.calibration_error_inside == pytest.approx(gaps / n_inside, abs=1e-4)
    outside = 142 * 0.01
    assert bar.calibration_error == pytest.approx((gaps + outside) / 192, abs=1e-4)
    assert bar.calibration_error == bar.calibration_error_before == scores.calibration_error


def test_a_card_can_hold_the_numbers_and_a_table_the_rows(scores):
    numbers = json.loads(json.dumps(scores.numbers(), allow_nan=False))
    assert numbers["features"]["bar"]["masks"]["0.4"]["median_iou"] == 1
    assert "curve" not in numbers["features"]["bar"]
    every, bar, tidal = scores.rows()
    assert (every["feature"], bar["feature"], tidal["feature"]) == ("all", "bar", "tidal")
    assert every["mae"] == scores.mae
    assert (bar["median_iou_5"], bar["median_iou_40"]) == (0.6, 1)
