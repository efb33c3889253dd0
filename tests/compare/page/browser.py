"""A rater's browser: Chromium without a window, and without a network."""

import json
import shutil
from contextlib import contextmanager

import pytest

LAPTOP = {"width": 1366, "height": 768}
TABLET = {"width": 820, "height": 1180}


@contextmanager
def chromium():
    """Start the browser, or skip where there is none."""
    api = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("needs Debian's chromium on the PATH")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


class Rater:
    """Somebody at the page of a package, and all that the page asks for or complains of."""

    def __init__(self, context, folder):
        self.page = context.new_page()
        self.page.set_default_timeout(10_000)
        self.complaints, self.requests = [], []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("dialog", lambda dialog: dialog.accept())
        self.page.goto((folder / "index.html").as_uri())

    def start(self, name):
        self.page.select_option("#rater", name)
        self.click("Start")
        return self

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def choose(self, question, answer):
        group = self.page.get_by_role("group", name=question, exact=True)
        group.get_by_role("radio", name=answer, exact=True).click()

    def click(self, name):
        self.page.get_by_role("button", name=name, exact=True).click()

    def text(self, selector):
        return self.page.inner_text(selector)

    def save(self, button):
        """Press a button that saves, and return the content of the file and its name."""
        with self.page.expect_download() as download:
            self.click(button)
        return json.loads(download.value.path().read_text()), download.value.suggested_filename
