"""The page says what was corrected in a drawing, and takes it back with one click."""

from __future__ import annotations

import pytest

from s2p.image import encode_image
from tests import brought
from tests import client_hands as hand
from tests.client_browser import chromium, page, server, shared

__all__ = ["chromium", "page", "server", "shared"]  # fixtures
pytestmark = pytest.mark.browser


def open_page(page, image) -> None:
    page.locator("#file").set_input_files(hand.file("drawing.png", encode_image(image, "png")))
    page.wait_for_selector("body[data-screen=studio]")


def offered(page, image, words: str):
    """The banner over a drawing, which says these words and offers to draw its lines or to take it as it is."""
    open_page(page, image)
    banner = page.locator("#notices [data-name=corrected]")
    banner.wait_for()
    assert words in banner.inner_text()
    assert banner.get_by_role("button").all_inner_texts() == ["Draw its lines", "Take it as it is"]
    return banner


def test_a_correction_is_said_and_taken_back_and_made_again(page):
    open_page(page, brought.negative(brought.figure(scale=0.5), (0, 0, 0)))
    banner = page.locator("#notices [data-name=corrected]")
    banner.wait_for()
    assert "Light lines on a dark ground were turned round." in banner.inner_text()
    assert hand.shows(page, 0.9, 0.2, (255, 255, 255)), "the drawing is shown as it is painted"
    banner.get_by_role("button", name="Take it as it is").click()
    assert hand.doc(page)["intake"] == "off"
    assert hand.shows(page, 0.9, 0.2, (0, 0, 0))
    with page.expect_request(lambda request: request.url.endswith("/jobs") and request.method == "POST") as asked:
        hand.paint(page)
    assert asked.value.post_data_json["intake"] == "off"
    page.locator("#notices").get_by_role("button", name="Correct it").click()
    assert hand.doc(page)["intake"] is None
    page.locator("#undo").click()
    assert hand.doc(page)["intake"] == "off", "a step that can be undone"


def test_clean_ink_is_passed_over_in_silence(page):
    open_page(page, brought.figure(scale=0.5))
    assert page.locator("#notices [data-name=corrected]").count() == 0


def test_the_lines_of_a_gray_copy_are_offered_and_its_tones_are_taken_back(page):
    copy = brought.in_gray(brought.painted(brought.figure(), {"dress": (48, 96, 192), "house": (160, 104, 48)}))
    banner = offered(page, copy, "large gray areas darken the colours over them")
    banner.get_by_role("button", name="Draw its lines").click()
    page.wait_for_selector("#sketch[open]")
    page.keyboard.press("Escape")
    banner.get_by_role("button", name="Take it as it is").click()
    assert hand.doc(page)["intake"] == "off" and banner.get_by_role("button").all_inner_texts() == ["Correct it"]


def test_of_a_painting_the_lines_are_drawn_and_that_is_taken_back(page):
    colors = {"face": (244, 196, 160), "hat": (190, 50, 50), "dress": (48, 96, 192), "ball": (230, 190, 40),
              "house": (160, 104, 48), "sky": (120, 190, 235)}  # fmt: skip
    art = brought.painted(brought.figure(), colors)
    art[art.min(-1) > 250] = (110, 170, 80)
    banner = offered(page, art, "its lines were drawn first")
    banner.get_by_role("button", name="Take it as it is").click()
    assert hand.doc(page)["intake"] == "off"
