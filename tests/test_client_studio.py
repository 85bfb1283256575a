"""The studio of the browser client: hints, undo, painting, comparing, and what survives. Clicked as a person would."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from PIL import Image

from tests import client_hands as hand
from tests.client_browser import chromium, page, server, shared, studio, watched_studio
from tests.server_fakes import ENDLESS, REFUSE, SLOW

__all__ = ["chromium", "page", "server", "shared", "studio"]  # fixtures
pytestmark = pytest.mark.browser


def test_hints_are_placed_dragged_recoloured_and_erased(studio):
    hand.choose_color(studio, "#20a040")
    hand.click(studio, 0.5, 0.5)
    hand.tool(studio, "draft")
    hand.click(studio, 0.25, 0.3)
    assert hand.hints(studio) == [(0.5, 0.5, "#20a040", "exact"), (0.25, 0.3, "#20a040", "draft")]
    assert hand.shows(studio, 0.5, 0.5, (0x20, 0xA0, 0x40))

    hand.drag(studio, (0.5, 0.5), (0.7, 0.6))
    assert hand.hints(studio)[0][:2] == (0.7, 0.6)
    assert len(hand.hints(studio)) == 2

    hand.click(studio, 0.7, 0.6)
    studio.wait_for_selector("#hint-tools:visible")
    hand.choose_color(studio, "#3050c0")
    assert [hint[2] for hint in hand.hints(studio)] == ["#3050c0", "#20a040"]
    studio.locator("#hint-kind").click()
    assert hand.hints(studio)[0][3] == "draft"
    studio.locator("#hint-erase").click()
    assert hand.hints(studio) == [(0.25, 0.3, "#20a040", "draft")]

    hand.tool(studio, "erase")
    hand.drag(studio, (0.1, 0.3), (0.4, 0.3))
    assert hand.hints(studio) == []


def test_everything_is_undone_and_redone(studio):
    hand.click(studio, 0.3, 0.3)
    hand.click(studio, 0.6, 0.6)
    hand.drag(studio, (0.6, 0.6), (0.8, 0.6))
    studio.get_by_role("radio", name="Shaded").check()
    studio.locator("#lines").select_option("coloured")
    studio.locator("#output-size").select_option("painted")
    steps = 0
    while studio.locator("#undo").is_enabled():
        studio.locator("#undo").click()
        steps += 1
    assert steps == 6
    start = hand.doc(studio)
    assert (start["hints"], start["method"], start["lines"]) == ([], "colorization", None)
    assert start["outputSize"] == "original"
    for _ in range(6):
        studio.keyboard.press("y")
    end = hand.doc(studio)
    assert [hint[0] for hint in hand.hints(studio)] == [0.3, 0.8]
    assert (end["method"], end["lines"], end["outputSize"]) == ("rendering", "coloured", "painted")
    assert studio.locator("#redo").is_disabled()


def test_one_slider_drag_is_one_step(studio):
    studio.locator("#reference-file").set_input_files(hand.file("palette.png", hand.drawing((60, 60))))
    studio.wait_for_selector("#reference:visible")
    studio.locator("#mix").scroll_into_view_if_needed()  # in a window of this height it may begin below the dock
    box = studio.locator("#mix").bounding_box()
    middle = box["y"] + box["height"] / 2
    studio.mouse.move(box["x"] + box["width"] / 2, middle)
    studio.mouse.down()
    studio.mouse.move(box["x"] + box["width"] * 0.9, middle, steps=8)
    studio.mouse.up()
    assert hand.doc(studio)["mix"] > 0.8
    studio.locator("#undo").click()
    assert hand.doc(studio)["mix"] == 0.5
    studio.locator("#undo").click()
    assert hand.doc(studio)["reference"] is None


def test_painting_shows_progress_result_and_comparison(studio):
    hand.choose_color(studio, "#d08040")
    hand.click(studio, 0.5, 0.5)
    hand.paint(studio)
    studio.keyboard.press("h")
    assert studio.locator("#views input[value=result]").is_checked()
    studio.wait_for_function("async () => (await import('/js/stage.js')).colorAt({x: .3, y: .3}) !== '#ffffff'")
    assert hand.shows(studio, 0.3, 0.5, (0xD0, 0x80, 0x40))

    studio.get_by_role("radio", name="Compare").check()
    split = studio.locator("#split")
    assert hand.shows(studio, 0.25, 0.5, (255, 255, 255))
    assert hand.shows(studio, 0.75, 0.5, (0xD0, 0x80, 0x40))
    box = split.bounding_box()
    studio.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    studio.mouse.down()
    studio.mouse.move(*hand.at(studio, 0.9, 0.5), steps=4)
    studio.mouse.up()
    assert split.get_attribute("aria-valuenow") == "90"
    assert hand.shows(studio, 0.7, 0.5, (255, 255, 255))
    assert len(hand.hints(studio)) == 1, "moving the slider must not place hints"


def test_slow_painting_can_be_watched_and_cancelled(studio):
    hand.tool(studio, "draft")
    hand.choose_color(studio, ENDLESS)
    hand.click(studio, 0.5, 0.5)
    studio.locator("#paint").click()
    studio.wait_for_function("() => document.querySelector('#bar').position > 0")
    assert "Drafting" in studio.locator("#progress-word").inner_text()
    studio.wait_for_function("() => document.querySelector('#progress-time').textContent.includes('left')")
    studio.locator("#cancel").click()
    assert hand.says(studio, "Cancelled")
    studio.wait_for_selector("#paint:visible")
    assert studio.locator("#results li").count() == 0


def test_refused_painting_says_the_servers_sentence(studio):
    hand.tool(studio, "draft")
    hand.choose_color(studio, REFUSE)
    hand.click(studio, 0.5, 0.5)
    studio.locator("#paint").click()
    assert hand.says(studio, "The fake painter refuses this colour.", is_error=True)
    assert studio.locator("#paint").is_visible()


def test_earlier_result_comes_back_with_its_hints_and_can_be_undone(studio):
    hand.choose_color(studio, "#d08040")
    hand.click(studio, 0.3, 0.3)
    hand.paint(studio)
    hand.choose_color(studio, "#3060d0")
    hand.click(studio, 0.7, 0.3)
    hand.paint(studio)
    assert len(hand.hints(studio)) == 2
    studio.locator("#results button").first.click()
    studio.wait_for_function("() => document.querySelector('#canvas').dataset.hints === '1'")
    assert hand.hints(studio) == [(0.3, 0.3, "#d08040", "exact")]
    studio.keyboard.press("z")
    assert len(hand.hints(studio)) == 2


def test_refresh_restores_drawing_hints_undo_and_result(studio):
    hand.choose_color(studio, "#d08040")
    hand.click(studio, 0.3, 0.3)
    hand.click(studio, 0.6, 0.3)
    hand.paint(studio)
    before = hand.hints(studio)
    studio.reload()
    studio.wait_for_selector("[data-screen=studio] #results li")
    assert hand.hints(studio) == before
    assert studio.locator("#views input[value=result]").is_checked()
    studio.locator("#undo").click()
    assert hand.hints(studio) == before[:1]
    assert studio.locator("#recent-colors .chip").first.get_attribute("data-color") == "#d08040"


def test_refresh_while_painting_keeps_watching(studio):
    hand.tool(studio, "draft")
    hand.choose_color(studio, SLOW)
    hand.click(studio, 0.5, 0.5)
    studio.locator("#paint").click()
    studio.wait_for_function("() => document.querySelector('#bar').position > 0")
    studio.reload()
    studio.wait_for_selector("#progress:visible, #results li")  # a loaded machine may have finished meanwhile
    studio.wait_for_selector("#results li")
    studio.wait_for_selector("#paint:visible")
    assert studio.locator("#views input[value=result]").is_checked()


@pytest.mark.parametrize("format", ["s2p", "v3", "v3-options"])
def test_hints_are_saved_and_loaded_in_three_formats(studio, format):
    hand.choose_color(studio, "#20a040")
    hand.click(studio, 0.25, 0.5)
    hand.tool(studio, "draft")
    hand.click(studio, 0.75, 0.25)
    kept = hand.doc(studio)["hints"]
    studio.locator("#open-hints").click()
    with studio.expect_download() as download:
        studio.locator(f"[data-save-hints={format}]").click()
    text = download.value.path().read_text()
    studio.locator("#open-hints").click()
    studio.get_by_text("Erase all hints").click()
    assert hand.hints(studio) == []
    studio.locator("#hints-file").set_input_files(hand.file("hints.json", text.encode(), "application/json"))
    studio.wait_for_function("() => document.querySelector('#canvas').dataset.hints === '2'")
    loaded = hand.doc(studio)["hints"]
    for old, new in zip(kept, loaded, strict=True):
        assert (old["color"], old["kind"]) == (new["color"], new["kind"])
        assert abs(old["x"] - new["x"]) < 1e-9 and abs(old["y"] - new["y"]) < 1e-9


def test_dropped_hint_file_is_loaded_and_broken_one_explained(studio):
    points = b"[[0.25, 0.75, 255, 239, 222, 2], [0.5, 0.5, 1, 2, 3, 1]]"
    hand.drop(studio, "#canvas", points, "points.json", "application/json")
    studio.wait_for_function("() => document.querySelector('#canvas').dataset.hints === '1'")
    assert hand.hints(studio) == [(0.25, 0.25, "#ffefde", "exact")]
    assert studio.locator("#drop-veil").is_hidden()
    hand.drop(studio, "#canvas", b"[[1, 2, 3]]", "points.json", "application/json")
    assert hand.says(studio, "six numbers", is_error=True)
    assert len(hand.hints(studio)) == 1


def test_result_is_exported_as_picture_and_as_layers(studio):
    hand.click(studio, 0.5, 0.5)
    hand.paint(studio)
    magic = {"PNG": b"\x89PNG", "JPEG": b"\xff\xd8", "Photoshop": b"8BPS", "OpenRaster": b"PK"}
    for name, start in magic.items():
        studio.locator("#open-save").click()
        with studio.expect_download() as download:
            studio.locator("#save-links a").filter(has_text=re.compile(f"^{name}")).click()
        data = download.value.path().read_bytes()
        assert data.startswith(start), name
        assert re.fullmatch(r"face\.\w+", download.value.suggested_filename), "the drawing's name, not the server's"
        if name == "PNG":
            assert Image.open(io.BytesIO(data)).size[0] > 0
        if name == "OpenRaster":
            assert "stack.xml" in zipfile.ZipFile(io.BytesIO(data)).namelist()


def test_the_save_menu_leaves_out_lines_and_ground_and_what_cannot(studio):
    """What the addresses give is tested with the server, in `tests/test_files_out.py`."""

    def offered(part: str = "", ground: str = "white") -> dict[str, str]:
        studio.locator("#open-save").click()
        studio.locator("#save-part-select").select_option(part)
        studio.locator("#save-ground-select").select_option(ground)
        links = studio.locator("#save-links a").all()
        found = {link.locator("span").inner_text(): link.get_attribute("href") for link in links}
        studio.keyboard.press("Escape")
        return found

    hand.click(studio, 0.5, 0.5)
    hand.paint(studio)
    every = offered()
    assert {"PNG", "JPEG", "WebP", "TIFF", "Photoshop", "OpenRaster"} <= set(every)
    words = studio.locator("#save-part-select option").evaluate_all("options => options.map((one) => one.value)")
    assert words == ["", "lines"], "this painter draws the lines itself, so its colours cannot be had alone"
    lines, bare = offered(part="lines"), offered(ground="none")
    assert set(every) - set(lines) == {"Photoshop", "OpenRaster", "JPEG"}, "files of layers hold all of them"
    assert set(every) - set(bare) == {"JPEG"} and lines["TIFF"].endswith("only=lines")
    assert bare["Photoshop"].endswith("background=none") and "only" not in bare["PNG"]
    assert offered() == every


def test_the_save_menu_copies_the_picture_and_changes_its_lines(chromium, server):
    with watched_studio(chromium, server.url, permissions=["clipboard-read", "clipboard-write"]) as page:
        hand.click(page, 0.5, 0.5)
        hand.paint(page)
        page.locator("#open-save").click()
        page.locator("#copy-picture").click()
        assert hand.says(page, "The picture is in the clipboard.")
        kinds = page.evaluate("async () => (await navigator.clipboard.read()).flatMap((item) => item.types)")
        assert kinds == ["image/png"]
        page.locator("#open-save").click()
        page.locator("#save-lines-select").select_option("none")
        page.wait_for_function("() => document.querySelectorAll('#results li').length === 2")
        assert hand.doc(page)["lines"] == "none" and page.locator("#lines").input_value() == "none"


def test_eyedropper_takes_colours_from_sketch_result_and_reference(studio):
    hand.tool(studio, "pick")
    hand.click(studio, 0.9, 0.1)
    assert studio.locator("#hex").input_value() == "#c02010"
    assert hand.hints(studio) == []
    assert studio.locator("[data-tool=exact]").get_attribute("aria-pressed") == "true"

    hand.choose_color(studio, "#40c080")
    hand.click(studio, 0.5, 0.5)
    hand.paint(studio)
    studio.keyboard.press("h")
    assert hand.shows(studio, 0.2, 0.2, (0x40, 0xC0, 0x80))
    studio.keyboard.down("Alt")
    hand.click(studio, 0.2, 0.2)
    studio.keyboard.up("Alt")
    picked = studio.locator("#hex").input_value()
    assert hand.is_near(tuple(bytes.fromhex(picked[1:])), (0x40, 0xC0, 0x80))

    plain = io.BytesIO()
    Image.new("RGB", (40, 40), "#1a66cc").save(plain, "PNG")
    studio.locator("#reference-file").set_input_files(hand.file("blue.png", plain.getvalue()))
    studio.wait_for_selector("#reference:visible")
    studio.wait_for_function("() => document.querySelector('#reference-image').naturalWidth === 40")
    studio.locator("#reference-pick").click()
    studio.wait_for_function("old => document.querySelector('#hex').value !== old", arg=picked)
    assert hand.is_near(tuple(bytes.fromhex(studio.locator("#hex").input_value()[1:])), (0x1A, 0x66, 0xCC))


def test_zoom_keeps_the_place_under_the_cursor_and_pan_keeps_the_scale(studio):
    x, y = (round(value) for value in hand.at(studio, 0.8, 0.2))  # a wheel's place is in whole pixels
    box = studio.locator("#canvas").bounding_box()
    below = "async p => { const s = await import('/js/stage.js'); return [s.pictureOf(p), s.viewport.scale] }"
    cursor = {"x": x - box["x"], "y": y - box["y"]}
    before, scale = studio.evaluate(below, cursor)
    studio.mouse.move(x, y)
    studio.mouse.wheel(0, -600)
    studio.wait_for_function("async old => (await import('/js/stage.js')).viewport.scale > old * 2", arg=scale)
    after, _ = studio.evaluate(below, cursor)
    assert abs(after["x"] - before["x"]) < 1e-6 and abs(after["y"] - before["y"]) < 1e-6

    level = studio.locator("#zoom-level").inner_text()
    moved = hand.at(studio, 0.8, 0.2)
    studio.locator("#canvas").focus()
    studio.keyboard.down("Space")
    studio.mouse.down()
    studio.mouse.move(x - 90, y + 50, steps=3)
    studio.mouse.up()
    studio.keyboard.up("Space")
    panned = hand.at(studio, 0.8, 0.2)
    assert abs(panned[0] - moved[0] + 90) < 0.6 and abs(panned[1] - moved[1] - 50) < 0.6
    assert studio.locator("#zoom-level").inner_text() == level
    assert hand.hints(studio) == []


def test_lines_are_extracted_from_a_painting(studio):
    studio.get_by_role("radio", name="Painting").check()
    studio.get_by_role("button", name="Extract its lines").click()
    assert hand.says(studio, "lines of your picture")
    studio.locator("#open-save").click()
    with studio.expect_download() as download:
        studio.locator("#save-links a").filter(has_text="Extracted lines").click()
    assert Image.open(download.value.path()).size[0] > 0


def test_page_waits_for_a_restarted_server_and_goes_on(chromium, server):
    with watched_studio(chromium, server.url, allowed="Failed to load resource|ERR_") as page:
        hand.click(page, 0.4, 0.4)
        server.stop()
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        page.wait_for_selector("[data-name=offline]")
        assert page.locator("#paint").is_disabled()
        server.start()
        page.wait_for_selector("[data-name=offline]", state="detached")
        assert len(hand.hints(page)) == 1
        hand.paint(page)


def test_untrained_networks_are_announced_loudly(studio):
    words = studio.locator("[data-name=untrained]")
    assert "Untrained: tail" in words.inner_text()
