"""What volunteers were asked about a galaxy, and the columns that count their answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from galseg.errors import ConfigError

__all__ = ["Question", "Schema"]


@dataclass(frozen=True)
class Question:
    """A question, in one campaign of asking.

    Attributes
    ----------
    text : str
        As ``"has-spiral-arms"``.
    campaign : str
        As ``"dr5"``; empty where the columns name none.
    answers : tuple of str
        As ``("yes", "no")``.
    after : tuple of str
        Columns of the answers after which it is asked, whichever was given; none: of everybody.

    Examples
    --------
    >>> Question("bar", "dr5", ("strong", "weak", "no"), ()).columns
    ('bar-dr5_strong', 'bar-dr5_weak', 'bar-dr5_no')
    """

    text: str
    campaign: str
    answers: tuple[str, ...]
    after: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Text and campaign, as ``"bar-dr5"``."""
        return "-".join(filter(None, (self.text, self.campaign)))

    @property
    def columns(self) -> tuple[str, ...]:
        """One an answer: ``{question}-{campaign}_{answer}``."""
        return tuple(f"{self.name}_{answer}" for answer in self.answers)


@dataclass(frozen=True)
class Schema:
    """A decision tree, or several side by side.

    Attributes
    ----------
    questions : tuple of Question
        Each after those whose answers lead to it.

    Raises
    ------
    ConfigError
        If a question stands twice, has fewer than two answers or the same one twice, or is asked
        after an answer that no earlier question has.

    References
    ----------
    Walmsley, M. et al. (2023), JOSS 8, 5312, doi:10.21105/joss.05312, whose catalogues name their
    columns so.
    """

    questions: tuple[Question, ...]

    def __post_init__(self) -> None:
        if not self.questions:
            raise ConfigError("a schema needs at least one question")
        seen: set[str] = set()
        for question in self.questions:
            columns = question.columns
            if len(set(columns)) < max(len(columns), 2):
                raise ConfigError(
                    f"question {question.name!r} needs two answers or more, each once, "
                    f"got {list(question.answers)}"
                )
            if seen & set(columns):
                raise ConfigError(f"question {question.name!r} stands twice in the schema")
            if unknown := sorted(set(question.after) - seen):
                raise ConfigError(
                    f"question {question.name!r} is asked after {unknown[0]!r}, which is no answer "
                    "to an earlier question"
                )
            seen |= set(columns)

    @classmethod
    def join(cls, schemas: Iterable[Schema]) -> Schema:
        """Put the trees of several campaigns side by side, for a model of all of them."""
        return cls(tuple(question for schema in schemas for question in schema.questions))

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Of all answers to all questions, in order."""
        return tuple(column for question in self.questions for column in question.columns)

    @cached_property
    def question_of(self) -> tuple[int, ...]:
        """Per column, the place of its question in `questions`."""
        return tuple(k for k, question in enumerate(self.questions) for _ in question.answers)

    def campaigns(self) -> dict[str, tuple[Question, ...]]:
        """Return the questions of each campaign."""
        names = dict.fromkeys(question.campaign for question in self.questions)
        return {
            name: tuple(one for one in self.questions if one.campaign == name) for name in names
        }
