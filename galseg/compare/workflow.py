"""The tasks of a Zooniverse workflow that asks what the page asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from galseg.compare.records import TIE_LABEL, Questions, place_letter

__all__ = ["workflow", "workflow_text"]

_TEXT = """\
# Workflow: which mask is best?

One subject is one picture: above, the image of a galaxy and the same image with an outline in
every place, called by letters; below, the masks by themselves. What is outlined stands on top.
The methods behind the letters are dealt anew for every subject, so the letters mean nothing, and
the subject set does not say which method is which.

1. Make a subject set and drop `manifest.csv` into it together with the pictures. The columns that
   begin with `#` stay hidden from those who classify; the answers are scored by them.
2. Make a workflow with these tasks in this order, or take `workflow.json`, the same as the API of
   Zooniverse has it. The words of the answers must stay as they are: the score reads them.
3. Set the number of classifications after which a subject retires to the number of raters wanted.
"""


def workflow(questions: Questions, *, n_places: int) -> dict[str, Any]:
    """Write the tasks: the quality of each mask, the best one, and a remark, as far as asked.

    Parameters
    ----------
    questions : Questions
    n_places : int
        Masks on a picture.

    Returns
    -------
    dict
        ``first_task`` and ``tasks``, as in the workflows of Zooniverse.

    Examples
    --------
    >>> made = workflow(Questions(quality={}, comment=False), n_places=2)
    >>> [answer["label"] for answer in made["tasks"]["T0"]["answers"]]
    ['A', 'B', 'Tie: none is better']
    """
    asked = list(_tasks(questions, n_places))
    following = [f"T{number}" for number in range(1, len(asked))]
    tasks = {f"T{number}": task for number, task in enumerate(asked)}
    for task, name in zip(asked, following, strict=False):
        _lead_to(task, name)
    return {"first_task": "T0", "tasks": tasks}


def workflow_text(made: Mapping[str, Any]) -> str:
    """Write for people what `workflow` wrote for the API, as Markdown."""
    lines = [_TEXT]
    for name, task in made["tasks"].items():
        if task["type"] == "single":
            lines.append(f"## {name}: {task['question']}\n")
            lines.append("A question with one answer, required:\n")
            lines.extend(f"- {answer['label']}" for answer in task["answers"])
        else:
            lines.append(f"## {name}: {task['instruction']}\n")
            lines.append("A text, not required.")
        lines.append("")
    return "\n".join(lines)


def _tasks(questions: Questions, n_places: int) -> Iterator[dict[str, Any]]:
    letters = [place_letter(place + 1) for place in range(n_places)]
    if questions.quality:
        for letter in letters:
            yield _choice(f"How good is {letter}?", list(questions.quality.values()))
    if questions.best:
        yield _choice("Which mask is best?", letters + [TIE_LABEL] * questions.tie)
    if questions.comment:
        yield {"type": "text", "instruction": "Anything to remark?", "required": False}


def _choice(question: str, labels: list[str]) -> dict[str, Any]:
    answers = [{"label": label} for label in labels]
    return {"type": "single", "question": question, "answers": answers, "required": True}


def _lead_to(task: dict[str, Any], name: str) -> None:
    for place in task.get("answers", [task]):
        place["next"] = name
