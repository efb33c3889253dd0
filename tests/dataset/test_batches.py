"""Batches: which samples, in which order, and which ones are left out."""

from types import SimpleNamespace

import pytest
from torch.utils.data import Dataset

from galseg.dataset.batches import ResumableData, in_batches, joined
from galseg.errors import ConfigError


class Numbers(Dataset):
    """Says what it was asked for."""

    def __init__(self, n):
        self.n = n

    def __len__(self):
        return self.n

    def __getitem__(self, index):
        epoch, number = index if isinstance(index, tuple) else (0, index)
        return {"epoch": epoch, "number": number}


def numbers(loader):
    return [batch["number"].tolist() for batch in loader]


def batches_of(n, *, training, **options):
    shared = {"batch_size": 4, "num_workers": 0, "seed": 0}
    return in_batches(Numbers(n), training=training, **shared | options)


def test_scoring_takes_every_sample_once_in_order():
    assert numbers(batches_of(9, training=False)) == [[0, 1, 2, 3], [4, 5, 6, 7], [8]]


def test_training_shuffles_anew_in_every_epoch_and_repeats_by_its_seed():
    def orders(seed):
        loader = batches_of(32, training=True, seed=seed)
        for epoch in range(2):
            loader.sampler.set_epoch(epoch)  # as Lightning does
            yield [number for batch in numbers(loader) for number in batch]

    first, second = orders(seed=1)
    assert first != second
    assert list(orders(seed=1)) == [first, second]
    assert next(orders(seed=2)) != first
    assert sorted(first) == sorted(second) == list(range(32))


@pytest.mark.parametrize(("n", "n_batches"), [(8, 2), (9, 2), (10, 3), (1, 1)])
def test_a_sample_left_alone_is_left_out_of_training(n, n_batches):
    assert len(numbers(batches_of(n, training=True))) == n_batches


def test_scores_that_need_two_leave_one_out_if_they_are_told_to():
    assert len(numbers(batches_of(9, training=False, never_alone=True))) == 2


def test_sources_stand_behind_each_other_and_empty_ones_are_passed_over():
    assert len(joined([Numbers(3), Numbers(0), Numbers(2)], split="train")) == 5
    with pytest.raises(ConfigError, match="no galaxy fell into the val split"):
        joined([Numbers(0)], split="val")


@pytest.mark.parametrize(
    ("ready", "processed", "at_the_end", "epoch"),
    [(3, 2, False, 2), (3, 2, True, 3), (3, 3, True, 3)],
    ids=["within an epoch", "in its last validation", "after it"],
)
def test_a_checkpoint_knows_the_epoch_to_go_on_with(ready, processed, at_the_end, epoch):
    begun = SimpleNamespace(current=SimpleNamespace(ready=ready, processed=processed))
    stopped, again = ResumableData(), ResumableData()
    stopped.trainer = SimpleNamespace(
        fit_loop=SimpleNamespace(epoch_progress=begun), is_last_batch=at_the_end
    )
    again.load_state_dict(stopped.state_dict())
    assert (again.first_epoch, ResumableData().first_epoch) == (epoch, 0)
