"""Calibration against torchmetrics and plain loops."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from torchmetrics.functional.classification import binary_calibration_error

from galseg.train.reliability import EDGES, FIRST_INSIDE, ReliabilityCurve, calibration_error


def random_batch(n_asked, seed=0):
    generator = torch.Generator().manual_seed(seed)
    n_asked = torch.tensor(n_asked)
    shape = (*n_asked.shape, 9, 9)
    probability = torch.rand(shape, generator=generator) ** 3
    votes = (torch.rand(shape, generator=generator) * (n_asked[..., None, None] + 1)).floor()
    valid = (torch.rand(shape, generator=generator) < 0.8) & (n_asked > 0)[..., None, None]
    return probability, votes, n_asked, valid


def curve_of(*batches):
    curve = ReliabilityCurve(batches[0][0].shape[1])
    for batch in batches:
        curve.update(*batch)
    return curve.compute()


def test_of_one_volunteer_it_is_the_error_of_torchmetrics():
    probability, votes, n_asked, valid = random_batch([[1.0, 1.0], [1.0, 1.0]])
    found = calibration_error(curve_of((probability, votes, n_asked, valid)))
    for channel in (0, 1):
        seen = valid[:, channel]
        expected = binary_calibration_error(
            probability[:, channel][seen], votes[:, channel][seen].int(), n_bins=20, norm="l1"
        )
        torch.testing.assert_close(found[channel], expected)


@pytest.mark.parametrize("first_bin", [0, FIRST_INSIDE])
def test_pixels_weigh_as_many_volunteers_as_were_asked(first_bin):
    batches = [random_batch([[3.0, 30.0]], 1), random_batch([[12.0, 0.0]], 2)]
    found = calibration_error(curve_of(*batches), first_bin=first_bin)
    for channel in (0, 1):
        gap = total = 0.0
        for low, high in list(pairwise(EDGES))[first_bin:]:
            expected = seen = asked = 0.0
            for p, k, n, valid in batches:
                here = (valid & (p >= low) & (p < high))[0, channel]
                asked += n[0, channel].item() * here.sum().item()
                expected += n[0, channel].item() * p[0, channel][here].sum().item()
                seen += k[0, channel][here].sum().item()
            gap, total = gap + abs(expected - seen), total + asked
        assert found[channel].item() == pytest.approx(gap / total, rel=1e-5)


def test_errors_of_two_features_do_not_make_up_for_each_other():
    probability = torch.full((1, 2, 4, 4), 0.5)
    votes = torch.stack([torch.full((4, 4), 2.0), torch.full((4, 4), 8.0)])[None]
    sums = curve_of((probability, votes, torch.tensor([[10.0, 10.0]]), votes > 0))
    np.testing.assert_allclose(calibration_error(sums), [0.3, 0.3], rtol=1e-6)
    together = calibration_error(sums.flatten(1)[:, None])
    np.testing.assert_allclose(together, [0.3], rtol=1e-6)


def test_certainty_falls_into_the_last_bin_and_nobody_asked_is_no_number():
    probability = torch.ones(1, 2, 2, 2)
    valid = torch.stack([torch.ones(2, 2), torch.zeros(2, 2)])[None].bool()
    sums = curve_of((probability, 10 * probability, torch.tensor([[10.0, 0.0]]), valid))
    assert sums[0, 0, -1] == 40
    found = calibration_error(sums)
    assert found[0] == 0
    assert found[1].isnan()
