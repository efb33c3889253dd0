"""Metrics against plain counting."""

import numpy as np
import torch
from torchmetrics.functional.classification import binary_jaccard_index

from galseg.train.baseline import MeanMap
from galseg.train.metrics import FalseMaskShare, MedianIoU, galaxy_iou

RNG = np.random.default_rng(0)


def random_masks(n=7, c=2, side=6):
    return (torch.from_numpy(RNG.random((n, c, side, side)) < share) for share in (0.4, 0.3, 0.9))


def test_iou_is_the_jaccard_index_of_the_valid_pixels():
    mask, truth, valid = random_masks()
    found = galaxy_iou(mask, truth, valid)
    for galaxy in range(7):
        for channel in range(2):
            seen = valid[galaxy, channel]
            expected = binary_jaccard_index(
                mask[galaxy, channel][seen].int(), truth[galaxy, channel][seen].int()
            )
            torch.testing.assert_close(found[galaxy, channel], expected)


def test_the_median_is_over_galaxies_that_have_the_feature():
    mask, truth, valid = random_masks(8)
    truth[3:] = False
    truth[:, 1] = False
    metric = MedianIoU(["bar", "tidal"])
    metric.update(mask[:2], truth[:2], valid[:2])
    metric.update(mask[2:], truth[2:], valid[2:])
    found = metric.compute()
    expected = np.median(galaxy_iou(mask, truth, valid)[:3, 0])
    np.testing.assert_allclose(found["bar"], expected)
    assert found["tidal"].isnan()


def test_false_masks_are_counted_where_somebody_looked():
    mask = torch.zeros(4, 1, 3, 3, dtype=torch.bool)
    truth, valid = mask.clone(), torch.ones_like(mask)
    mask[0, 0, 1, 1] = True  # drawn, and nothing is there
    mask[2] = truth[2] = True  # drawn, and there
    mask[3] = True  # drawn where nobody looked
    valid[3] = False
    metric = FalseMaskShare(["bar"])
    metric.update(mask[:3], truth[:3], valid[:3])
    metric.update(mask[3:], truth[3:], valid[3:])
    assert metric.compute()["bar"] == 0.5


def test_the_mean_map_is_the_mean_of_what_was_seen():
    fraction, valid = torch.rand(6, 2, 4, 4), torch.rand(6, 2, 4, 4) < 0.7
    valid[:, 1, 2, 3] = False
    mean_map = MeanMap(2, 4)
    for part in (slice(0, 2), slice(2, 6)):
        mean_map.update(fraction[part], valid[part])
    expected = np.ma.masked_array(fraction.numpy(), ~valid.numpy()).mean(axis=0).filled(0.5)
    np.testing.assert_allclose(mean_map().sigmoid(), expected, atol=2e-4)
