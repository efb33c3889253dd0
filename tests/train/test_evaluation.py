"""Thresholds and the numbers in a card."""

import pytest
import torch
from torch import nn

from galseg.train.evaluation import choose_thresholds, evaluate


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
def batches():
    """A probability of 0.4 where 60% of the volunteers marked, 0.2 where a tenth did."""
    fraction = torch.zeros(3, 2, 8, 8)
    fraction[:2, 0, 2:5, 2:7] = 0.6
    fraction[:2, 0, 5:7, 2:7] = 0.1
    probability = torch.full_like(fraction, 0.01)
    probability[fraction == 0.6] = 0.4
    probability[fraction == 0.1] = 0.2
    return [batch(probability, fraction, [[9, 0], [9, 0], [9, 0]])]


def test_the_threshold_reproduces_the_crowds_mask(batches):
    chosen = choose_thresholds(Known(), batches, features=("bar", "tidal"), vote_threshold=0.2)
    assert 0.2 < chosen["bar"] <= 0.4
    assert chosen["tidal"] == 0.2  # nobody was asked


def test_numbers_are_of_what_was_asked(batches):
    thresholds = {"bar": 0.3, "tidal": 0.3}
    found = evaluate(Known(), batches, thresholds=thresholds, vote_threshold=0.2)
    assert found["n_galaxies"] == 3
    assert found["n_with"] == {"bar": 2, "tidal": 0}
    assert found["median_iou"] == {"bar": 1.0, "tidal": None}
    assert found["false_mask_share"] == {"bar": 0.0, "tidal": None}
    expected = (2 * (15 * 0.2 + 10 * 0.1 + 39 * 0.01) + 64 * 0.01) / 192
    assert found["mae"] == pytest.approx(expected, abs=1e-4)
