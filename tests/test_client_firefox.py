"""What people do most, in Firefox: a drawing coloured from the first hint to the saved file, and a chapter of pages."""

from __future__ import annotations

import io
import re
import time
import zipfile
from typing import Any

import pytest
from PIL import Image

from tests import client_hands as hand
from tests.client_browser import downloads, firefox, server, watched_page
from tests.client_hands import PATIENCE

__all__ = ["downloads", "firefox", "server"]  # fixtures
pytestmark = pytest.mark.browser
SERVER = {"painter": "trained"}  # its previews are quick
BROWN, BLUE = "#804020", "#2060c0"
BY_PLAYWRIGHT = re.escape("sha256-YjaKGiklmzC6wjXA513HAMmzus8VE61XCOT+SmwNZWA=")  # its `body {}` for every screenshot
SIZES = {1440: 900, 1024: 768, 390: 844}


def choose(page: Any, color: str) -> None:
    """By the field beside the canvas, which on a phone lies in the sheet."""
    is_narrow = page.locator("#open-sheet").is_visible()
    if is_narrow:
        page.locator("#open-sheet").click()
    hand.choose_color(page, color)
    if is_narrow:
        page.locator("#sheet-grip").click()
        page.locator("#panel").wait_for(state="hidden")


def saved(page: Any, name: str) -> tuple[str, bytes]:
    page.locator("#open-save").click()
    with page.expect_download() as download:
        page.locator("#save-links a").filter(has_text=name).click()
    page.keyboard.press("Escape")
    return download.value.suggested_filename, download.value.path().read_bytes()


@pytest.fixture(scope="module")
def page(firefox, server):
    """One for all, because it takes longer to load than most of what is done in it."""
    with watched_page(firefox, server.url, allowed=BY_PLAYWRIGHT) as page:
        yield page


@pytest.mark.parametrize("width", SIZES)
def test_a_drawing_is_coloured_and_saved(page, width):
    page.set_viewport_size({"width": width, "height": SIZES[width]})
    if page.locator("#studio").is_visible():
        page.locator("#home").click()
        page.locator("#file").set_input_files(hand.file("face.png", hand.drawing()))
        hand.await_studio(page)
    else:
        hand.open_drawing(page)  # a second chooser Playwright does not hear of: Firefox holds the first for open
    hand.until(page, "session.status.preview")
    choose(page, BROWN)
    hand.click(page, 0.5, 0.5)
    hand.until(page, "session.preview")
    assert hand.shows(page, 0.1, 0.9, (0x40, 0x20, 0x10)), "a quick preview comes of the first hint"
    hand.paint(page)
    assert hand.shows(page, 0.1, 0.9, (0x80, 0x40, 0x20))

    hand.drag(page, (0.5, 0.5), (0.6, 0.4))
    assert hand.hints(page) == [(0.6, 0.4, BROWN, "exact")]
    page.locator("#undo").click()
    assert hand.hints(page) == [(0.5, 0.5, BROWN, "exact")]
    hand.click(page, 0.5, 0.5)
    page.wait_for_selector("#hint-tools:visible")
    choose(page, BLUE)
    hand.until(page, "store.shownDoc() === doc && !session.preview && session.results.at(-1).live")
    assert hand.shows(page, 0.1, 0.9, (0x20, 0x60, 0xC0)), "the painting follows when the hand rests"

    name, data = saved(page, "PNG")
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    assert re.fullmatch(r"face(\(\d\))?\.png", name) and picture.size == (300, 400)
    assert hand.is_near(picture.getpixel((30, 360)), (0x20, 0x60, 0xC0))
    name, data = saved(page, "Photoshop")
    assert name.endswith(".psd") and data.startswith(b"8BPS")
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "nothing sticks out"


def test_a_drawing_is_there_after_a_reload(page):
    page.reload()
    page.wait_for_selector("[data-screen=studio]")
    hand.until(page, "session.results.length === 2")
    assert hand.hints(page) == [(0.5, 0.5, BLUE, "exact")]
    assert hand.shows(page, 0.1, 0.9, (0x20, 0x60, 0xC0))
    page.locator("#undo").click()
    assert hand.hints(page) == [(0.5, 0.5, BROWN, "exact")]


def test_pages_are_painted_like_the_first_and_saved_as_a_zip(page, downloads):
    page.set_viewport_size({"width": 1024, "height": 768})
    page.locator("#home").click()
    page.locator("#file").set_input_files([hand.file(f"moon {n}.png", hand.drawing((60, 80))) for n in (1, 2, 3)])
    page.wait_for_selector("[data-screen=studio]")
    hand.until(page, "document.querySelectorAll('#page-list li').length === 3 && !session.pagesTask")
    choose(page, BLUE)
    hand.click(page, 0.5, 0.5)
    page.locator("#paint-all").click()
    hand.until(page, "document.querySelectorAll('#page-list li.painted').length === 3 && !session.pagesTask")
    page.locator("#open-pages").click()
    page.locator("[data-save-pages=png]").click()
    deadline = time.monotonic() + PATIENCE / 1000
    while not (whole := [one for one in downloads.glob("*.zip") if zipfile.is_zipfile(one)]):
        assert time.monotonic() < deadline, "no file was saved"
        page.wait_for_timeout(50)
    files = zipfile.ZipFile(whole[0])
    assert files.testzip() is None and files.namelist() == [f"moon {n}.png" for n in (1, 2, 3)]
    assert Image.open(io.BytesIO(files.read("moon 2.png"))).size == (60, 80)
