"""Batches to pretrain on: their sources, splits and views."""

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from galseg.dataset.splits import split_of
from galseg.dataset.vote_datamodule import VoteDataModule
from galseg.errors import ConfigError, MissingInputError

TINY = {"simulated_side": (40, 40), "side": 32, "batch_size": 4}


def save_pictures(folder, names):
    folder.mkdir()
    rng = np.random.default_rng(0)
    for name in names:
        pixels = rng.integers(0, 255, (24, 30, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{name}.png")
    return folder


@pytest.fixture
def catalogue(tmp_path):
    names = [f"J{k}" for k in range(30)]
    save_pictures(tmp_path / "pictures", names)
    table = pd.DataFrame(
        {
            "id_str": names,
            "file_loc": [f"pictures/{name}.png" for name in names],
            "ring_yes": range(30),
            "ring_no": 30,
        }
    )
    table.to_csv(tmp_path / "catalogue.csv", index=False)
    return tmp_path / "catalogue.csv"


def seen(data, split):
    data.setup("fit")
    batches = list(getattr(data, f"{split}_dataloader")())
    names = [name for batch in batches for name in batch["galaxy_id"]]
    return names, {key: torch.cat([batch[key] for batch in batches]) for key in ("views", "votes")}


def test_galaxies_of_a_catalogue_fall_into_their_split_with_their_votes(catalogue):
    data = VoteDataModule(catalogues=(str(catalogue),), schemas=("rings",), **TINY)
    everybody = []
    for split in ("train", "val", "test"):
        names, tensors = seen(data, split)
        assert {split_of(name) for name in names} == {split}
        assert [f"J{int(n)}" for n in tensors["votes"][:, 0]] == names
        everybody += names
    assert sorted(everybody) == sorted(f"J{k}" for k in range(30))


def test_images_alone_have_no_votes_and_stand_beside_simulated_galaxies(tmp_path):
    folder = save_pictures(tmp_path / "images", [f"J{k}" for k in range(12)])
    (folder / "J0.txt").write_text("no image")
    patterns = (str(folder / "J?.png"), str(save_pictures(tmp_path / "more", ["Q0", "Q1"])))
    data = VoteDataModule(images=patterns, n_simulated=12, repeat=3, **TINY)
    names, tensors = seen(data, "train")
    real = [name for name in names if not name.startswith("sim-")]
    assert {real.count(name) for name in real} == {3}
    assert set(real) <= {*(f"J{k}" for k in range(10)), "Q0", "Q1"}
    for name, votes in zip(names, tensors["votes"], strict=True):
        assert (votes.sum() > 0) == name.startswith("sim-")


def test_training_views_differ_and_the_first_of_validation_is_the_galaxy_as_it_is():
    data = VoteDataModule(n_simulated=40, n_views=2, **TINY)
    _, training = seen(data, "train")
    assert training["views"].shape[1:] == (2, 1, 32, 32)
    assert (training["views"][:, 0] != training["views"][:, 1]).flatten(1).any(1).all()
    _, validation = seen(data, "val")
    plain = VoteDataModule(n_simulated=40, augmentation=None, **TINY)
    torch.testing.assert_close(validation["views"][:, 0], seen(plain, "val")[1]["views"][:, 0])


def test_views_are_new_every_epoch_and_the_same_in_every_run():
    def views(epoch):
        data = VoteDataModule(n_simulated=12, **TINY)
        data.setup("fit")
        loader = data.train_dataloader()
        loader.sampler.set_epoch(epoch)
        return {name: view for batch in loader for name, view in
                zip(batch["galaxy_id"], batch["views"], strict=True)}  # fmt: skip

    first, again, later = views(0), views(0), views(1)
    for name, view in first.items():
        torch.testing.assert_close(again[name], view)
        assert (later[name] != view).any()


def test_galaxies_beyond_those_kept_are_the_same():
    def views(n_kept):
        data = VoteDataModule(n_simulated=20, augmentation=None, n_kept=n_kept, **TINY)
        seen(data, "train")
        names, tensors = seen(data, "train")
        return dict(zip(names, tensors["views"], strict=True))

    kept, fresh = views(100), views(1)
    assert kept.keys() == fresh.keys()
    for name, view in kept.items():
        torch.testing.assert_close(fresh[name], view)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "nothing to pretrain on"),
        ({"n_simulated": 5, "simulated_side": (64, 32)}, "simulated_side"),
        ({"n_simulated": 5, "bands": 3}, "one band"),
        ({"n_simulated": 5, "schemas": ("gz3",)}, "did you mean 'gz2'"),
        ({"n_simulated": 5, "schemas": ("gz2",)}, "add 'decals-dr8'"),
        ({"n_simulated": 5, "field_of_view": "wide"}, "field_of_view"),
    ],
)
def test_options_that_cannot_be_are_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        VoteDataModule(**options)


def test_a_split_without_galaxies_is_named():
    data = VoteDataModule(n_simulated=1, **TINY)
    data.setup("fit")
    with pytest.raises(ConfigError, match=r"no galaxy fell into the (val|train) split"):
        [data.train_dataloader(), data.val_dataloader()]


@pytest.mark.parametrize("images", ["nowhere", "nowhere/*.fits"])
def test_images_that_are_not_there_are_named(images):
    data = VoteDataModule(images=(images,))
    with pytest.raises(MissingInputError, match=images[:7]):
        data.setup("fit")
