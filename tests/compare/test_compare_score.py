"""Answers are checked one by one, and what counts gives the shares of the 2023 trial."""

import json

import numpy as np
import pandas as pd
import pytest

from galseg.compare import score_comparison
from galseg.compare.key import new_secret, read_key, secret_token, write_key
from galseg.compare.records import Item, Key
from galseg.compare.score import preference_shares, resampled_shares
from galseg.errors import ConfigError, FormatError, MissingInputError
from galseg.io.provenance import hash_of

METHODS = ("model", "volunteers", "SpArcFiRe")
FINE = ["mostly_good"] * 3


def write_made_up_key(path, n_items, *, raters=("Ann", "Bo"), feature="spiral_arm"):
    """A key of which every rater has `n_items`, with the methods in turning places."""
    secret = new_secret(1)
    items = tuple(
        Item(
            secret_token(secret, "item", rater, feature, str(number)),
            rater,
            f"g{number}",
            feature,
            METHODS[number % 3 :] + METHODS[: number % 3],
        )
        for rater in raters
        for number in range(n_items)
    )
    key = Key("package", secret, METHODS, raters, dict.fromkeys(METHODS), items)
    write_key(path, key)
    return key


def place_of(item, choice):
    return "tie" if choice == "tie" else item.methods.index(choice) + 1


def write_answers(path, key_path, given, *, rater="Ann", exported_at="2026-01-01", **changed):
    content = {
        "format": "galseg-comparison-answers",
        "version": 1,
        "package": "package",
        "key_sha256": hash_of(key_path),
        "rater": rater,
        "exported_at": exported_at,
        "answers": given,
    }
    path.write_text(json.dumps(content | changed))
    return path


@pytest.fixture
def key_path(tmp_path):
    path = tmp_path / "key" / "key.json"
    path.parent.mkdir()
    write_made_up_key(path, 4)
    return path


@pytest.fixture
def items(key_path):
    return read_key(key_path).items


@pytest.mark.parametrize(
    ("feature", "totals", "percent"),
    [
        ("spiral_arm", {"model": 287, "volunteers": 75, "SpArcFiRe": 5, "tie": 0},
         [78.2, 20.4, 1.4, 0.0]),
        ("bar", {"model": 90, "volunteers": 15, "SpArcFiRe": 0, "tie": 28},
         [67.7, 11.3, 0.0, 21.1]),
    ],
)  # fmt: skip
def test_the_totals_of_2023_give_its_percentages(tmp_path, feature, totals, percent):
    choices = [choice for choice, n in totals.items() for _ in range(n)]
    key_path = tmp_path / "key.json"
    key = write_made_up_key(key_path, len(choices), raters=("all",), feature=feature)
    answers = [
        {"item": item.token, "best": place_of(item, choice), "quality": FINE}
        for item, choice in zip(key.items, choices, strict=True)
    ]
    path = write_answers(tmp_path / "answers.json", key_path, answers, rater="all")
    preferences = score_comparison(path, key_path).preferences
    assert preferences["choice"].tolist() == list(totals)
    assert preferences["n_chosen"].tolist() == list(totals.values())
    assert (100 * preferences["share"]).round(1).tolist() == percent


def test_the_interval_is_wilsons():
    evaluations = pd.DataFrame(
        {
            "feature": "spiral_arm",
            "choice": ["model"] * 287 + ["volunteers"] * 80,
            "galaxy_id": [f"g{n}" for n in range(367)],
            "rater": "all",
        }
    )
    row = preference_shares(evaluations, METHODS).iloc[0]
    n, p, z = 367, 287 / 367, 1.959964
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    assert row["share_low"] == pytest.approx(middle - half, abs=1e-6)
    assert row["share_high"] == pytest.approx(middle + half, abs=1e-6)


def test_resampling_one_rater_gives_the_binomial_spread():
    galaxy = np.arange(400)
    choice = (galaxy % 4 == 0).astype(int)
    shares = resampled_shares(
        choice, galaxy, np.zeros(400, int), n_choices=2, n_resamples=4000,
        rng=np.random.default_rng(1),
    )  # fmt: skip
    assert shares[:, 1].mean() == pytest.approx(0.25, abs=0.002)
    assert shares[:, 1].std() == pytest.approx(np.sqrt(0.25 * 0.75 / 400), rel=0.05)
    np.testing.assert_allclose(shares.sum(axis=1), 1)


