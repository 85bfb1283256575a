"""The window in which a picture becomes strokes: laid, shown, stopped, saved, by mouse and by keys."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from PIL import Image

from tests import client_hands as hand
from tests.client_browser import PHONE, chromium, page, server, shared, studio, watched_studio

__all__ = ["chromium", "page", "server", "shared", "studio"]  # fixtures
pytestmark = pytest.mark.browser
SERVER = {"painter": "stroking"}  # lays strokes as the program does, and paints the rest as the fake painter


def open_noise(page) -> None:
    """A picture that no number of strokes is enough for, so that they are still being laid when somebody looks."""
    picture = np.random.default_rng(0).integers(0, 255, (300, 400, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG")
    page.locator("#file").set_input_files(hand.file("noise.png", buffer.getvalue()))
    page.wait_for_selector("[data-screen=studio]")
    hand.until(page, "session.status && session.status.worker === 'ready'")


def are_being_laid(page) -> None:
    page.wait_for_function("() => document.querySelector('#strokes-image').src.includes('/laid.')")


def lay(page, *, count: str = "100") -> None:
    page.locator("#strokes-count").select_option(count)
    page.get_by_role("button", name="Lay the strokes").click()


def is_laid(page, *, count: int = 100) -> dict:
    """The file of strokes of the result, of which the page says how many they are."""
    page.locator("#strokes-result").wait_for()
    json_of = "async (link) => (await fetch(link.replace('.svg', '.json'))).json()"
    found = page.evaluate(json_of, page.locator("#strokes-svg").get_attribute("href"))
    words = f"{len(found['strokes'])} of {count} strokes are laid."
    assert page.locator("#strokes-words").inner_text() == words
    return found


def fetched(page, selector: str) -> str:
    """The first hundred characters of what a link saves."""
    return page.evaluate(
        "async (link) => (await (await fetch(link)).text()).slice(0, 100)", page.locator(selector).get_attribute("href")
    )


def test_a_picture_becomes_strokes_that_can_be_saved_and_shown(studio):
    studio.get_by_role("button", name="Paint it with strokes").click()
    dialog = studio.get_by_role("dialog", name="Your picture in strokes")
    assert dialog.is_visible() and "sketch.original" in studio.locator("#strokes-image").get_attribute("src")
    assert studio.locator("#strokes-source").is_hidden(), "there is no painting yet"
    studio.locator("#strokes-brush").select_option("markerpen")
    lay(studio)
    is_laid(studio)
    assert fetched(studio, "#strokes-svg").startswith("<svg")
    assert "ftyp" in fetched(studio, "#strokes-mp4") and "PNG" in fetched(studio, "#strokes-png")
    for format in ("png", "svg", "mp4"):
        with studio.expect_download() as download:
            studio.locator(f"#strokes-{format}").click()
        assert download.value.suggested_filename == f"face-Strokes.{format}"
    studio.get_by_role("button", name="Show on the canvas").click()
    dialog.wait_for(state="hidden")
    hand.until(studio, "session.view === 'result' && session.results.at(-1).id === session.resultId")
    hand.until(studio, "session.results.at(-1).strokes.renderer === 'markerpen'")
    studio.locator("#open-save").click()
    names = [link.split("\n")[0] for link in studio.locator("#save-links a").all_inner_texts()]
    assert names[-3:] == ["SVG", "MP4", "JSON"]


def test_strokes_are_shown_while_they_are_laid_and_stop_keeps_them(page):
    open_noise(page)
    page.locator("#open-strokes").click()
    lay(page, count="5000")
    are_being_laid(page)
    assert page.locator("#strokes-brush").is_disabled()
    assert page.locator("#strokes-bar").is_visible()
    page.get_by_role("button", name="Stop, keep what is laid").click()
    assert 0 < len(is_laid(page, count=5000)["strokes"]) < 5000
    assert page.locator("#strokes-start").inner_text() == "Lay them again"


def test_strokes_are_held_and_go_on_and_are_of_the_size_that_was_chosen(page):
    open_noise(page)
    page.locator("#open-strokes").click()
    page.locator("#strokes-size").select_option("broad")
    lay(page, count="5000")
    are_being_laid(page)
    page.get_by_role("button", name="Pause").click()
    page.locator("#strokes-words").filter(has_text="Paused; the strokes wait.").wait_for()
    held = page.locator("#strokes-bar").get_attribute("value")
    page.wait_for_timeout(1500)
    assert page.locator("#strokes-bar").get_attribute("value") == held
    page.get_by_role("button", name="Go on").click()
    page.wait_for_function("(held) => document.querySelector('#strokes-bar').value > Number(held)", arg=held)
    page.get_by_role("button", name="Stop, keep what is laid").click()
    found = is_laid(page, count=5000)
    assert found["renderer"] == "oilpaintbrush" and found["columns"][2:4] == ["w", "h"]
    assert min(min(stroke[2:4]) for stroke in found["strokes"]) >= 0.05 - 1e-4


def test_the_hand_goes_on_while_strokes_are_laid(page):
    open_noise(page)
    page.keyboard.press("w")
    lay(page, count="5000")
    are_being_laid(page)
    page.keyboard.press("Escape")
    page.locator("#strokes").wait_for(state="hidden")
    hand.click(page, 0.3, 0.3)
    hand.paint(page)
    assert page.locator("#strokes-note").inner_text() == "Laying strokes", "the painting with hints was answered first"
    page.keyboard.press("w")
    page.locator("#strokes-stop").click()
    is_laid(page, count=5000)


def test_the_painting_becomes_strokes_and_hints_stay(studio):
    hand.choose_color(studio, "#20c040")
    hand.click(studio, 0.5, 0.5)
    hand.paint(studio)
    studio.keyboard.press("w")
    assert studio.locator("#strokes-source input[value=result]").is_checked()
    lay(studio)
    is_laid(studio)
    studio.locator("#strokes-show").click()
    hand.until(studio, "session.results.find(({id}) => id === session.resultId).model === 'strokes'")
    assert hand.shows(studio, 0.2, 0.3, (32, 192, 64))
    assert len(hand.hints(studio)) == 1 and hand.doc(studio)["model"] == "style2paints"
    for which in (0, 1):
        studio.locator("#results li button").nth(which).click()
    hand.until(studio, "session.results.find(({id}) => id === session.resultId).model === 'strokes'")
    assert len(hand.hints(studio)) == 1 and hand.doc(studio)["model"] == "style2paints"
    hand.paint(studio)


def test_everything_is_reached_by_keys_and_has_a_name(studio):
    studio.keyboard.press("w")
    for element in ("#strokes-brush", "#strokes-count", "#strokes-ground", "#strokes-start"):
        for _ in range(12):
            if studio.evaluate("(one) => document.activeElement === document.querySelector(one)", element):
                break
            studio.keyboard.press("Tab")
        else:
            raise AssertionError(f"{element} is not reached")
    for name in ("Brush", "How many"):
        assert studio.get_by_role("combobox", name=name).is_visible(), name
    assert studio.get_by_label("Ground", exact=True).is_visible()
    studio.locator("#strokes-count").select_option("100")
    studio.locator("#strokes-start").focus()
    studio.keyboard.press("Enter")
    is_laid(studio)
    assert studio.evaluate("document.activeElement.id") == "strokes-show"
    assert studio.locator("#strokes-image").get_attribute("alt") == "Your picture, made of strokes"


def test_a_refusal_is_said_in_the_window(chromium, server):
    with watched_studio(chromium, server.url, allowed="Failed to load resource") as page:
        answer = json.dumps({"error": {"code": "BusyError", "message": "Too many jobs are waiting."}})
        page.route("**/jobs", lambda route: route.fulfill(status=503, body=answer, content_type="application/json"))
        page.keyboard.press("w")
        lay(page)
        page.locator("#strokes-words").filter(has_text="Too many jobs are waiting.").wait_for()
        assert page.locator("#strokes-start").is_visible() and page.locator("#strokes-brush").is_enabled()


def test_another_drawing_begins_anew(studio):
    studio.keyboard.press("w")
    lay(studio)
    is_laid(studio)
    studio.keyboard.press("Escape")
    studio.locator("#home").click()
    hand.open_drawing(studio)
    studio.keyboard.press("w")
    assert studio.locator("#strokes-result").is_hidden() and studio.locator("#strokes-words").inner_text() == ""


def test_strokes_fit_on_a_phone(chromium, server):
    with watched_studio(chromium, server.url, **PHONE) as phone:
        phone.locator("#open-sheet").tap()
        phone.locator("#open-strokes").scroll_into_view_if_needed()
        phone.locator("#open-strokes").tap()
        lay(phone)
        is_laid(phone)
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390
        box = phone.locator("#strokes").bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 390
        assert phone.locator("#strokes-start").bounding_box()["height"] >= 44


def test_the_painters_to_choose_from_are_those_that_take_hints(studio):
    assert studio.locator("#model option").all_inner_texts() == ["Style2Paints", "Auto-painter", "Tag2Pix"]
