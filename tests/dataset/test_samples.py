"""Votes reach the loss as they were given; unobserved is not empty."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from astropy.io import fits

from galseg.consensus import Consensus
from galseg.dataset.augment import SkyAugmentation
from galseg.dataset.observed import ObservedGalaxies, find_pairs
from galseg.dataset.samples import GridGalaxy, Samples
from galseg.dataset.simulate import simulate_galaxy
from galseg.dataset.simulated import SimulatedGalaxies
from galseg.dataset.transforms import on_grid
from galseg.errors import FormatError, MissingInputError, ShapeError
from galseg.frame import ImageFrame
from galseg.io.consensus import write_consensus
from galseg.io.images import GalaxyImage

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
    sample = Samples(ObservedGalaxies(pairs, features=features, side=48))[0]
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
    pixels = np.random.default_rng(0).normal(size=(1, 90, 60)).astype(np.float32)
    image = on_grid(GalaxyImage("J1", pixels, ImageFrame((90, 60))), side=30)
    galaxy = GridGalaxy("J1", image, image.grid.to_model(fraction)[0], np.array([4]))
    area = Samples([galaxy])[0]["fraction"].sum().item() * 3**2
    assert area == pytest.approx(fraction.sum(), rel=0.01)


def test_a_feature_that_the_consensus_does_not_hold_was_not_asked(folders):
    features = ("ring", "bar")
    sample = Samples(ObservedGalaxies(find_pairs(*folders), features=features, side=48))[0]
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
    galaxies = ObservedGalaxies(find_pairs(images, run), features=("bar",), side=48)
    with pytest.raises(ShapeError, match=r"s3\.fits .*\(40, 40\).*\(48, 48\)"):
        galaxies[2]


def test_simulated_galaxies_are_the_same_whatever_others_there_are():
    options = {"features": ("bar", "spiral_arm", "tidal"), "side": 32, "image_side": (48, 64)}
    alone = SimulatedGalaxies([7], seed=1, **options)[0]
    among = SimulatedGalaxies([3, 7], seed=1, **options)[1]
    assert alone.galaxy_id == among.galaxy_id == "sim-1-7"
    np.testing.assert_array_equal(alone.image.pixels, among.image.pixels)
    other = SimulatedGalaxies([7], seed=2, **options)[0]
    assert not np.array_equal(alone.image.pixels, other.image.pixels)


def test_exact_masks_count_as_one_volunteer_and_crowds_as_themselves():
    options = {"features": ("bar", "spiral_arm"), "side": 32, "image_side": (64, 64)}
    exact = Samples(SimulatedGalaxies([3], **options))[0]
    crowd = Samples(SimulatedGalaxies([3], n_volunteers=8, **options))[0]
    torch.testing.assert_close(exact["n_asked"], torch.ones(2))
    torch.testing.assert_close(crowd["n_asked"], torch.full((2,), 8.0))
    assert not torch.equal(exact["fraction"], crowd["fraction"])


def test_augmented_samples_depend_on_seed_epoch_and_index_alone():
    galaxies = SimulatedGalaxies([4, 5], features=("spiral_arm",), side=32, image_side=(64, 64))
    samples = Samples(galaxies, augmentation=SkyAugmentation(), seed=3)
    again = Samples(galaxies, augmentation=SkyAugmentation(), seed=3)
    torch.manual_seed(0)
    first = samples[2, 1]["image"]
    torch.manual_seed(1)
    torch.testing.assert_close(again[2, 1]["image"], first, rtol=0, atol=0)
    other_seed = Samples(galaxies, augmentation=SkyAugmentation(), seed=4)
    for other in (samples[3, 1], samples[2, 0], other_seed[2, 1]):
        assert not torch.equal(other["image"], first)
    torch.testing.assert_close(samples[0]["image"], samples[0, 0]["image"])


def test_holes_cut_by_augmentation_carry_no_votes():
    galaxies = SimulatedGalaxies([4], features=("spiral_arm",), side=32, image_side=(64, 64))
    samples = Samples(galaxies, augmentation=SkyAugmentation(star_masks=5, zoom=1.5))
    for epoch in range(10):
        sample = samples[epoch, 0]
        assert sample["fraction"][~sample["valid"]].sum() == 0
        assert sample["votes"][~sample["valid"]].sum() == 0


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
    features = ("bar", "spiral_arm", "tidal")
    galaxies = ObservedGalaxies(find_pairs(images, run), features=features, side=48)
    np.testing.assert_array_equal(galaxies[2].fraction, galaxies[0].fraction)


def test_a_model_of_another_number_of_bands_is_named(folders):
    galaxies = ObservedGalaxies(find_pairs(*folders), features=("bar",), side=48, bands=3)
    with pytest.raises(ShapeError, match=r"takes 3 band\(s\), the image 'J1' has 1"):
        galaxies[0]
