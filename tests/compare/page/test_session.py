"""Raters answer everything, change their minds, reload, go on elsewhere, and sign off."""

import json
import re
from collections import Counter

import pytest

from galseg.compare import build_comparison, score_comparison
from galseg.compare.records import Questions
from tests.compare.conftest import GALAXIES

LEVELS = {"galmodel": "perfect", "volunteers": "mostly_good", "SpArcFiRe": "failed"}


DIGITS = {level: str(digit) for digit, level in enumerate(Questions().quality, start=1)}


def level_of(item, method):
    return LEVELS.get(method, "perfect" if method in item.expected else "failed")


def best_place(item):
    ranks = [list(DIGITS).index(level_of(item, method)) for method in item.methods]
    return ranks.index(min(ranks)) + 1


def answer_by_keyboard(rater, item):
    digits = [DIGITS[level_of(item, method)] for method in item.methods]
    rater.press(*digits, chr(96 + best_place(item)), "Enter")


def answer_by_mouse(rater, item):
    words = Questions().quality
    for place, method in enumerate(item.methods):
        rater.choose(f"How good is {chr(65 + place)}?", words[level_of(item, method)])
    rater.choose("Which is best?", chr(64 + best_place(item)))
    rater.click("Finish" if "Finish" in rater.text("#next") else "Next")


def test_a_whole_session(rater, items, built, tmp_path):
    half = len(items) - 6
    for item in items[:half]:
        answer_by_keyboard(rater, item)
    rater.page.reload()
    assert rater.text("#where") == f"Question {half + 1} of {len(items)}"
    assert rater.text("#done") == f"{half} answered"
    for item in items[half:]:
        answer_by_mouse(rater, item)
    rater.click("All questions")
    rater.click("Question 5, answered")
    rater.press("t")
    rater.page.fill("#comment", "After a second look <b>&amp;")
    rater.click("Save or finish")

    rater.click("Sign off and save")
    assert "type your name" in rater.text("#saved")
    rater.page.fill("#name", "Ann Ambler")
    rater.page.check("#agreed")
    content, name = rater.save("Sign off and save")
    assert name == f"answers_{built.package_id}_Ann.json"
    assert content["signed_off"]["name"] == "Ann Ambler"
    assert "and did not know which method made which mask." in content["signed_off"]["statement"]
    assert content["started_at"] < content["exported_at"]
    assert [answer["item"] for answer in content["answers"]] == [item.token for item in items]
    assert all(answer["seconds"] > 0 for answer in content["answers"])
    assert [answer["n_changes"] for answer in content["answers"]] == [0] * 4 + [1] + [0] * (
        len(items) - 5
    )

    (tmp_path / name).write_text(json.dumps(content))
    score = score_comparison(tmp_path, built.key_path)
    assert score.excluded.empty
    assert len(score.evaluations) == len(items)
    changed = score.evaluations.set_index("item").loc[items[4].token]
    assert (changed["choice"], changed["comment"]) == ("tie", "After a second look <b>&amp;")
    assert Counter(score.evaluations["choice"])["tie"] == 1
    for method, level in LEVELS.items():
        rated = score.evaluations[f"quality_{method}"].dropna()
        assert len(rated) >= 20
        assert set(rated) == {level}


def test_what_is_not_signed_off_goes_on_elsewhere(rater, items, elsewhere, tmp_path):
    answer_by_keyboard(rater, items[0])
    rater.press("2")
    rater.press("s")
    content, name = rater.save("Save without signing off")
    assert name.endswith("_not_signed_off.json")
    assert content["signed_off"] is None
    assert [answer["quality"].count(None) for answer in content["answers"]] == [0, 2]
    saved = tmp_path / name
    saved.write_text(json.dumps(content))
    elsewhere.page.set_input_files("#start-file", saved)
    elsewhere.page.wait_for_selector("#item:visible")
    assert elsewhere.text("#where").startswith("Question 2 of")
    assert elsewhere.text("#done") == "1 answered"
    elsewhere.press("s")
    again, _ = elsewhere.save("Save without signing off")
    assert again["answers"][0] == content["answers"][0]
    assert again["started_at"] == content["started_at"]


def test_a_file_that_is_not_ours_changes_nothing(rater, tmp_path):
    rater.press("1", "s")
    content, _ = rater.save("Save without signing off")
    whole = json.dumps(content)
    for text, words in [
        (whole[:-20], "cut off"),
        (json.dumps(content | {"package": "0" * 20}), "another package"),
        (json.dumps(content | {"version": 1}), "can read"),
        (json.dumps(content | {"rater": "Bo", "answers": []}), "of Bo, and you are Ann"),
        (json.dumps(content | {"rater": "Cy"}), "no rater “Cy”"),
        (json.dumps(content | {"answers": [{"item": "x"}]}), "cannot be"),
        (whole.replace('"perfect"', '"good"'), "cannot be"),
    ]:
        (tmp_path / "answers.json").write_text(text)
        rater.page.set_input_files("#finish-file", tmp_path / "answers.json")
        rater.page.locator("#saved", has_text=words).wait_for()
    assert rater.save("Save without signing off")[0]["answers"] == content["answers"]


