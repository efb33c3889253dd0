"""Everybody can use the page: by keyboard, by touch, by ear, on a small screen."""

import pytest

from tests.compare.page.browser import LAPTOP, TABLET, Rater

SECTIONS = [[], ["v"], ["v"], ["v"], ["?"], ["l"], ["s"]]


NAMELESS = """() => [...document.querySelectorAll(
    "button, input, select, textarea, img, [role=group]")]
  .filter(node => node.checkVisibility())
  .filter(node => !(node.ariaLabel || node.alt || node.innerText?.trim()
    || [...(node.labels ?? [])].some(label => label.innerText.trim())))
  .map(node => node.outerHTML)"""


SMALL = """() => [...document.querySelectorAll("button, input, select, textarea")]
  .filter(node => node.checkVisibility())
  .map(node => [node.closest("label") ?? node, node.outerHTML])
  .filter(([node]) => { const { width, height } = node.getBoundingClientRect();
    return width < 44 || height < 44; })
  .map(([, html]) => html)"""


PALE = """() => {
  const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = (colour) => parse(colour).slice(0, 3).map(part => part / 255)
    .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, band) => sum + part * [0.2126, 0.7152, 0.0722][band], 0);
  const ground = (node) => {
    for (; node; node = node.parentElement) {
      const colour = getComputedStyle(node).backgroundColor;
      if ((parse(colour)[3] ?? 1) === 1) return colour;
    }
    return "rgb(0, 0, 0)";
  };
  const seen = [...document.querySelectorAll("body *")].filter(node => node.checkVisibility()
    && [...node.childNodes].some(child => child.nodeType === 3 && child.data.trim()));
  return seen.map(node => {
    const [one, two] = [luminance(getComputedStyle(node).color), luminance(ground(node))];
    return [(Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05), node.outerHTML];
  }).filter(([contrast]) => contrast < 4.5);
}"""


@pytest.mark.parametrize("viewport", [LAPTOP, TABLET], ids=["laptop", "tablet"])
def test_everybody_can_use_it(browser, built, viewport):
    context = browser.new_context(viewport=viewport, has_touch=viewport is TABLET)
    rater = Rater(context, built.folder)
    page = rater.page
    assert page.get_attribute("html", "lang") == "en"
    assert page.locator("main").count() == 1
    for number, keys in enumerate([[], *SECTIONS]):
        if number == 1:
            rater.click("Start")
        rater.press("1", *keys)
        assert page.evaluate(NAMELESS) == []
        assert page.evaluate(SMALL) == []
        assert page.evaluate(PALE) == []
        headings = page.locator("h1:visible, h2:visible, h3:visible").evaluate_all(
            "all => all.map(one => one.tagName)"
        )
        assert headings[0] == "H1"
        assert headings.count("H1") == 1
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        rater.press("Escape")
    assert rater.complaints == []
    context.close()


def test_answers_are_in_sight_on_a_laptop(rater):
    for height in (768, 620):  # of the screen, and less the browser's own bars
        rater.page.set_viewport_size({**LAPTOP, "height": height})
        for view in range(4):
            for selector in ("#quality", "#best", "#next", ".panel"):
                box = rater.page.locator(selector).last.bounding_box()
                assert box["y"] + box["height"] <= height, (height, view, selector)
            rater.press("v")


def test_nothing_jumps_from_item_to_item(rater):
    seen = set()
    for key in ("n", "n", "1", "a", "n", "n"):  # complaints come and go
        for selector in (".panel", "#quality", "#best", "#next"):
            box = rater.page.locator(selector).first.bounding_box()
            seen.add((selector, *map(round, box.values())))
        rater.press(key)
    assert len(seen) == 4


def test_the_focus_goes_through_everything_and_is_seen(rater):
    rater.page.focus("#questions")
    order = []
    for _ in range(40):
        order.append(
            rater.page.evaluate("document.activeElement.id || document.activeElement.name")
        )
        style = "getComputedStyle(document.activeElement.matches('.choice input')"
        style += " ? document.activeElement.nextElementSibling : document.activeElement)"
        assert rater.page.evaluate(f"parseFloat({style}.outlineWidth)") >= 2 or len(order) == 1
        if order[-1] == "next":
            break
        rater.press("Tab")
    wanted = ["view", "pictures", "zoom-in", "quality1", "quality2", "quality3", "best", "comment"]
    assert [name for name in order if name in wanted] == wanted
    assert order[-1] == "next"


def test_single_keys_can_be_turned_off(rater):
    rater.press("?")
    rater.page.uncheck("#single-keys")
    rater.press("Escape", "1", "a", "v")
    assert rater.page.locator("#answers input:checked").count() == 0
    rater.page.reload()
    rater.press("1")
    assert rater.page.locator("#answers input:checked").count() == 0
    rater.click("Help")
    rater.page.check("#single-keys")
    rater.press("Escape", "1")
    assert rater.page.locator("#answers input:checked").count() == 1
