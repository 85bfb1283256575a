"""The page says which layer or page of a file was taken, and takes another."""

from __future__ import annotations

import pytest

from s2p.export import encode_ora
from tests import client_hands as hand
from tests.client_browser import chromium, page, server, shared, watched_page
from tests.reading_cases import layers, pages

__all__ = ["chromium", "page", "server", "shared"]  # fixtures
pytestmark = pytest.mark.browser

TAKEN = "#notices [data-name=taken]"


def bring(page, name: str, data: bytes) -> None:
    page.locator("#file").set_input_files(hand.file(name, data, "application/octet-stream"))
    page.wait_for_selector("body[data-screen=studio]")
    page.wait_for_selector(TAKEN)


def says(page, words: str) -> None:
    page.locator(TAKEN).filter(has_text=words).wait_for()


def ask(page, number: str) -> None:
    field = page.locator(TAKEN).get_by_label("Take another page")
    field.fill(number)
    field.press("Enter")


def test_another_layer_is_taken_and_keeps_the_hints(page):
    bring(page, "girl.ora", encode_ora(layers("colours", "shade", "lines")))
    says(page, "Of its 3 layers, “lines” was taken.")
    choice = page.locator(TAKEN).get_by_label("Take another layer")
    assert choice.locator("option").all_inner_texts() == ["All together", "lines", "shade", "colours"]
    assert choice.input_value() == "=lines"
    hand.click(page, 0.3, 0.3)
    first = page.evaluate("location.hash")
    choice.select_option(label="colours")
    says(page, "Of its 3 layers, “colours” was taken.")
    assert len(hand.doc(page)["hints"]) == 1 and page.evaluate("location.hash") != first
    page.locator(TAKEN).get_by_label("Take another layer").select_option(label="All together")
    says(page, "All of its 3 layers that are shown were taken together.")
    page.reload()
    says(page, "All of its 3 layers that are shown were taken together.")
    assert page.locator(TAKEN).locator("select").count() == 0, "the file is no longer here"
    page.locator("#home").click()
    page.wait_for_selector("body[data-screen=start]")
    assert page.locator("#recent-list .card").count() == 1, "rooms in which nothing was painted are gone"


def test_another_page_is_taken_and_one_that_is_not_there_is_refused(chromium, server):
    with watched_page(chromium, server.url, allowed="Failed to load resource") as page:
        bring(page, "scans.tif", pages("TIFF"))
        says(page, "This file has several pages, and page 1 was taken.")
        ask(page, "3")
        says(page, "page 3 was taken")
        ask(page, "9")
        page.locator("#toasts .toast.error").filter(has_text="no page 9").wait_for()
        assert page.locator(TAKEN).get_by_label("Take another page").input_value() == "3"
        for nothing in ("", "0"):
            ask(page, nothing)
            assert page.locator(TAKEN).locator("input:invalid:focus").count() == 1, "the browser says what is wrong"


def test_all_pages_of_a_file_become_a_chapter(chromium, server):
    with watched_page(chromium, server.url, allowed="Failed to load resource") as page:
        bring(page, "scans.tif", pages("TIFF"))
        page.locator(TAKEN).get_by_role("button", name="Open all its pages").click()
        hand.until(page, "document.querySelectorAll('#page-list li').length === 3 && !session.pagesTask")
        assert page.locator("#drawing-name").inner_text() == "scans 1"
        assert page.locator(".toast.error").all_inner_texts() == [], "that there is no fourth page is no error"
        ask(page, "2")
        says(page, "page 2 was taken")
        assert page.locator("#page-list li").count() == 3 and page.locator("#page-list [aria-current]").count() == 1


def test_a_page_that_is_damaged_is_named_and_does_not_end_the_chapter_in_silence(chromium, server):
    with watched_page(chromium, server.url, allowed="Failed to load resource") as page:
        bring(page, "scans.tif", pages("TIFF")[:-100])
        page.locator(TAKEN).get_by_role("button", name="Open all its pages").click()
        assert hand.says(page, "Not opened: scans 3: The picture is damaged", is_error=True)
        assert page.locator("#page-list li").count() == 2


def test_a_plain_picture_is_passed_over_in_silence(page):
    hand.open_drawing(page)
    assert page.locator(TAKEN).count() == 0
