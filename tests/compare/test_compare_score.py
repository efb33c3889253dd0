"""What counts gives the shares of the 2023 trial, and goes into every table."""

import numpy as np
import pytest

from galseg.compare import score_comparison
from galseg.compare.key import read_key
from galseg.compare.records import Questions
from galseg.errors import ConfigError, FormatError, MissingInputError
from tests.compare.made_up import METHODS, answer, write_answers, write_made_up_key

TOTALS = {
    "spiral_arm": {"model": 287, "volunteers": 75, "SpArcFiRe": 5, "tie": 0},
    "bar": {"model": 90, "volunteers": 15, "SpArcFiRe": 0, "tie": 28},
}


@pytest.fixture
def key_path(tmp_path):
    path = tmp_path / "key" / "key.json"
    path.parent.mkdir()
    write_made_up_key(path, 4)
    return path


@pytest.mark.parametrize(
    ("feature", "percent"),
    [("spiral_arm", [78.2, 20.4, 1.4, 0.0]), ("bar", [67.7, 11.3, 0.0, 21.1])],
)
def test_the_totals_of_2023_give_its_percentages(tmp_path, feature, percent):
    totals = TOTALS[feature]
    choices = [choice for choice, n in totals.items() for _ in range(n)]
    key_path = tmp_path / "key.json"
    key = write_made_up_key(key_path, len(choices), raters=("all",), feature=feature)
    given = [answer(item, choice) for item, choice in zip(key.items, choices, strict=True)]
    path = write_answers(tmp_path / "answers.json", key_path, given, rater="all")
    score = score_comparison(path, key_path, n_resamples=200)
    assert score.excluded.empty
    assert score.preferences["choice"].tolist() == list(totals)
    assert score.preferences["n_chosen"].tolist() == list(totals.values())
    assert (100 * score.preferences["share"]).round(1).tolist() == percent
    assert score.ranking["method"].tolist() == list(METHODS)
    pair = score.settle.iloc[0]
    assert (pair["n_preferred"], pair["n_other"]) == (totals["model"], totals["volunteers"])
    assert not pair["is_open"]


def test_a_key_changed_after_the_build_is_refused(tmp_path, key_path):
    given = [answer(read_key(key_path).items[0], "model")]
    path = write_answers(tmp_path / "answers.json", key_path, given)
    text = key_path.read_text()
    key_path.write_text(text.replace("model", "x").replace("volunteers", "model"))
    with pytest.raises(FormatError, match="not the one that the package was built with"):
        score_comparison(path, key_path)


def test_answers_to_a_real_package_are_scored(package, tmp_path):
    key = read_key(package.key_path)
    mine = [item for item in key.items if item.rater == "Bo"]
    given = [answer(item, "volunteers") for item in mine]
    path = write_answers(
        tmp_path / "a.json", package.key_path, given, rater="Bo", package=package.package_id
    )
    score = score_comparison(path, package.key_path, n_resamples=100)
    chosen = score.preferences.set_index(["feature", "choice"])["n_chosen"]
    n_features = {feature: n for feature, n in chosen[:, "volunteers"].items() if feature}
    counted = [item for item in mine if item.kind == "rated"]
    assert n_features == {
        feature: sum(item.feature == feature for item in counted) for feature in n_features
    }
    assert chosen["", "volunteers"] == sum(n_features.values()) == len(counted)


def test_the_same_answers_give_the_same_score(tmp_path, key_path):
    given = [answer(item, "tie") for item in read_key(key_path).items[:4]]
    path = write_answers(tmp_path / "a.json", key_path, given)
    one, two = (score_comparison(path, key_path, n_resamples=100) for _ in range(2))
    for name in ("preferences", "ranking", "quality", "settle", "agreement", "position"):
        assert getattr(one, name).equals(getattr(two, name)), name


@pytest.mark.parametrize("asked", ["quality", "best"])
def test_what_was_not_asked_leaves_its_tables_empty(tmp_path, asked):
    questions = Questions(best=False) if asked == "quality" else Questions(quality={})
    key_path = tmp_path / "key.json"
    key = write_made_up_key(key_path, 3, questions=questions, n_repeats=1)
    files = []
    for rater in key.raters:
        given = [answer(item, "model") for item in key.items if item.rater == rater]
        for one in given:
            one.update({"best": None} if asked == "quality" else {"quality": []})
        files.append(write_answers(tmp_path / f"{rater}.json", key_path, given, rater=rater))
    score = score_comparison(files, key_path, n_resamples=100)
    assert score.excluded.empty
    has_best = asked == "best"
    for name in ("preferences", "ranking", "settle", "position"):
        assert (len(getattr(score, name)) > 0) == has_best, name
    assert (len(score.quality) == 0) == has_best
    assert set(score.agreement["question"]) == {asked}
    assert set(score.consistency["question"]) == {asked}
    assert score.raters["n_evaluations"].tolist() == [3, 3]


def test_a_comparison_without_ties_has_no_tie_ratio(tmp_path):
    key_path = tmp_path / "key.json"
    key = write_made_up_key(key_path, 3, questions=Questions(tie=False))
    path = write_answers(tmp_path / "a.json", key_path, [answer(i, "model") for i in key.items[:3]])
    ranking = score_comparison(path, key_path, n_resamples=100).ranking
    assert ranking["tie_ratio"].isna().all()
    assert np.isfinite(ranking["worth_err"]).all()


def test_arguments_that_are_wrong(tmp_path, key_path):
    path = write_answers(tmp_path / "a.json", key_path, [])
    with pytest.raises(MissingInputError, match="no key"):
        score_comparison(path, tmp_path / "nokey.json")
    for wrong in ({"level": 95}, {"power": 1}, {"n_resamples": 10}):
        with pytest.raises(ConfigError, match="level and power"):
            score_comparison(path, key_path, **wrong)
    with pytest.raises(FormatError, match="no answer counts in 1 files; they are empty"):
        score_comparison(path, key_path)


def test_practice_alone_is_no_comparison(tmp_path):
    key_path = tmp_path / "key.json"
    key = write_made_up_key(key_path, 1, n_practice=1)
    path = write_answers(tmp_path / "a.json", key_path, [answer(key.items[0], "model")])
    with pytest.raises(FormatError, match="only practice was answered"):
        score_comparison(path, key_path)