def test_resampling_answers_equals_weighing_them_one_by_one():
    rng = np.random.default_rng(3)
    galaxy, rater, choice = rng.integers(0, (6, 3, 3), size=(40, 3)).T
    shares = resampled_shares(
        choice, galaxy, rater, n_choices=3, n_resamples=50, rng=np.random.default_rng(8)
    )
    again = np.random.default_rng(8)
    of_galaxy = again.multinomial(6, np.full(6, 1 / 6), size=50)
    of_rater = again.multinomial(3, np.full(3, 1 / 3), size=50)
    for share, galaxies, raters in zip(shares, of_galaxy, of_rater, strict=True):
        drawn = [
            c
            for c, g, r in zip(choice, galaxy, rater, strict=True)
            for _ in range(galaxies[g] * raters[r])
        ]
        np.testing.assert_allclose(share, np.bincount(drawn, minlength=3) / len(drawn))


def test_raters_who_differ_widen_the_interval():
    evaluations = pd.DataFrame(
        {
            "feature": "bar",
            "choice": np.repeat(["model", "volunteers"], 200),
            "galaxy_id": np.tile([f"g{n}" for n in range(50)], 8),
            "rater": np.repeat(list("abcdefgh"), 50),
        }
    )
    row = preference_shares(evaluations, METHODS).iloc[0]
    assert row["resampled_high"] - row["resampled_low"] > 3 * (row["share_high"] - row["share_low"])


def test_places_are_undone_and_qualities_counted(tmp_path, key_path, items):
    quality = {"model": "perfect", "volunteers": "mostly_poor", "SpArcFiRe": None}
    answers = [
        {
            "item": item.token,
            "best": place_of(item, "model"),
            "quality": [quality[method] for method in item.methods],
            "comment": "a note",
        }
        for item in items[:3]
    ]
    path = write_answers(tmp_path / "answers.json", key_path, answers)
    score = score_comparison(path, key_path)
    assert score.excluded.empty
    assert score.evaluations["choice"].tolist() == ["model"] * 3
    assert score.evaluations["comment"].tolist() == ["a note"] * 3
    rated = score.quality[score.quality["n_rated"] > 0]
    assert rated[["method", "quality", "n_rated", "share"]].to_numpy().tolist() == [
        ["model", "perfect", 3, 1.0],
        ["volunteers", "mostly_poor", 3, 1.0],
    ]
    assert "SpArcFiRe" not in score.quality["method"].to_numpy()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"best": None}, "unfinished"),
        ({"best": 4}, "place from 1 to 3, got 4"),
        ({"best": 0}, "place from 1 to 3, got 0"),
        ({"best": True}, "got True"),
        ({"best": "1"}, "got '1'"),
        ({"best": [1]}, r"got \[1\]"),
        ({"quality": ["perfect"]}, "quality must be a list of 3"),
        ({"quality": None}, "quality must be a list of 3"),
        ({"quality": ["perfect", "good", "failed"]}, "unknown quality 'good'"),
        ({"quality": [["perfect"], None, None]}, "unknown quality"),
        ({"quality": ["failed", "perfect", None]}, "impossible"),
        ({"item": "0123"}, "unknown item"),
        ({"item": ["0123"]}, "unknown item"),
    ],
)
def test_a_bad_answer_is_kept_out_with_its_reason(tmp_path, key_path, items, change, reason):
    good, bad = (
        {"item": item.token, "best": 1, "quality": ["perfect", None, "failed"]}
        for item in items[:2]
    )
    path = write_answers(tmp_path / "answers.json", key_path, [good, bad | change])
    score = score_comparison(path, key_path)
    assert score.evaluations["item"].tolist() == [good["item"]]
    (row,) = score.excluded.itertuples()
    assert row.file == str(path)
    pd.testing.assert_series_equal(
        score.excluded["reason"].str.contains(reason), pd.Series([True]), check_names=False
    )


