"""Chapters in the page: many drawings opened, coloured alike, painted one after another, and saved together."""

from __future__ import annotations

import io
import zipfile

import pytest
from PIL import Image

from tests import client_hands as hand
from tests.client_browser import PHONE, chromium, page, server, shared, studio, watched_page
from tests.server_fakes import ENDLESS, REFUSE

__all__ = ["chromium", "page", "server", "shared", "studio"]  # fixtures
pytestmark = pytest.mark.browser
COLOR = "#2060c0"
PAGES = "document.querySelectorAll('#page-list li').length"
PAINTED = "document.querySelectorAll('#page-list li.painted').length"


def chapter_of(page, count: int, size=(60, 80)) -> None:
    """Opens so many drawings as one chapter, and waits for its first page."""
    files = [hand.file(f"moon {number}.png", hand.drawing(size)) for number in reversed(range(1, count + 1))]
    page.locator("#file").set_input_files(files)
    page.wait_for_selector("[data-screen=studio]")
    hand.until(page, f"{PAGES} === {count} && !session.pagesTask && session.status.worker !== 'starting'")


def saved(page, format: str) -> bytes:
    page.locator("#open-pages").click()
    with page.expect_download() as download:
        page.locator(f"[data-save-pages={format}]").click()
    return download.value.path().read_bytes()


def mean(data: bytes, box: tuple[float, float]) -> tuple[int, ...]:
    """The colour of a picture at a fraction of its height, from its left edge."""
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    return picture.getpixel((round(box[0] * (picture.width - 1)), round(box[1] * (picture.height - 1))))  # type: ignore[return-value]


def test_twenty_drawings_are_painted_like_the_first_and_come_out_as_a_zip(page):
    chapter_of(page, 20)
    assert page.locator("#drawing-name").inner_text() == "moon 1", "in the order of their names, 2 before 10"
    hand.choose_color(page, COLOR)
    hand.click(page, 0.5, 0.5)
    page.locator("#paint-all").click()
    page.wait_for_selector("#pages-task:visible")
    hand.until(page, f"{PAINTED} === 20 && !session.pagesTask")
    assert hand.says(page, "All pages are painted.")
    assert page.locator("#views input[value=result]").is_checked(), "the open page shows what was painted of it"

    files = zipfile.ZipFile(io.BytesIO(saved(page, "png")))
    assert files.testzip() is None
    assert files.namelist() == [f"moon {number}.png" for number in range(1, 21)]
    wanted = tuple(bytes.fromhex(COLOR[1:]))
    for name in ("moon 2.png", "moon 20.png"):
        data = files.read(name)
        assert Image.open(io.BytesIO(data)).size == (60, 80)
        assert hand.is_near(mean(data, (0.0, 0.1)), wanted, 20), "the upper half follows the reference"

    page.locator("#paint-all").click()
    assert hand.says(page, "Every page is painted as it stands.")


def test_a_page_goes_like_the_one_before_and_keeps_its_own_hints(page):
    chapter_of(page, 3)
    hand.choose_color(page, COLOR)
    hand.click(page, 0.5, 0.5)
    page.locator("#lines").select_option("coloured")
    page.keyboard.press("Escape")
    page.keyboard.press("PageDown")
    hand.until(page, "session.room.name === 'moon 2'")
    assert hand.hints(page) == [] and hand.doc(page)["lines"] == "coloured", "settings go along, hints do not"
    page.locator("#like-before").click()
    assert hand.says(page, "Paint the page before first", is_error=True)
    page.keyboard.press("PageUp")
    hand.until(page, "session.room.name === 'moon 1' && doc.hints.length === 1")
    hand.paint(page)
    page.locator("#page-list button").nth(1).click()
    hand.until(page, "session.room.name === 'moon 2'")
    page.keyboard.press("u")
    page.wait_for_selector("#results li")
    page.wait_for_selector("#paint:visible")
    assert page.locator("#reference").is_visible()
    assert hand.shows(page, 0.02, 0.1, tuple(bytes.fromhex(COLOR[1:])))
    page.locator("#open-pages").click()
    page.locator("#hints-before").click()
    assert [hint[2] for hint in hand.hints(page)] == [COLOR]
    page.reload()
    page.wait_for_selector("#page-list [aria-current]")
    assert page.locator("#page-list [aria-current]").get_attribute("aria-label") == "Page 2, moon 2, painted"
    assert [hint[2] for hint in hand.hints(page)] == [COLOR]
    page.locator("#home").click()
    page.get_by_role("button", name="Continue moon, 3 pages").click()
    hand.until(page, "session.room?.name === 'moon 2'")


