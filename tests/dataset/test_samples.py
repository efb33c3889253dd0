"""Votes reach the loss as they were given; unobserved is not empty."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from astropy.io import fits

from galseg.consensus import Consensus
from galseg.dataset.observed import ConsensusDataset, find_pairs
from galseg.dataset.samples import Oriented, make_sample
from galseg.dataset.simulate import simulate_galaxy
from galseg.dataset.simulated import SimulatedDataset
from galseg.errors import FormatError, MissingInputError, ShapeError
from galseg.frame import ImageFrame
from galseg.io.consensus import write_consensus

SHAPE = (48, 48)


def make_consensus(galaxy_id, *, subject_id="s1", shape=SHAPE):
    """Bar drawn by 6 of 10, arms looked for by 10 and not found, tails not asked about."""
    votes = np.zeros((3, *shape), dtype=np.uint16)
    votes[0, 20:28, 8:40] = 6
    fraction = np.stack([votes[0] / 10, votes[1] / 10, np.full(shape, np.nan)])
    return Consensus(
        subject_id=subject_id,
        galaxy_id=galaxy_id,
        features=("bar", "spiral_arm", "tidal"),
        frame=ImageFrame(shape),
        votes=votes,
        fraction=fraction.astype(np.float32),
        n_asked=np.array([10, 10, 0]),
        n_marked=np.array([6, 0, 0]),
        method="fraction",
        instances=(),
        agreement=pd.DataFrame(columns=["feature"]),
        volunteers=pd.DataFrame(columns=["annotator_id"]),
    )


@pytest.fixture
def folders(tmp_path):
    images, maps = tmp_path / "images", tmp_path / "run" / "maps"
    images.mkdir()
    pixels = simulate_galaxy(5, shape=SHAPE).image
    pixels[:, :6] = np.nan
    for name in ("J1", "J2"):
        fits.writeto(images / f"{name}.fits", pixels)
    write_consensus(maps / "s1.fits", make_consensus("J1", subject_id="s1"))
    write_consensus(maps / "s2.fits", make_consensus("J1", subject_id="s2"))
    write_consensus(maps / "s3.fits", make_consensus("J2", subject_id="s3"))
    return images, tmp_path / "run"


def test_votes_and_holes_arrive_on_the_grid(folders):
    pairs = find_pairs(*folders)
    features = ("bar", "spiral_arm", "tidal")
    sample = ConsensusDataset(pairs, features=features, side=48)[0]
    assert sample["galaxy_id"] == "J1"
    torch.testing.assert_close(sample["n_asked"], torch.tensor([10.0, 10.0, 0.0]))
    assert sample["fraction"][0, 24, 20].item() == pytest.approx(0.6)
    assert sample["votes"][0, 24, 20].item() == pytest.approx(6)
    assert sample["valid"][1, 24, 20]  # looked for and not found: an answer
    assert sample["fraction"][1].max() == 0
    assert not sample["valid"][2].any()  # nobody was asked: no answer
    assert not sample["valid"][:, :, :5].any()  # nothing was observed
    assert sample["fraction"][0, 24, 5:7].isfinite().all()


def test_the_area_of_the_votes_is_kept_by_the_grid():
    fraction = np.zeros((1, 90, 60), dtype=np.float32)
    fraction[0, 40:52, 21:42] = 0.5
    image = np.random.default_rng(0).normal(size=(1, 90, 60)).astype(np.float32)
    sample = make_sample(image, fraction, np.array([4]), galaxy_id="", side=30)
    area = sample["fraction"].sum().item() * 3**2
    assert area == pytest.approx(fraction.sum(), rel=0.01)


def test_a_feature_that_the_consensus_does_not_hold_was_not_asked(folders):
    features = ("ring", "bar")
    sample = ConsensusDataset(find_pairs(*folders), features=features, side=48)[0]
    assert not sample["valid"][0].any()
    assert sample["fraction"][1].max().item() == pytest.approx(0.6)


def test_a_galaxy_drawn_twice_is_two_samples_of_one_name(folders):
    assert [pair.galaxy_id for pair in find_pairs(*folders)] == ["J1", "J1", "J2"]


def test_a_consensus_without_its_image_is_named(folders):
    images, run = folders
    (images / "J2.fits").unlink()
    with pytest.raises(MissingInputError, match=r"'J2' .*known: 'J1'"):
        find_pairs(images, run)
    with pytest.raises(MissingInputError, match="no consensus"):
        find_pairs(images, images.parent)


def test_another_fits_file_among_the_consensus_is_named(folders):
    images, run = folders
    fits.writeto(run / "maps" / "x.fits", np.zeros((3, 3)))
    with pytest.raises(FormatError, match=r"x\.fits"):
        find_pairs(images, run)


def test_an_image_of_another_size_is_named(folders):
    images, run = folders
    write_consensus(run / "maps" / "s3.fits", make_consensus("J2", shape=(40, 40)))
    samples = ConsensusDataset(find_pairs(images, run), features=("bar",), side=48)
    with pytest.raises(ShapeError, match=r"s3\.fits .*\(40, 40\).*\(48, 48\)"):
        samples[2]


def test_simulated_galaxies_are_the_same_whatever_others_there_are():
    options = {"features": ("bar", "spiral_arm", "tidal"), "side": 32, "image_side": (48, 64)}
    alone = SimulatedDataset([7], seed=1, **options)[0]
    among = SimulatedDataset([3, 7], seed=1, **options)[1]
    assert alone["galaxy_id"] == among["galaxy_id"] == "sim-1-7"
    torch.testing.assert_close(alone["image"], among["image"])
    other = SimulatedDataset([7], seed=2, **options)[0]
    assert not torch.equal(alone["image"], other["image"])


def test_exact_masks_count_as_one_volunteer_and_crowds_as_themselves():
    options = {"features": ("bar", "spiral_arm"), "side": 32, "image_side": (64, 64)}
    exact = SimulatedDataset([3], **options)[0]
    crowd = SimulatedDataset([3], n_volunteers=8, **options)[0]
    torch.testing.assert_close(exact["n_asked"], torch.ones(2))
    torch.testing.assert_close(crowd["n_asked"], torch.full((2,), 8.0))
    assert not torch.equal(exact["fraction"], crowd["fraction"])


def test_turned_samples_stay_together():
    plain = SimulatedDataset([4], features=("spiral_arm",), side=32, image_side=(64, 64))
    torch.manual_seed(0)
    for _ in range(8):
        turned = Oriented(plain)[0]
        by_value = turned["image"].flatten().argsort(stable=True)
        expected = plain[0]["image"].flatten().argsort(stable=True)
        at_peak = turned["fraction"].flatten()[by_value[-1]]
        assert at_peak == plain[0]["fraction"].flatten()[expected[-1]]
        assert turned["fraction"].sum() == pytest.approx(plain[0]["fraction"].sum().item())


def test_consensus_features_may_come_in_another_order(folders):
    images, run = folders
    one = make_consensus("J2")
    flipped = replace(
        one,
        features=one.features[::-1],
        votes=one.votes[::-1].copy(),
        fraction=one.fraction[::-1].copy(),
        n_asked=one.n_asked[::-1].copy(),
        n_marked=one.n_marked[::-1].copy(),
    )
    write_consensus(run / "maps" / "s3.fits", flipped)
    samples = ConsensusDataset(
        find_pairs(images, run), features=("bar", "spiral_arm", "tidal"), side=48
    )
    torch.testing.assert_close(samples[2]["fraction"], samples[0]["fraction"])
