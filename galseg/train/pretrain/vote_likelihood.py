"""The likelihood of volunteers' answers to all questions of a decision tree."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812  torch's own custom

from galseg.schemas import Schema

__all__ = ["VoteLikelihood"]

_SPREAD = 100.0


class VoteLikelihood(nn.Module):
    """Dirichlet-Multinomial likelihood of the votes, with concentrations from 1 to 101.

    A crowd's own vote fractions scatter around the expected ones as a Dirichlet distribution says,
    and its volunteers answer by these. A question that nobody answered has likelihood one.

    Parameters
    ----------
    schema : Schema
        Whose A columns are the last axis of everything here.

    References
    ----------
    Walmsley, M. et al. (2022), MNRAS 509, 3966, doi:10.1093/mnras/stab2093;
    Walmsley, M. et al. (2023), MNRAS 526, 4768, doi:10.1093/mnras/stad2919.

    Examples
    --------
    >>> from galseg.schemas import find_schema
    >>> likelihood = VoteLikelihood(find_schema(["rings"]))
    >>> logits, votes = torch.zeros(2, 2), torch.tensor([[3.0, 1.0], [0.0, 0.0]])
    >>> likelihood(logits, votes).exp().round(decimals=3)  # of 3 to 1 at a mean of 1 to 1
    tensor([[4.0010],
            [1.0000]])
    """

    membership: Tensor

    def __init__(self, schema: Schema) -> None:
        super().__init__()
        membership = F.one_hot(torch.tensor(schema.question_of)).float()
        self.register_buffer("membership", membership, persistent=False)

    def forward(self, logits: Tensor, votes: Tensor) -> Tensor:
        """Return the negative log-likelihood of each question.

        Parameters
        ----------
        logits : Tensor, shape (B, A)
        votes : Tensor, shape (B, A)
            Counts; they need not be whole.

        Returns
        -------
        Tensor of float32, shape (B, Q)
        """
        alpha, votes = self.concentrations(logits), votes.float()
        total, asked = self.per_question(alpha), self.per_question(votes)
        by_answer = torch.lgamma(votes + 1) + torch.lgamma(alpha) - torch.lgamma(votes + alpha)
        by_question = torch.lgamma(asked + total) - torch.lgamma(total) - torch.lgamma(asked + 1)
        return torch.where(asked > 0, by_question + self.per_question(by_answer), 0)

    def concentrations(self, logits: Tensor) -> Tensor:
        """Return the Dirichlet concentrations, shape (B, A), in float32 whatever the logits are."""
        return 1 + _SPREAD * logits.float().sigmoid()

    def fractions(self, logits: Tensor) -> Tensor:
        """Return the expected vote fractions, shape (B, A); those of a question sum to one."""
        alpha = self.concentrations(logits)
        return alpha / self.per_answer(self.per_question(alpha))

    def per_question(self, values: Tensor) -> Tensor:
        """Sum over the answers of each question: (..., A) to (..., Q)."""
        return values @ self.membership

    def per_answer(self, values: Tensor) -> Tensor:
        """Repeat for each answer of a question: (..., Q) to (..., A)."""
        return values @ self.membership.T
