"""Side by side, blink and slider, zoomed and moved as one."""

import pytest

from galseg.compare import build_comparison
from galseg.compare.practice import Practice
from tests.compare.conftest import GALAXIES


def test_zoom_and_pan_move_all_pictures_as_one(rater):
    def transforms():
        return rater.page.eval_on_selector_all(
            "#pictures img", "all => all.map(one => getComputedStyle(one).transform)"
        )

    assert set(transforms()) == {"matrix(1, 0, 0, 1, 0, 0)"}
    panel = rater.page.locator(".panel").nth(1)
    box = panel.bounding_box()
    panel.hover(position={"x": box["width"] / 2, "y": box["height"] / 2})
    rater.page.mouse.wheel(0, -100)
    (zoomed,) = set(transforms())
    scale, _, _, _, x, _ = map(float, zoomed[7:-1].split(","))
    assert scale > 1.2
    assert x == pytest.approx(box["width"] * (1 - scale) / 2, rel=0.01)  # about the pointer
    rater.page.mouse.down()
    rater.page.mouse.move(box["x"] + box["width"] / 2 + 10, box["y"] + box["height"] / 2)
    rater.page.mouse.up()
    (moved,) = set(transforms())
    assert float(moved[7:-1].split(",")[4]) == pytest.approx(x + 10, abs=0.5)
    rater.page.focus("#pictures")
    rater.press("ArrowDown", "+")
    assert set(transforms()) != {moved}
    rater.press("0")
    assert set(transforms()) == {"matrix(1, 0, 0, 1, 0, 0)"}


def test_two_fingers_zoom(rater):
    rater.page.evaluate(
        """() => {
          const panel = document.querySelector(".panel");
          panel.setPointerCapture = () => {};  // the fingers are made up
          const { left, top, width } = panel.getBoundingClientRect();
          const touch = (type, pointerId, x) => panel.dispatchEvent(new PointerEvent(type, {
            pointerId, bubbles: true, pointerType: "touch",
            clientX: left + x * width, clientY: top + width / 2 }));
          touch("pointerdown", 11, 0.4); touch("pointerdown", 12, 0.6);
          touch("pointermove", 11, 0.3); touch("pointermove", 12, 0.7);
          touch("pointerup", 11, 0.3); touch("pointerup", 12, 0.7);
        }"""
    )
    assert rater.text("#zoom") == "2.0×"


def changes_within(rater, milliseconds):
    """Count how often the picture of the blink view changes."""
    rater.page.evaluate(
        """() => {
          window.changes = 0;
          window.observer?.disconnect();
          window.observer = new MutationObserver(() => { window.changes += 1; });
          window.observer.observe(document.getElementById("top"), { attributes: true });
        }"""
    )
    rater.page.clock.run_for(milliseconds)
    return rater.page.evaluate("window.changes")


def test_blinking_starts_by_hand_and_is_slow_and_stops(rater):
    rater.page.clock.install()
    rater.press("v", "v")
    assert rater.text("#pair-title") == "Outline A"
    assert changes_within(rater, 10_000) == 0
    rater.press("x")
    assert rater.text("#pair-title") == "Image"
    rater.page.evaluate("document.getElementById('rate').stepUp(100)")
    rater.press("Space")
    assert rater.text("#blink") == "Stop blinking"
    assert 0 < changes_within(rater, 10_000) <= 30
    rater.press("Escape")
    assert changes_within(rater, 10_000) == 0
    rater.press("Space", "n", "n")
    assert rater.text("#blink") == "Start blinking"
    assert changes_within(rater, 10_000) == 0


def test_no_blinking_where_less_motion_is_asked_for(rater):
    rater.page.emulate_media(reduced_motion="reduce")
    rater.page.clock.install()
    rater.press("v", "v", "Space")
    assert not rater.page.is_visible("#blink")
    assert "swap by hand" in rater.text("#calm")
    assert changes_within(rater, 10_000) == 0
    rater.press("x")
    assert rater.text("#pair-title") == "Image"


def test_the_slider_wipes_between_any_two_pictures(rater):
    rater.press("v", "v", "v", "m")
    assert rater.text("#pair-title") == "Image | Outline B"
    rater.page.select_option("#first", "outline3")
    assert rater.text("#pair-title") == "Outline C | Outline B"
    handle = rater.page.locator("#handle").bounding_box()
    x, y = handle["x"] + handle["width"] / 2, handle["y"] + 40
    rater.page.mouse.move(x, y)
    rater.page.mouse.down()
    rater.page.mouse.move(x + rater.page.locator(".panel").bounding_box()["width"] / 4, y)
    rater.page.mouse.up()
    assert float(rater.page.input_value("#wipe")) == pytest.approx(75, abs=2)
    assert rater.text("#zoom") == "1.0×"
    rater.page.focus("#wipe")
    rater.press("Home")
    assert rater.page.evaluate("getComputedStyle(document.getElementById('top')).clipPath") == (
        "inset(0px 0px 0px 0%)"
    )


def test_a_missing_picture_is_told(visit, built, tmp_path):
    (tmp_path / "index.html").write_bytes((built.folder / "index.html").read_bytes())
    rater = visit(tmp_path).start("Bo")
    rater.page.wait_for_selector(".missing")
    assert "Unpack the whole folder" in rater.page.locator(".missing").first.inner_text()


def test_only_pictures_that_are_soon_needed_are_loaded(rater):
    rater.page.wait_for_load_state("networkidle")
    assert len({url for url in rater.requests if url.endswith(".png")}) <= 2 * 7


def test_items_may_have_different_numbers_of_places(visit, images, methods, tmp_path):
    name = GALAXIES[0]
    both = ("galmodel", "SpArcFiRe")
    built = build_comparison(
        {name: images[name]},
        {method: {name: masks[name]} for method, masks in methods.items()},
        tmp_path / "p",
        features=("bar",),
        raters=["Ann"],
        practice=Practice(
            images, {method: methods[method] for method in both}, {(name, "bar"): both[:1]}
        ),
        panel_size=64,
    )
    rater = visit(built.folder).start("Ann")
    rater.press("n", "n", "v", "v", "m", "m")
    assert rater.text("#pair-title") == "Outline C"
    rater.press("p", "3", "4", "a")
    assert rater.text("#pair-title") == "Outline B"
    assert "rated higher" not in rater.text("#note")
    assert rater.text("#done") == "1 answered"
    assert rater.complaints == []
