"""A Zooniverse export is read as what its volunteers meant."""

import csv
import json

import pandas as pd
import pytest

from galseg.compare import score_comparison
from galseg.compare.answers import check_answers
from galseg.compare.records import Questions
from galseg.compare.workflow import workflow
from galseg.io.provenance import hash_of
from tests.compare.made_up import write_made_up_key

COLUMNS = ["classification_id", "user_name", "user_ip", "workflow_id", "workflow_version",
           "created_at", "metadata", "annotations", "subject_data", "subject_ids"]  # fmt: skip


def classification(item, key_path, words, *, user="ann", at="2026-01-01 00:00:00 UTC", **subject):
    """One row: `words` answer the workflow's tasks in their order."""
    told = {"#item": item.token, "#package": "package", "#key_sha256": hash_of(key_path)}
    annotations = [
        {"task": f"T{number}", "task_label": "?", "value": value}
        for number, value in enumerate(words)
    ]
    return {
        "classification_id": "1",
        "user_name": user,
        "created_at": at,
        "metadata": "{}",
        "annotations": json.dumps(annotations),
        "subject_data": json.dumps({"77": told | subject}),
        "subject_ids": "77",
    }


def write_export(path, rows):
    with path.open("w", newline="") as handle:
        writer = csv.DictWriter(handle, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def key_path(tmp_path):
    return tmp_path / "key.json"


@pytest.fixture
def key(key_path):
    return write_made_up_key(key_path, 2)


def check(path, key, key_path):
    return check_answers([path], key, key_sha256=hash_of(key_path))


GOOD = ["Perfect", "Mostly good", "Failed", "A", "well drawn"]


def test_words_are_understood(tmp_path, key, key_path):
    rows = [
        classification(key.items[0], key_path, GOOD),
        classification(key.items[1], key_path, ["Failed"] * 3 + ["Tie: none is better", ""]),
        classification(key.items[2], key_path, GOOD, user="cy"),
    ]
    evaluations, excluded = check(write_export(tmp_path / "e.csv", rows), key, key_path)
    assert excluded.empty
    assert evaluations["rater"].tolist() == ["ann", "ann", "cy"]
    assert evaluations["choice"].tolist() == ["model", "tie", "model"]
    assert evaluations["quality_model"].tolist() == ["perfect", "failed", "perfect"]
    assert evaluations["comment"].tolist() == ["well drawn", "", "well drawn"]
    assert evaluations["file"].str.contains(r"e\.csv, line \d").all()


@pytest.mark.parametrize(
    "questions",
    [
        Questions(),
        Questions(quality={}),
        Questions(best=False),
        Questions(tie=False, comment=False),
    ],
)
def test_every_answer_that_the_workflow_offers_is_understood(tmp_path, key_path, questions):
    key = write_made_up_key(key_path, 30, questions=questions)
    tasks = workflow(questions, n_places=3)["tasks"].values()
    n_rows = max(len(task.get("answers", [])) for task in tasks)
    rows = []
    for number in range(n_rows):
        words = [
            task["answers"][number % len(task["answers"])]["label"] if "answers" in task else "yes"
            for task in tasks
        ]
        rows.append(classification(key.items[number], key_path, words))
    evaluations, excluded = check(write_export(tmp_path / "e.csv", rows), key, key_path)
    assert len(evaluations) + len(excluded) == n_rows
    # the same quality everywhere never contradicts the best mask
    assert excluded["reason"].tolist() == []
    if questions.best:
        assert set(evaluations["choice"]) >= {"model", "volunteers"}
    if questions.quality:
        assert set(evaluations["quality_model"]) == set(questions.quality)
    assert set(evaluations["comment"]) == ({"yes"} if questions.comment else {""})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"user": "not-logged-in-1a2b"}, "not logged in"),
        ({"user": ""}, "not logged in"),
        ({"#package": "other"}, "subject of package 'other'"),
        ({"#key_sha256": "0"}, "not the one that the package was built with"),
        ({"#item": "0"}, "unknown item"),
        ({"words": ["Perfect", "Mostly good", "Failed", "D", ""]}, "task T3 has the answer 'D'"),
        ({"words": ["Perfekt", *GOOD[1:]]}, "needed is one of Perfect"),
        ({"words": ["Failed", "Perfect", "Failed", "A", ""]}, "impossible"),
        ({"words": ["Perfect", "Failed", "Failed", None, ""]}, "unfinished"),
        ({"words": [["Perfect"], *GOOD[1:]]}, "task T0"),
    ],
)
def test_a_bad_row_is_kept_out_with_its_reason(tmp_path, key, key_path, change, reason):
    words = change.pop("words", GOOD)
    rows = [
        classification(key.items[0], key_path, GOOD),
        classification(key.items[1], key_path, words, **change),
    ]
    evaluations, excluded = check(write_export(tmp_path / "e.csv", rows), key, key_path)
    assert len(evaluations) == 1
    (row,) = excluded.itertuples()
    assert reason in row.reason
    assert row.file.endswith("e.csv, line 3")


def test_subjects_of_other_sets_are_kept_out(tmp_path, key, key_path):
    row = classification(key.items[0], key_path, GOOD)
    row["subject_data"] = json.dumps({"77": {"image": "cat.png"}})
    _, excluded = check(write_export(tmp_path / "e.csv", [row]), key, key_path)
    assert "no #item" in excluded["reason"][0]


def test_every_row_of_a_real_export_of_other_subjects_is_kept_out(shared_data, key, key_path):
    path = shared_data / "zooniverse-polygons" / "classifications.csv"
    evaluations, excluded = check(path, key, key_path)
    assert evaluations.empty
    assert len(excluded) == len(pd.read_csv(path))
    assert excluded["reason"].str.contains("carries no #item").all()


def test_the_last_answer_of_a_user_is_used(tmp_path, key, key_path):
    other = [*GOOD[:3], "Tie: none is better", ""]
    rows = [
        classification(key.items[0], key_path, other, at="2026-01-03 00:00:00 UTC"),
        classification(key.items[0], key_path, GOOD, at="2026-01-02 00:00:00 UTC"),
    ]
    evaluations, excluded = check(write_export(tmp_path / "e.csv", rows), key, key_path)
    assert evaluations["choice"].tolist() == ["tie"]
    assert "answered again" in excluded["reason"][0]


def test_one_galaxy_seen_in_two_deals_counts_once(tmp_path, key, key_path):
    first, other_deal = key.items[0], key.items[2]
    assert first.galaxy_id == other_deal.galaxy_id
    rows = [
        classification(other_deal, key_path, GOOD, at="2026-01-02 00:00:00 UTC"),
        classification(first, key_path, GOOD, at="2026-01-03 00:00:00 UTC"),
    ]
    evaluations = check(write_export(tmp_path / "e.csv", rows), key, key_path).evaluations
    assert evaluations.set_index("item")["counted"].to_dict() == {
        first.token: False,
        other_deal.token: True,
    }


def test_an_export_cut_short_is_kept_out_whole_and_pages_still_count(tmp_path, key, key_path):
    rows = [classification(item, key_path, GOOD) for item in key.items[:2]]
    good = write_export(tmp_path / "good.csv", rows)
    cut = tmp_path / "cut.csv"
    cut.write_bytes(good.read_bytes()[:-200])
    score = score_comparison([good, cut], key_path, n_resamples=100)
    assert len(score.evaluations) == 2
    assert score.raters["n_unanswered"].isna().tolist() == [True]  # a user has no deal of items
    assert score.excluded["file"].tolist() == [str(cut)]
    assert "cut off" in score.excluded["reason"][0]
