"""The page of the tables: whole, harmless, sortable."""

import re
import shutil
import subprocess
import sys

import numpy as np
import pytest

from galseg import ImageFrame, Prediction, measure_catalog
from galseg.errors import FormatError, MissingDependencyError, MissingInputError
from galseg.report import write_measurement_plot, write_report
from galseg.report.cells import page_columns
from galseg.report.summary import count_flags, count_structures
from galseg.report.thumbnails import embedded_picture
from tests.report.conftest import make_tables

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
# Waits for the tables, clicks on a heading, and leaves the first column as the page's only text.
CLICK = """
<script>
const waiting = setInterval(() => {
  const headings = [...document.querySelectorAll(".dt-scroll-head th")];
  const heading = headings.find((th) => th.textContent.startsWith("length_arcsec"));
  if (!heading) return;
  clearInterval(waiting);
  heading.querySelector(".dt-column-title").click();
  setTimeout(() => {
    const rows = [...document.querySelectorAll("#galaxies tbody tr")];
    document.body.textContent = "shown " + rows.map((row) => row.cells[0].textContent).join(" ");
  }, 500);
}, 50);
</script>
"""


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "plots" / "a <b>.png"
    path.parent.mkdir()
    noise = np.random.default_rng(0).normal(size=(128, 128))
    write_measurement_plot(path, noise, frame=ImageFrame(noise.shape), title="J1")
    return path


def written(tmp_path, tables, **options):
    write_report(tmp_path / "page.html", tables, **options)
    return (tmp_path / "page.html").read_text(encoding="utf-8")


def test_numbers_stand_beside_their_errors_and_flags_by_name(tables):
    columns = {column.name: column for column in page_columns(tables.galaxies)}
    assert columns["length_arcsec"].cells == ["100.00 ± 0.50", "", "", "", "72.00 ± 0.50"]
    assert columns["flags"].cells[:2] == ["TOUCHES_EDGE, ROUND", "EMPTY"]
    assert columns["galaxy_id"].cells[2:4] == ["J&amp;3", "0042"]
    assert columns["ra_deg"].cells[4] == "150.00400"
    assert "length_arcsec_err" not in columns
    assert "length_kpc" not in columns
    numbers = {name for name, column in columns.items() if column.kind == "number"}
    assert numbers == {"ra_deg", "length_pix", "length_arcsec", "axis_ratio", "n_arms"}


def test_headings_hold_unit_and_description(tables):
    (heading,) = [c.heading for c in page_columns(tables.galaxies) if c.name == "length_arcsec"]
    assert "<small>arcsec</small>" in heading
    assert 'title="bar, &quot;end&quot; to end"' in heading


def test_structures_and_flags_are_counted(tables):
    assert count_structures(tables) == {
        "galaxies": 5,
        "with a bar": 2,
        "with spiral arms": 2,
        "spiral arms": 4,
        "tidal features": 2,
        "stopped with an error": 1,
    }
    assert count_flags(tables.galaxies) == {
        "EMPTY": 3, "TOUCHES_EDGE": 2, "ROUND": 2, "CENTRE_ASSUMED": 2,
    }  # fmt: skip


def test_text_out_of_the_tables_is_never_markup(tmp_path, tables):
    page = written(tmp_path, tables, title="<script>alert(2)</script>")
    assert "<script>alert" not in page
    assert "</script><script>" not in page
    assert "<b>broken" not in page
    assert "<i>default" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "&lt;i&gt;default&lt;/i&gt;" in page


def test_the_page_needs_nothing_else(tmp_path, tables, picture):
    page = written(tmp_path, tables, pictures={"J1": picture})
    assert not re.search(r'(src|href)="(?!data:)', page)
    assert "data:image/jpeg;base64," in page


def test_the_same_tables_give_the_same_page(tmp_path, tables):
    assert written(tmp_path, tables) == written(tmp_path, tables)


def test_pictures_beside_the_page_are_linked_from_its_folder(tmp_path, tables, picture):
    page = written(tmp_path, tables, pictures={"J1": picture}, embed=False)
    assert "plots/a%20%3Cb%3E.png" in page
    assert "data:image/jpeg" not in page


def test_a_thousand_galaxies_with_pictures_stay_below_20_mb(tmp_path, picture):
    page = written(tmp_path, make_tables([f"J{number}" for number in range(1000)]))
    n_shown = 1000 + 25  # some also stand in the preview for browsers without scripts
    assert len(page) + n_shown * len(embedded_picture(picture)) < 20e6


def test_a_measured_catalogue_makes_a_page(tmp_path):
    maps = np.zeros((2, 60, 80), dtype=np.float32)
    maps[0, 28:33, 20:60] = 1
    maps[1, 5:12, 10:70] = 1
    found = Prediction("J1", ("bar", "tidal"), maps, ImageFrame(maps[0].shape))
    page = written(tmp_path, measure_catalog([found]))
    assert "<h2>Spiral arms</h2>\n<p>None.</p>" in page
    assert "<dd>1</dd></div><div><dt>with spiral arms</dt><dd>0</dd>" in page
    assert "<dt>tidal features</dt><dd>1</dd>" in page
    assert "NO_WCS" in page


def test_no_galaxies_make_a_page_too(tmp_path):
    page = written(tmp_path, make_tables([]))
    assert page.count("<p>None.</p>") == 3


def test_a_missing_picture_is_named_and_nothing_written(tmp_path, tables):
    with pytest.raises(MissingInputError, match=r"no picture at .*none\.png"):
        written(tmp_path, tables, pictures={"J1": tmp_path / "none.png"})
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_picture_is_named(tmp_path, tables):
    (tmp_path / "a.png").write_text("no")
    with pytest.raises(FormatError, match=r"a\.png is no picture"):
        written(tmp_path, tables, pictures={"J1": tmp_path / "a.png"})


def test_without_itables_the_extra_is_named(tmp_path, tables, monkeypatch):
    monkeypatch.setitem(sys.modules, "itables", None)
    with pytest.raises(MissingDependencyError, match=r"itables; pip install 'galseg\[plots\]'"):
        written(tmp_path, tables)


@pytest.mark.skipif(CHROMIUM is None, reason="needs a Chromium to open the page in")
def test_a_click_on_a_heading_sorts_by_the_number(tmp_path):
    tables = make_tables([f"J{number}" for number in range(45)])
    page = written(tmp_path, tables)
    (tmp_path / "clicked.html").write_text(page.replace("</body>", CLICK + "</body>"))
    dom = subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=10000", "--dump-dom",
         (tmp_path / "clicked.html").as_uri()],
        capture_output=True, text=True, check=True, timeout=120,
    ).stdout  # fmt: skip
    length = dict(
        zip(tables.galaxies["galaxy_id"], tables.galaxies["length_arcsec"].value, strict=True)
    )
    shown = [length[name] for name in re.search(r"shown ([^<]+)", dom)[1].split()]
    assert len(shown) == 25
    assert shown[0] == 100
    measured = [value for value in shown if np.isfinite(value)]
    assert measured == sorted(measured, reverse=True)
    assert len(measured) == 12
    assert np.isnan(shown[12:]).all()


def test_two_crowds_on_one_galaxy_have_their_own_pictures(tmp_path, picture):
    tables = make_tables(["J1", "J1"])
    tables.galaxies["subject_id"] = ["s1", "s2"]
    one, both = (
        written(tmp_path, tables, pictures=dict.fromkeys(names, picture), embed=False)
        for names in (["s2"], ["s1", "s2"])
    )
    assert 2 * one.count("plots/a%20%3Cb%3E.png") == both.count("plots/a%20%3Cb%3E.png") > 0
