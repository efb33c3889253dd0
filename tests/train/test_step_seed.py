"""What a step draws depends on where it stands, and on nothing before."""

from types import SimpleNamespace

import torch

from galseg.train.step_seed import StepSeed


def drawn(seed=0, epoch=0, batch_idx=0, rank=0, before=0):
    torch.manual_seed(before)
    trainer = SimpleNamespace(current_epoch=epoch, global_rank=rank)
    StepSeed(seed).on_train_batch_start(trainer, None, None, batch_idx)
    return torch.rand(4).tolist()


def test_what_came_before_does_not_matter():
    assert drawn(before=1) == drawn(before=2)


def test_every_place_draws_its_own():
    places = [{}, {"seed": 1}, {"epoch": 1}, {"batch_idx": 1}, {"rank": 1}]
    assert len({tuple(drawn(**place)) for place in places}) == len(places)
