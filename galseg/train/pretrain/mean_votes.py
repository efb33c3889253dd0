"""What to beat: the same answers for every galaxy."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from galseg.train.pretrain.vote_likelihood import VoteLikelihood

__all__ = ["MeanVotes"]


class MeanVotes(nn.Module):
    """Fraction of all volunteers who gave each answer, over the training galaxies.

    Of all answers that do not look at the image they have the best log score on these galaxies.

    Parameters
    ----------
    likelihood : VoteLikelihood
        Knows which answers belong to one question.
    """

    votes: Tensor

    def __init__(self, likelihood: VoteLikelihood) -> None:
        super().__init__()
        self._likelihood = likelihood
        self.register_buffer("votes", torch.zeros(len(likelihood.membership)))

    @torch.no_grad()
    def update(self, votes: Tensor) -> None:
        """Take in a batch, shape (B, A)."""
        self.votes += votes.sum(0)

    def forward(self) -> Tensor:
        """Return the fractions, shape (A,); those of a question sum to one."""
        likely = self._likelihood
        seen = self.votes + 1e-3  # a question nobody answered has no favourite
        return seen / likely.per_answer(likely.per_question(seen))
