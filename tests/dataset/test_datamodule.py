"""Batches by split."""

import pytest
import torch

from galseg.dataset import ConsensusDataModule, split_of
from galseg.errors import ConfigError, FeatureError

SMALL = {"simulated_side": (40, 40), "side": 32, "batch_size": 4}


def names_in(loader):
    return [name for batch in loader for name in batch["galaxy_id"]]


@pytest.fixture(scope="module")
def data():
    module = ConsensusDataModule(n_simulated=40, **SMALL)
    module.setup("fit")
    return module


def test_every_galaxy_falls_into_the_split_of_its_name(data):
    loaders = {
        "train": data.train_dataloader(),
        "val": data.val_dataloader(),
        "test": data.test_dataloader(),
    }
    names = {split: names_in(loader) for split, loader in loaders.items()}
    assert sorted(name for those in names.values() for name in those) == sorted(
        f"sim-0-{n}" for n in range(40)
    )
    for split, those in names.items():
        assert {split_of(name) for name in those} == {split}


def test_only_training_galaxies_are_shuffled_and_augmented(data):
    first, second = (next(iter(data.val_dataloader()))["image"] for _ in range(2))
    torch.testing.assert_close(first, second)
    loader = data.train_dataloader()
    seen = []
    for epoch in range(2):
        loader.sampler.set_epoch(epoch)
        seen.append(names_in(loader))
    assert seen[0] != seen[1]
    assert sorted(seen[0]) == sorted(seen[1])
    plain = ConsensusDataModule(n_simulated=40, augmentation=None, **SMALL)
    plain.setup("fit")
    loader.sampler.set_epoch(0)
    augmented, as_it_is = (next(iter(each)) for each in (loader, plain.train_dataloader()))
    assert augmented["galaxy_id"] == as_it_is["galaxy_id"]
    assert not torch.equal(augmented["image"], as_it_is["image"])


def test_sources_are_apart(data):
    assert list(data.sources("val")) == ["simulated"]
    assert names_in(data.sources("val")["simulated"]) == names_in(data.val_dataloader())


def test_an_empty_split_is_named():
    module = ConsensusDataModule(n_simulated=3, val_fraction=0, test_fraction=0, **SMALL)
    module.setup("fit")
    assert len(names_in(module.train_dataloader())) == 3
    with pytest.raises(ConfigError, match="val split"):
        module.val_dataloader()


def test_options_that_cannot_be_are_refused(tmp_path):
    with pytest.raises(ConfigError, match="nothing to train on"):
        ConsensusDataModule()
    with pytest.raises(ConfigError, match="belong together"):
        ConsensusDataModule(images=tmp_path, n_simulated=3)
    with pytest.raises(ConfigError, match="least, largest"):
        ConsensusDataModule(n_simulated=3, simulated_side=(90, 80))
    with pytest.raises(ConfigError, match="simulated galaxies have one band"):
        ConsensusDataModule(n_simulated=3, bands=3)
    with pytest.raises(ConfigError, match="field_of_view"):
        ConsensusDataModule(n_simulated=3, field_of_view="4 lightyears")
    with pytest.raises(FeatureError, match="twice"):
        ConsensusDataModule(n_simulated=3, features=("bar", "bar"))


def test_the_bundled_sample_is_split_by_galaxy(sample, tmp_path):
    from galseg.commands.consensus import consensus

    run = consensus(
        annotations=sample / "classifications.csv",
        mapping=sample / "mapping.yaml",
        images=sample / "images",
        output=tmp_path / "run",
        subjects=("90000001", "90000002"),
        products=(),
    )
    module = ConsensusDataModule(images=sample / "images", consensus=run, side=32, test_fraction=0)
    module.setup("fit")
    batches = [*module._parts["train"]["observed"], *module._parts["val"]["observed"]]
    assert sorted(galaxy.galaxy_id for galaxy in batches) == ["sim01", "sim02"]
