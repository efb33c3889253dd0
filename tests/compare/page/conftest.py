"""A package of twenty galaxies, and raters at its page."""

import pytest

from galseg.compare import build_comparison
from galseg.compare.key import read_key
from galseg.compare.practice import Practice
from tests.compare.conftest import GALAXIES
from tests.compare.page.browser import LAPTOP, Rater, chromium


@pytest.fixture(scope="package")
def browser():
    with chromium() as started:
        yield started


@pytest.fixture(scope="package")
def laptop(browser):
    with browser.new_context(viewport=LAPTOP) as context:
        yield context


@pytest.fixture(scope="package")
def built(images, methods, tmp_path_factory):
    """Twenty galaxies, two of them again, and two to practise on before."""
    shown, practised = GALAXIES[:20], GALAXIES[20:22]
    practice = Practice(
        {name: images[name] for name in practised},
        {
            words: {name: methods[method][name] for name in practised}
            for words, method in zip(("right", "near", "wrong"), methods, strict=True)
        },
        {(name, "bar"): ("right",) for name in practised},
    )
    return build_comparison(
        {name: images[name] for name in shown},
        {method: {name: masks[name] for name in shown} for method, masks in methods.items()},
        tmp_path_factory.mktemp("page") / "package",
        features=("bar",),
        raters=["Ann", "Bo"],
        repeats=0.1,
        practice=practice,
        seed=7,
        panel_size=96,
    )


@pytest.fixture
def visit(laptop):
    """Open the page of a package on a laptop that remembers."""
    opened = []

    def open_page(folder):
        opened.append(Rater(laptop, folder))
        return opened[-1]

    yield open_page
    for rater in opened:
        rater.page.close()


@pytest.fixture
def rater(visit, built):
    """Ann at her first question; neither complaints nor a look at a network are forgiven."""
    started = visit(built.folder)
    started.page.evaluate("localStorage.clear()")
    yield started.start("Ann")
    assert started.complaints == []
    assert {url.partition(":")[0] for url in started.requests} <= {"file", "blob", "data"}


@pytest.fixture
def elsewhere(browser, built):
    """Another machine, at the start."""
    with browser.new_context(viewport=LAPTOP) as context:
        started = Rater(context, built.folder)
        yield started
        assert started.complaints == []


@pytest.fixture(scope="package")
def items(built):
    return [item for item in read_key(built.key_path).items if item.rater == "Ann"]
