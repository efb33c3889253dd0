"""Every answer that is read either can be used or is kept out with its reason."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from galseg.compare.answers import check_answers, find_answer_files
from galseg.compare.key import read_key
from galseg.compare.records import Questions
from galseg.errors import MissingInputError
from galseg.io.provenance import hash_of
from tests.compare.made_up import answer, write_answers, write_made_up_key

N_ITEMS = 4


@pytest.fixture
def key_path(tmp_path):
    path = tmp_path / "key" / "key.json"
    path.parent.mkdir()
    write_made_up_key(path, N_ITEMS)
    return path


@pytest.fixture
def items(key_path):
    return read_key(key_path).items


def check(paths, key_path):
    return check_answers(paths, read_key(key_path), key_sha256=hash_of(key_path))


def test_places_are_undone(tmp_path, key_path, items):
    quality = {"model": "perfect", "volunteers": "mostly_poor", "SpArcFiRe": "failed"}
    given_ = [answer(item, "model", quality, comment="a note", seconds=7) for item in items[:3]]
    path = write_answers(tmp_path / "answers.json", key_path, given_)
    evaluations, excluded = check([path], key_path)
    assert excluded.empty
    assert evaluations["choice"].tolist() == ["model"] * 3
    assert evaluations["place"].tolist() == [1, 3, 2]
    assert evaluations["place_1"].tolist() == ["model", "volunteers", "SpArcFiRe"]
    assert evaluations["quality_volunteers"].tolist() == ["mostly_poor"] * 3
    assert evaluations["comment"].tolist() == ["a note"] * 3
    assert evaluations["seconds"].tolist() == [7] * 3
    assert evaluations["counted"].all()


FAULTS = [
    ({"best": None}, "unfinished: no best mask and no tie"),
    ({"best": 4}, "place from 1 to 3, got 4"),
    ({"best": 0}, "place from 1 to 3, got 0"),
    ({"best": True}, "got True"),
    ({"best": "1"}, "got '1'"),
    ({"best": [1]}, "got [1]"),
    ({"quality": ["perfect"]}, "quality must be a list of 3"),
    ({"quality": None}, "quality must be a list of 3"),
    ({"quality": ["perfect", "good", "failed"]}, "unknown quality 'good'"),
    ({"quality": [["perfect"], "failed", "failed"]}, "unknown quality"),
    ({"quality": ["perfect", None, "failed"]}, "unfinished: no quality of 1 of 3 masks"),
    ({"quality": ["failed", "perfect", "failed"]}, "impossible"),
    ({"seconds": -1}, "seconds must be"),
    ({"seconds": float("nan")}, "seconds must be"),
    ({"seconds": "fast"}, "seconds must be"),
    ({"n_changes": 1.5}, "n_changes must be"),
    ({"comment": 3}, "comment must be text"),
    ({"item": "0123"}, "unknown item"),
    ({"item": ["0123"]}, "unknown item"),
]


@pytest.mark.parametrize(("change", "reason"), FAULTS)
def test_a_bad_answer_is_kept_out_with_its_reason(tmp_path, key_path, items, change, reason):
    good, bad = (
        {"item": item.token, "best": 1, "quality": ["perfect", "failed", "failed"]}
        for item in items[:2]
    )
    path = write_answers(tmp_path / "answers.json", key_path, [good, bad | change])
    evaluations, excluded = check([path], key_path)
    assert evaluations["item"].tolist() == [good["item"]]
    (row,) = excluded.itertuples()
    assert row.file == str(path)
    assert reason in row.reason


def test_what_is_no_answer_and_what_another_rater_was_asked_is_kept_out(tmp_path, key_path, items):
    given_ = [answer(item, "tie") for item in (items[0], items[N_ITEMS])]
    path = write_answers(tmp_path / "answers.json", key_path, [*given_, "tie"])
    evaluations, excluded = check([path], key_path)
    assert len(evaluations) == 1
    assert sorted(excluded["reason"]) == [
        "not an answer: 'tie'",
        "the item of another rater, 'Bo'",
    ]


@pytest.mark.parametrize(
    ("questions", "change", "reason"),
    [
        (Questions(tie=False), {"best": "tie"}, "a tie was not allowed"),
        (Questions(best=False), {"best": 1}, "best mask was not asked"),
        (Questions(quality={}), {}, "quality must be a list of 0"),
    ],
)
def test_what_was_not_asked_cannot_be_answered(tmp_path, questions, change, reason):
    key_path = tmp_path / "key.json"
    key = write_made_up_key(key_path, 1, questions=questions)
    path = write_answers(tmp_path / "a.json", key_path, [answer(key.items[0], "model") | change])
    evaluations, excluded = check([path], key_path)
    assert evaluations.empty
    assert reason in excluded["reason"][0]


def test_the_last_answer_of_a_rater_is_used(tmp_path, key_path, items):
    early, late = (
        write_answers(
            tmp_path / f"{name}.json", key_path, [answer(items[0], choice)], exported_at=time
        )
        for name, choice, time in [
            ("a", "model", "2026-01-02T23:30:00.000Z"),
            ("b", "volunteers", "2026-01-02T20:00:00-05:00"),
        ]
    )
    evaluations, excluded = check([late, early], key_path)
    assert evaluations["choice"].tolist() == ["volunteers"]
    assert excluded["file"].tolist() == [str(early)]
    assert "answered again" in excluded["reason"][0]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"format": "x"}, "not a file of answers"),
        ({"version": 1}, "answers of version 1, known is 2"),
        ({"package": "other"}, "answers to package 'other'"),
        ({"key_sha256": "0" * 64}, "not the one that the package was built with"),
        ({"rater": "Cy"}, "rater 'Cy'"),
        ({"rater": ["Ann"]}, "rater ['Ann']"),
        ({"exported_at": "zzz"}, "exported_at must be a date and time, got 'zzz'"),
        ({"exported_at": None}, "exported_at must be"),
        ({"answers": None}, "no list of answers"),
        ({"signed_off": None}, "not signed off"),
        ({"signed_off": {"name": " "}}, "not signed off by anybody"),
        ({"package": "other", "answers": []}, "answers to package 'other'"),
    ],
)
def test_a_foreign_or_unsigned_file_is_kept_out(tmp_path, key_path, items, changed, reason):
    given_ = [answer(items[0], "tie")]
    write_answers(tmp_path / "good.json", key_path, given_)
    bad = write_answers(tmp_path / "bad.json", key_path, given_, **changed)
    evaluations, excluded = check(find_answer_files(tmp_path), key_path)
    assert len(evaluations) == 1
    (row,) = excluded.itertuples()
    assert row.file == str(bad)
    assert reason in row.reason


def test_a_file_cut_short_is_kept_out(tmp_path, key_path, items):
    good = write_answers(tmp_path / "good.json", key_path, [answer(items[0], "tie")])
    cut = tmp_path / "cut.json"
    cut.write_bytes(good.read_bytes()[:150])
    evaluations, excluded = check([good, cut], key_path)
    assert len(evaluations) == 1
    assert excluded["file"].tolist() == [str(cut)]
    assert "not whole JSON" in excluded["reason"][0]


def test_repeats_and_practice_do_not_count(tmp_path):
    key_path = tmp_path / "key.json"
    key = write_made_up_key(key_path, 3, raters=("Ann",), n_repeats=2, n_practice=2)
    practice, rated, again = key.items[:2], key.items[2:5], key.items[5:]
    given_ = [answer(practice[0], "model"), answer(practice[1], "volunteers")]
    given_ += [answer(item, "model") for item in rated[1:]]
    given_ += [answer(item, "volunteers") for item in again]
    path = write_answers(tmp_path / "a.json", key_path, given_)
    evaluations = check([path], key_path).evaluations.set_index("item")
    assert evaluations["right"].dropna().to_dict() == {
        practice[0].token: True,
        practice[1].token: False,
    }
    # the first galaxy was left out the first time, so the answer to its repeat counts
    counted = [rated[1].token, rated[2].token, again[0].token]
    assert set(evaluations.index[evaluations["counted"]]) == set(counted)


def test_only_answers_are_looked_for_in_a_folder(tmp_path):
    for name in ("a.json", "b.csv", "c.txt"):
        (tmp_path / name).touch()
    found = find_answer_files([tmp_path, tmp_path / "a.json"])
    assert [path.name for path in found] == ["a.json", "b.csv"]
    with pytest.raises(MissingInputError, match="no file or folder of answers"):
        find_answer_files(tmp_path / "nothing.json")
    with pytest.raises(MissingInputError, match="an empty list"):
        find_answer_files([])


def some_answers(items):
    """Answers that are right, changed into any of the wrong ones, or anything at all."""
    good = st.builds(answer, st.sampled_from(items), st.sampled_from(["model", "tie"]))
    wrong = st.sampled_from([change for change, _ in FAULTS])
    anything = st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["item", "best", "quality"]), inner, max_size=3)
        ),
        max_leaves=4,
    )
    return good | st.builds(lambda one, change: one | change, good, wrong) | anything


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_nothing_is_lost(tmp_path, key_path, items, data):
    files = data.draw(
        st.lists(
            st.tuples(
                st.lists(some_answers(items), max_size=6),
                st.sampled_from(["Ann", "Bo", "Cy", None]),
                st.sampled_from([{}, {}, {"signed_off": None}, {"version": 1}, {"answers": 3}]),
            ),
            min_size=1,
            max_size=3,
        )
    )
    paths = [
        write_answers(tmp_path / f"{n}.json", key_path, given_, rater=rater, **changed)
        for n, (given_, rater, changed) in enumerate(files)
    ]
    evaluations, excluded = check(paths, key_path)
    n_read = 0
    for path in paths:
        answers = json.loads(path.read_text())["answers"]
        whole = not isinstance(answers, list) or (not answers and path.name in _names(excluded))
        n_read += 1 if whole else len(answers)
    assert len(evaluations) + len(excluded) == n_read
    assert (excluded["reason"] != "").all()
    if len(evaluations):
        assert not evaluations.duplicated(["rater", "item"]).any()


def _names(excluded):
    return {file.rpartition("/")[2] for file in excluded["file"]}