def test_painting_all_pages_is_stopped_and_a_failed_page_is_named(page):
    chapter_of(page, 3)
    hand.tool(page, "draft")
    hand.choose_color(page, REFUSE)
    hand.click(page, 0.5, 0.5)
    page.locator("#paint-all").click()
    assert hand.says(page, "Not painted: 1: ", is_error=True)
    assert page.evaluate(PAINTED) == 2, "the others are painted all the same"
    page.locator("#undo").click()
    hand.choose_color(page, ENDLESS)
    hand.click(page, 0.5, 0.5)
    page.locator("#paint-all").click()
    hand.until(page, "session.pagesTask?.fraction > 0")
    assert page.locator("#pages-word").inner_text() == "Painting page 1 of 3"
    page.locator("#pages-cancel").click()
    assert hand.says(page, "Cancelled. What is painted stays.")
    assert page.evaluate(PAINTED) == 2
    page.wait_for_selector("#paint-all:visible")


def test_pages_are_taken_out_until_none_is_left(chromium, server):
    with watched_page(chromium, server.url, allowed="Failed to load resource") as page:
        chapter_of(page, 2)
        page.on("dialog", lambda dialog: dialog.accept())
        rooms = []
        for place in ("session.room?.name === 'moon 2'", "session.screen === 'start'"):
            rooms.append(page.evaluate("location.hash").lstrip("#"))
            page.locator("#open-pages").click()
            page.locator("#drop-page").click()
            hand.until(page, place)
        assert page.get_by_role("button", name="Continue moon").count() == 0
        kept = page.evaluate("Object.keys(localStorage)")
        assert [key for key in kept if key.startswith("s2p.drawing.")] == [], "nothing is kept of them here"
        state = "async (room) => (await fetch(`api/v1/rooms/${room}`)).status"
        for room in rooms:
            page.wait_for_function(f"async (room) => (await ({state})(room)) === 404", arg=room)


def test_a_zip_is_opened_and_a_pdf_leaves(chromium, server):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr("章/02.png", hand.drawing((60, 80)))
        files.writestr("章/01.png", hand.drawing((80, 60)))
        files.writestr("章/notes.txt", "no picture")
        files.writestr("__MACOSX/._01.png", b"nothing")
        files.writestr("章/03.png", b"not a picture")
    with watched_page(chromium, server.url, allowed="Failed to load resource") as page:
        hand.drop(page, "#drop", held.getvalue(), "chapter.zip", "application/zip")
        page.wait_for_selector("[data-screen=studio]")
        assert hand.says(page, "Not opened: 03.png:", is_error=True)
        hand.until(page, f"{PAGES} === 2 && !session.pagesTask && session.status.worker !== 'starting'")
        page.locator("#paint-all").click()
        hand.until(page, f"{PAINTED} === 2 && !session.pagesTask")
        pdf = saved(page, "pdf")
    assert pdf.startswith(b"%PDF-1.4") and pdf.rstrip().endswith(b"%%EOF")
    assert pdf.count(b"/Type/Page/") == 2 and b"/Width 80/Height 60" in pdf
    start = int(pdf.rsplit(b"startxref\n", 1)[1].split()[0])
    places = [int(line.split()[0]) for line in pdf[start:].split(b"\n")[3:] if line.endswith(b" n ")]
    assert all(pdf[place:].startswith(f"{number} 0 obj".encode()) for number, place in enumerate(places, 1))


def zip_of(data: bytes, method: int) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as files:
        files.writestr("a.png", data)
    return held.getvalue()


def lying(archive: bytes, size: int) -> bytes:
    """A ZIP whose directory says another size of its file."""
    place = archive.index(b"PK\x01\x02") + 24
    return archive[:place] + size.to_bytes(4, "little") + archive[place + 4:]


def test_a_zip_that_lies_is_refused(page):
    packed, stored = (zip_of(b"\0" * 100_000, method) for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED))
    read = """async (bytes) => {
      const m = await import('/js/zip.js');
      try {
        const [one] = await m.readZip(new File([new Uint8Array(bytes)], 'a.zip'));
        return (await one.blob()).size;
      } catch (error) { return error.name + ' ' + error.message; }
    }"""
    for honest in (packed, stored):
        assert page.evaluate(read, list(honest)) == 100_000
        for broken in (lying(honest, 50), lying(honest, 200_000), honest[:-30], honest[:40]):
            assert page.evaluate(read, list(broken)) == "ZipError This ZIP file is damaged."
    for broken in (b"", b"PK" * 500, packed[:10] + b"\xff" * 40 + packed[50:]):
        assert page.evaluate(read, list(broken)) == "ZipError This ZIP file is damaged."


def test_the_strip_covers_nothing_on_a_phone(chromium, server):
    with watched_page(chromium, server.url, **PHONE) as phone:
        chapter_of(phone, 3, (300, 400))
        canvas, strip = phone.locator("#canvas").bounding_box(), phone.locator("#pages").bounding_box()
        assert canvas["y"] + canvas["height"] <= strip["y"] + 0.5 and strip["height"] < 70
        assert canvas["height"] > 844 * 0.5, "half of the screen is the drawing, also under a banner"
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390
        phone.locator("#page-list button").nth(2).tap()
        hand.until(phone, "session.room.name === 'moon 3'")
