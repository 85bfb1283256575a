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
