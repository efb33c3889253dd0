"""How well the answers of volunteers are foretold, question by question."""

from __future__ import annotations

import torch
from torch import Tensor
from torchmetrics import Metric

from galseg.schemas import Schema
from galseg.train.pretrain.vote_likelihood import VoteLikelihood

__all__ = ["VoteScores"]

_CERTAIN = 1e-4


class VoteScores(Metric):
    """Scores of expected vote fractions, each volunteer counting alike.

    - ``log_score``: mean cross-entropy of an answer; lower is better.
    - ``skill``: share by which it is below that of the same answers for every galaxy; above 0
      something has been learnt from the images.
    - ``mae/<question>``: mean absolute difference of expected and given vote fraction.

    Parameters
    ----------
    schema : Schema
    """

    higher_is_better = None
    full_state_update = False
    log_score: Tensor
    same_log_score: Tensor
    error: Tensor
    n_answers: Tensor

    def __init__(self, schema: Schema) -> None:
        super().__init__()
        self._questions = tuple(question.name for question in schema.questions)
        self._likelihood = VoteLikelihood(schema)
        for name in ("log_score", "same_log_score", "error", "n_answers"):
            zeros = torch.zeros(len(self._questions))
            self.add_state(name, default=zeros, dist_reduce_fx="sum")

    def update(self, fractions: Tensor, votes: Tensor, same: Tensor) -> None:
        """Take in a batch.

        Parameters
        ----------
        fractions : Tensor, shape (B, A)
            Expected; those of a question sum to one.
        votes : Tensor, shape (B, A)
        same : Tensor, shape (A,)
            Fractions to beat.
        """
        likely = self._likelihood
        asked = likely.per_question(votes)
        given = votes / likely.per_answer(asked).clamp(min=1)
        off = likely.per_question((fractions - given).abs()) / likely.membership.sum(0)
        self.n_answers += asked.sum(0)
        self.error += (off * asked).sum(0)
        for state, foretold in ((self.log_score, fractions), (self.same_log_score, same)):
            surprise = -votes * foretold.clamp(min=_CERTAIN).log()
            state += likely.per_question(surprise).sum(0)

    def compute(self) -> dict[str, Tensor]:
        """Return the scores; NaN of a question that nobody answered."""
        n_answers = self.n_answers.sum()
        by_question = dict(zip(self._questions, self.error / self.n_answers, strict=True))
        return {
            "log_score": self.log_score.sum() / n_answers,
            "skill": 1 - self.log_score.sum() / self.same_log_score.sum(),
            **{f"mae/{name}": value for name, value in by_question.items()},
        }
