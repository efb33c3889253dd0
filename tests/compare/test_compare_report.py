"""Reports and tables say what was scored, and show hostile names letter for letter."""

import re
import sys
from html.parser import HTMLParser

import numpy as np
import pytest

from galseg.compare import score_comparison
from galseg.compare.figures import agreement_figure, preference_figure, quality_figure
from galseg.compare.records import Questions
from galseg.compare.report import compose_report, write_score_report
from galseg.compare.report_blocks import FigureBlock, TableBlock
from galseg.compare.report_markdown import markdown_text
from galseg.compare.score_tables import SCORE_TABLES, write_score_tables
from galseg.errors import MissingDependencyError
from galseg.io.tables import read_table
from tests.compare.made_up import answer, write_answers, write_made_up_key

HOSTILE = ("<script>alert(1)</script>", "a|b *c* _d_", "$x^2$ & {e}")
RATERS = ("</td><img src=x onerror=alert(1)>", "B `code`")


def make_score(folder, *, methods=HOSTILE, raters=RATERS, questions=None):
    folder.mkdir(exist_ok=True)
    key_path = folder / "key.json"
    key = write_made_up_key(
        key_path, 9, methods=methods, raters=raters, n_repeats=2, n_practice=1, questions=questions
    )
    rng = np.random.default_rng(0)
    files = []
    for number, rater in enumerate(raters):
        mine = [item for item in key.items if item.rater == rater]
        given = [
            answer(item, methods[rng.integers(2)], comment="<b>\n\"two\", 'lines' \u2605\r\n\ttab")
            for item in mine
        ]
        if number == 0:
            given[3]["best"] = None
        for one in given:
            if questions and not questions.best:
                one["best"] = None
            if questions and not questions.quality:
                one["quality"] = []
        path = folder / f"{number}.json"
        files.append(write_answers(path, key_path, given, rater=rater))
    return score_comparison(files, key_path, n_resamples=100)


@pytest.fixture(scope="module")
def score(tmp_path_factory):
    return make_score(tmp_path_factory.mktemp("score"))


@pytest.fixture(scope="module")
def folder(score, tmp_path_factory):
    pytest.importorskip("matplotlib")
    path = tmp_path_factory.mktemp("report")
    write_score_tables(path, score)
    write_score_report(path, score)
    return path


class Page(HTMLParser):
    """What a browser makes of a page: its tags, and its text."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def test_the_page_shows_names_as_text_and_loads_nothing(folder):
    page = Page((folder / "report.html").read_text())
    assert {tag for tag, _ in page.tags}.isdisjoint({"script", "b", "iframe", "object"})
    sources = [attrs["src"] for tag, attrs in page.tags if tag == "img"]
    assert len(sources) == 3
    assert all(source.startswith("data:image/png;base64,") for source in sources)
    assert all(attrs["alt"] for tag, attrs in page.tags if tag == "img")
    for name in (*HOSTILE, *RATERS):
        assert name in page.text


def test_the_page_has_the_facts_of_the_design(folder, score):
    text = Page((folder / "report.html").read_text()).text
    for fact in (
        score.key_sha256,
        score.key.package_id,
        "17 evaluations by 2 raters of 9 galaxies count; 4 were given again",
        "22% of the items came again",
        "1 practice item with a known answer",
        "unfinished: no best mask and no tie",
        "items without an answer to be used",
        "95% confidence from 100 resamples",
    ):
        assert fact in text, fact


def test_tables_in_markdown_are_whole(folder, score):
    text = (folder / "report.md").read_text()
    tables = [block for block in compose_report(score, figures={}) if isinstance(block, TableBlock)]
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) == sum(len(table.rows) + 2 for table in tables)
    widths = [len(re.findall(r"(?<!\\)\|", line)) - 1 for line in rows]
    expected = [len(table.header) for table in tables for _ in range(len(table.rows) + 2)]
    assert widths == expected
    assert "<script>" not in text
    for picture in re.findall(r"\]\((figures/\w+\.png)\)", text):
        assert (folder / picture).is_file()
        assert (folder / picture).with_suffix(".pdf").is_file()


def test_markdown_shows_what_html_shows(folder):
    text = (folder / "report.md").read_text()
    for name in (*HOSTILE, *RATERS):
        assert markdown_text(name) in text


def test_tables_come_back_as_they_were(folder, score):
    for name in SCORE_TABLES:
        frame = getattr(score, name)
        for suffix in (".ecsv", ".csv"):
            table = read_table(folder / f"{name}{suffix}")
            assert table.colnames == list(frame.columns)
            assert len(table) == len(frame)
    for suffix in (".ecsv", ".csv"):
        comments = read_table(folder / f"evaluations{suffix}")["comment"]
        assert [text.split() for text in comments] == [
            text.split() for text in score.evaluations["comment"]
        ]
    shares = read_table(folder / "preferences.ecsv")
    np.testing.assert_array_equal(shares["share"], score.preferences["share"])
    assert list(shares["choice"]) == score.preferences["choice"].tolist()
    assert shares.meta["key_sha256"] == score.key_sha256
    assert score.key.secret not in (folder / "preferences.ecsv").read_text()


def test_the_secret_of_the_key_is_not_in_the_report(folder, score):
    for name in ("report.html", "report.md"):
        assert score.key.secret not in (folder / name).read_text()


@pytest.mark.parametrize("questions", [Questions(best=False), Questions(quality={})])
def test_what_was_not_asked_is_not_reported(tmp_path, questions):
    score = make_score(tmp_path / "in", methods=("a", "b", "c"), questions=questions)
    write_score_report(tmp_path, score, plots=False)
    write_score_tables(tmp_path, score)
    text = (tmp_path / "report.md").read_text()
    assert ("## Preferences" in text) == questions.best
    assert ("## Quality" in text) == bool(questions.quality)
    assert not re.search(r"\b(nan|NA|None)\b", text)
    assert not (tmp_path / "figures").exists()


def test_a_report_without_figures_names_none(score):
    blocks = list(compose_report(score, figures={}))
    assert not any(isinstance(block, FigureBlock) for block in blocks)


def test_without_matplotlib_the_error_names_the_extra(score, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingDependencyError, match=r"galseg\[plots\]"):
        write_score_report(tmp_path, score)


def test_figures_say_in_text_what_they_show_in_colour(score):
    pytest.importorskip("matplotlib")
    figure = preference_figure(score.preferences)
    (axes,) = figure.axes
    assert [label.get_text() for label in axes.get_yticklabels()] == [*HOSTILE, "Tie"]
    shares = [f"{100 * share:.1f}%" for share in score.preferences["share"]]
    assert [text.get_text() for text in axes.texts] == shares
    words = dict(score.key.questions.quality)
    (legend,) = quality_figure(score.quality, words=words).legends
    assert [text.get_text() for text in legend.get_texts()] == list(words.values())
    hatches = {patch.get_hatch() for patch in legend.get_patches()}
    assert len(hatches) == len(words)
    assert agreement_figure(score.agreement.assign(alpha=0.5)).axes[0].get_xlim()[1] > 1