def test_answers_that_cannot_count_are_held_up_once(rater):
    rater.press("4", "1", "1", "a", "Enter")
    assert "A is called best, but another is rated higher" in rater.text("#note")
    assert rater.text("#where").startswith("Question 1 ")
    rater.press("Enter")
    assert rater.text("#where").startswith("Question 2 ")
    assert rater.text("#done") == "0 answered"
    rater.press("n")
    assert "Not said yet: how good is A" in rater.text("#note")
    rater.press("n", "u", "u")
    rater.press("p")
    assert rater.text("#where").startswith("Question 4 ")


def test_arrow_keys_pass_by_answers_without_changing_a_mind(rater):
    rater.page.focus("#quality input")
    rater.press("Space", "ArrowRight", "ArrowRight", "ArrowRight", "s")
    (answer,) = rater.save("Save without signing off")[0]["answers"]
    assert answer["quality"] == ["failed", None, None]
    assert answer["n_changes"] == 1


def test_practice_and_repeats_look_like_any_other_item(rater, items):
    assert {item.kind for item in items} == {"practice", "rated", "repeat"}
    looks = set()
    for _ in items:
        look = re.sub(r"[0-9a-f]{20}", "token", rater.page.inner_html("#item"))
        looks.add(re.sub(r"Finish|Next| disabled=\"\"", "", look))
        rater.press("n", "n")
    assert len(looks) == 1


def test_a_browser_that_keeps_nothing_says_so(elsewhere):
    elsewhere.page.add_init_script(
        "for (const name of ['localStorage', 'sessionStorage'])"
        "  Object.defineProperty(window, name, { get() { throw new Error('off'); } });"
    )
    elsewhere.page.reload()
    elsewhere.start("Ann")
    assert "keeps nothing" in elsewhere.text("#forgets")
    elsewhere.press("1", "s")
    content, _ = elsewhere.save("Save without signing off")
    assert len(content["answers"]) == 1


def test_two_windows_agree(rater, visit, built):
    other = visit(built.folder).start("Ann")
    other.page.evaluate(
        "() => { window.told = 0; addEventListener('storage', () => { window.told += 1; }); }"
    )
    rater.press("1", "2", "3")
    other.page.locator("input[name=quality3]:checked").wait_for()
    other.press("b", "s")
    assert other.page.evaluate("window.told") <= 4  # and not each by the other for ever
    (answer,) = other.save("Save without signing off")[0]["answers"]
    assert answer["quality"] == ["perfect", "mostly_good", "mostly_poor"]
    assert rater.page.locator("input[name=best]:checked").input_value() == "2"


def test_only_active_time_counts(elsewhere):
    elsewhere.page.clock.install()
    elsewhere.start("Ann")
    elsewhere.page.clock.fast_forward(10_000)
    elsewhere.page.mouse.move(5, 5)
    elsewhere.page.clock.fast_forward(3_600_000)
    elsewhere.press("1", "s")
    (answer,) = elsewhere.save("Save without signing off")[0]["answers"]
    assert 70 <= answer["seconds"] < 75


def test_the_policy_forbids_the_network(visit, built):
    rater = visit(built.folder)
    refused = rater.page.evaluate(
        "fetch('http' + '://127.0.0.1:9/').then(() => '', error => String(error))"
    )
    assert "TypeError" in refused
    assert any("Content Security Policy" in text for text in rater.complaints)


@pytest.mark.parametrize(
    ("questions", "keys", "answer"),
    [
        (Questions(quality={}, comment=False), "b", {"quality": [], "best": 2}),
        (Questions(best=False, tie=False), "14", {"quality": ["perfect", "failed"], "best": None}),
        (Questions(quality={"yes": "Usable", "no": "Not usable"}, tie=False), "12at",
         {"quality": ["yes", "no"], "best": 1}),
    ],
    ids=["best only", "quality only", "own words, no tie"],
)  # fmt: skip
def test_the_config_says_what_is_asked(visit, images, methods, tmp_path, questions, keys, answer):
    name = GALAXIES[0]
    built = build_comparison(
        {name: images[name]},
        {method: {name: methods[method][name]} for method in ("galmodel", "SpArcFiRe")},
        tmp_path / "p",
        features=("bar",),
        raters=["Ann"],
        questions=questions,
        panel_size=64,
    )
    rater = visit(built.folder).start("Ann")
    rater.press(*keys)
    assert rater.text("#done") == "1 answered"
    assert rater.page.is_visible("#comment") == questions.comment
    rater.press("s")
    (given,) = rater.save("Save without signing off")[0]["answers"]
    assert {part: given[part] for part in answer} == answer
    assert rater.complaints == []