def test_what_is_no_answer_and_what_another_rater_was_asked_is_kept_out(tmp_path, key_path, items):
    answers = [
        {"item": token, "best": "tie", "quality": FINE}
        for token in (items[0].token, items[4].token)
    ]
    path = write_answers(tmp_path / "answers.json", key_path, [*answers, "tie"])
    score = score_comparison(path, key_path)
    assert len(score.evaluations) == 1
    assert sorted(score.excluded["reason"]) == [
        "not an answer: 'tie'",
        "the item of another rater, 'Bo'",
    ]


def test_the_last_export_of_a_rater_counts(tmp_path, key_path, items):
    early, late = (
        write_answers(
            tmp_path / f"{name}.json",
            key_path,
            [{"item": items[0].token, "best": place, "quality": FINE}],
            exported_at=f"2026-01-0{day}T00:00:00Z",
        )
        for name, place, day in [("a", 1, 2), ("b", 2, 3)]
    )
    score = score_comparison([late, early], key_path)
    assert score.evaluations["choice"].tolist() == [items[0].methods[1]]
    assert score.excluded["file"].tolist() == [str(early)]
    assert "answered again" in score.excluded["reason"][0]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"format": "x"}, "not a file of answers"),
        ({"version": 2}, "version 2"),
        ({"package": "other"}, "answers to package 'other'"),
        ({"key_sha256": "0" * 64}, "not the one that the package was built with"),
        ({"rater": "Cy"}, "rater 'Cy'"),
        ({"answers": None}, "no list of answers"),
    ],
)
def test_a_foreign_file_is_kept_out_whole(tmp_path, key_path, items, changed, reason):
    answers = [{"item": items[0].token, "best": "tie", "quality": FINE}]
    write_answers(tmp_path / "good.json", key_path, answers)
    bad = write_answers(tmp_path / "bad.json", key_path, answers, **changed)
    score = score_comparison(tmp_path, key_path)
    assert len(score.evaluations) == 1
    (row,) = score.excluded.itertuples()
    assert row.file == str(bad)
    assert reason in row.reason


def test_a_file_cut_short_is_kept_out(tmp_path, key_path, items):
    answers = [{"item": items[0].token, "best": "tie", "quality": FINE}]
    good = write_answers(tmp_path / "good.json", key_path, answers)
    cut = tmp_path / "cut.json"
    cut.write_bytes(good.read_bytes()[:150])
    score = score_comparison([good, cut], key_path)
    assert score.excluded["file"].tolist() == [str(cut)]
    assert "not whole JSON" in score.excluded["reason"][0]


def test_a_key_changed_after_the_build_is_refused(tmp_path, key_path, items):
    answers = [{"item": items[0].token, "best": 1, "quality": FINE}]
    path = write_answers(tmp_path / "answers.json", key_path, answers)
    text = key_path.read_text()
    key_path.write_text(text.replace("model", "x").replace("volunteers", "model"))
    with pytest.raises(FormatError, match="not the one that the package was built with"):
        score_comparison(path, key_path)


def test_answers_to_a_real_package_are_scored(package, tmp_path):
    key = read_key(package.key_path)
    mine = [item for item in key.items if item.rater == "Bo"]
    answers = [
        {"item": item.token, "best": place_of(item, "volunteers"), "quality": FINE} for item in mine
    ]
    path = write_answers(
        tmp_path / "a.json", package.key_path, answers, rater="Bo", package=package.package_id
    )
    preferences = score_comparison(path, package.key_path).preferences
    chosen = preferences.set_index(["feature", "choice"])["n_chosen"]
    assert chosen[:, "volunteers"].to_dict() == {"bar": 24, "spiral_arm": 24}
    assert chosen.sum() == 48


def test_arguments_that_are_wrong(tmp_path, key_path):
    with pytest.raises(MissingInputError, match="no file or folder of answers"):
        score_comparison(tmp_path / "nothing.json", key_path)
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(MissingInputError, match="no answers in"):
        score_comparison(empty, key_path)
    path = write_answers(tmp_path / "a.json", key_path, [])
    with pytest.raises(MissingInputError, match="no key"):
        score_comparison(path, tmp_path / "nokey.json")
    with pytest.raises(ConfigError, match="level"):
        score_comparison(path, key_path, level=95)
    with pytest.raises(FormatError, match="no answer counts in 1 files; they are empty"):
        score_comparison(path, key_path)
