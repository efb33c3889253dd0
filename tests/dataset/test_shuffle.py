"""The same epoch is the same order, whatever came before."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.data import DataLoader, Dataset

from galseg.dataset.shuffle import EpochShuffle


def order(n, *, seed=0, epoch=0):
    shuffle = EpochShuffle(range(n), seed=seed)
    shuffle.set_epoch(epoch)
    return list(shuffle)


class Echo(Dataset):
    """A dataset whose samples are what was asked for."""

    def __len__(self):
        return 6

    def __getitem__(self, index):
        return torch.tensor(index)


@given(st.integers(1, 50), st.integers(0, 2**31), st.integers(0, 1000))
def test_every_sample_comes_once_with_its_epoch(n, seed, epoch):
    found = order(n, seed=seed, epoch=epoch)
    assert sorted(found) == [(epoch, index) for index in range(n)]


def test_the_order_depends_on_seed_and_epoch_alone():
    first = order(20, seed=3, epoch=4)
    torch.manual_seed(99)
    shuffle = EpochShuffle(range(20), seed=3, epoch=2)
    list(shuffle)
    shuffle.set_epoch(4)
    assert list(shuffle) == first
    others = [order(20, seed=4, epoch=4), order(20, seed=3, epoch=5)]
    assert [index for _, index in first] not in [[index for _, index in o] for o in others]


@pytest.mark.parametrize("num_workers", [0, pytest.param(2, marks=pytest.mark.slow)])
def test_a_loader_hands_epoch_and_index_to_the_dataset(num_workers):
    shuffle = EpochShuffle(Echo(), epoch=7)
    loader = DataLoader(
        Echo(),
        batch_size=4,
        sampler=shuffle,
        num_workers=num_workers,
        persistent_workers=num_workers > 0,
    )
    for epoch in (7, 8):
        shuffle.set_epoch(epoch)
        assert torch.cat(list(loader)).tolist() == [list(pair) for pair in order(6, epoch=epoch)]


def test_each_of_two_processes_gets_its_half(monkeypatch):
    both = []
    for rank in (0, 1):
        monkeypatch.setattr("torch.distributed.is_initialized", lambda: True)
        monkeypatch.setattr("torch.distributed.get_world_size", lambda: 2)
        monkeypatch.setattr("torch.distributed.get_rank", lambda rank=rank: rank)
        both.append(list(EpochShuffle(range(10))))
    assert len(both[0]) == len(both[1]) == 5
    assert sorted(both[0] + both[1]) == [(0, index) for index in range(10)]
