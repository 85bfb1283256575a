"""The page while the hand moves: previews and what follows them; the choice of a painter; sketches of pictures."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from tests import client_hands as hand
from tests.client_browser import PHONE, chromium, page, server, shared, studio, watched_page, watched_studio
from tests.server_fakes import ENDLESS

__all__ = ["chromium", "page", "server", "shared", "studio"]  # fixtures
pytestmark = pytest.mark.browser
SERVER = {"painter": "trained", "ini": "[server]\nallow_url = True\n"}  # its previews are quick
FULL = "store.shownDoc() === doc && !session.preview && session.results.at(-1).live"  # the hand has rested


@pytest.fixture
def live(studio):
    """A drawing that was painted once in #804020, on a server whose previews are quick."""
    hand.until(studio, "session.status.preview")
    hand.choose_color(studio, "#804020")
    hand.click(studio, 0.5, 0.5)
    hand.paint(studio)
    return studio


# Live -----------------------------------------------------------------------------------------------------------------


def test_a_preview_follows_the_hand_and_the_painting_comes_when_it_rests(live):
    assert live.locator("#live-switch").is_checked()
    live.mouse.move(*hand.at(live, 0.5, 0.5))
    live.mouse.down()
    live.mouse.move(*hand.at(live, 0.6, 0.55), steps=4)
    hand.until(live, "session.preview")
    assert live.locator("#live-words").inner_text() == "Quick preview"
    assert hand.shows(live, 0.1, 0.9, (0x40, 0x20, 0x10)), "the fake preview is darker than its painting"
    live.wait_for_timeout(1500)
    hand.until(live, "!session.isPaintingLive && session.results.length === 1")  # the finger is still down
    live.mouse.up()
    hand.until(live, "session.results.length === 2 && !session.preview")
    assert hand.shows(live, 0.1, 0.9, (0x80, 0x40, 0x20))
    assert live.locator("#live-words").is_hidden()
    assert live.locator("#views input[value=result]").is_checked()


def test_each_rest_takes_the_place_of_the_rest_before(live):
    for color, rgb in (("#2060c0", (0x20, 0x60, 0xC0)), ("#20a040", (0x20, 0xA0, 0x40))):
        hand.click(live, 0.5, 0.5)
        hand.choose_color(live, color)
        hand.click(live, 0.5, 0.5)
        hand.until(live, FULL)
        assert hand.shows(live, 0.1, 0.9, rgb)
        assert live.locator("#results li").count() == 2
    live.keyboard.press("z")
    hand.until(live, FULL)
    assert hand.shows(live, 0.1, 0.9, (0x20, 0x60, 0xC0)), "undo is followed like any other change"
    hand.paint(live)
    assert live.locator("#results li").count() == 3, "what the person asks for stays"


def test_going_back_to_a_result_paints_nothing(live):
    hand.drag(live, (0.5, 0.5), (0.7, 0.5))
    hand.until(live, "!session.preview && session.results.length === 2")
    asked = []
    live.on("request", lambda request: request.method == "POST" and asked.append(request.post_data))
    live.locator("#results button").first.click()
    hand.until(live, "doc.hints[0].x < 0.51")
    live.wait_for_timeout(1300)
    assert asked == []


def test_previews_do_not_queue_up_behind_somebody_elses_painting(live, chromium, server):
    with watched_studio(chromium, server.url) as other:
        hand.tool(other, "draft")
        hand.choose_color(other, ENDLESS)
        hand.click(other, 0.5, 0.5)
        other.locator("#paint").click()
        hand.until(other, "session.job && session.job.state === 'running'")
        live.mouse.move(*hand.at(live, 0.5, 0.5))
        live.mouse.down()
        for step in range(14):
            live.mouse.move(*hand.at(live, 0.5 + step / 50, 0.5))
            live.wait_for_timeout(100)
        waiting = live.evaluate("async () => (await (await fetch('/api/v1/status')).json()).queued")
        assert waiting <= 1
        assert other.evaluate("async () => (await import('/js/store.js')).session.job.state") == "running"
        other.locator("#cancel").click()
        hand.until(live, "session.preview")
        live.mouse.up()
        hand.until(live, "!session.preview && session.results.length === 2")


def test_live_painting_is_switched_off_and_stays_off(live):
    live.keyboard.press("b")
    assert not live.locator("#live-switch").is_checked()
    hand.drag(live, (0.5, 0.5), (0.7, 0.5))
    live.wait_for_timeout(1300)
    hand.until(live, "!session.preview && session.results.length === 1")
    live.reload()
    live.wait_for_selector("[data-screen=studio] #results li")
    assert not live.locator("#live-switch").is_checked()


def test_before_the_first_painting_there_are_previews_alone(studio):
    hand.until(studio, "session.status.preview")
    hand.choose_color(studio, "#804020")
    hand.click(studio, 0.5, 0.5)
    hand.until(studio, "session.preview && session.view === 'result'")
    assert hand.shows(studio, 0.1, 0.9, (0x40, 0x20, 0x10))
    assert studio.locator("#results li").count() == 0, "nothing is painted that nobody asked for"
    hand.paint(studio)
    hand.until(studio, "!session.preview && session.results.length === 1")


def test_a_computer_that_is_too_slow_for_previews_says_so(live):
    live.evaluate("""async () => {
      const store = await import('/js/store.js');
      store.setSession({status: {...store.session.status, preview: false, preview_seconds: 0.74}});
    }""")
    assert live.locator("#live-switch").is_disabled() and live.locator("#live-setting").is_visible()
    assert live.locator("#live-help").inner_text().startswith("Off: a preview takes 0.7 s here")
    assert live.locator("#views input[value=result]").is_checked(), "the last one stays"


# Painters -------------------------------------------------------------------------------------------------------------


def test_another_painter_is_chosen_kept_and_undone(live):
    hand.tool(live, "draft")
    live.locator("#model").select_option("auto-painter")
    assert "block of colour" in live.locator("#model-words").inner_text()
    assert live.locator("#model-untrained").is_hidden()
    live.evaluate("async () => { (await import('/js/store.js')).session.status.models[1].trained = false; }")
    live.locator("#model").select_option("style2paints")
    live.locator("#model").select_option("auto-painter")
    assert live.locator("#model-untrained").is_visible()
    for control in ("#add-reference", "#super", "#zoom-factor", "#methods input", "[data-tool=draft]"):
        assert live.locator(control).first.is_disabled(), control
    assert live.locator("#output-size").is_enabled() and live.locator("#lines").is_enabled()
    assert live.locator("text=Auto-painter does not use this.").count() == 3
    assert live.locator("[data-tool=exact]").get_attribute("aria-pressed") == "true"
    live.locator("#live-setting").wait_for(state="hidden")

    hand.choose_color(live, "#3050c0")
    live.keyboard.press("Delete")
    hand.paint(live)
    assert live.evaluate("async () => (await import('/js/store.js')).session.results.at(-1).model") == "auto-painter"
    assert hand.shows(live, 0.1, 0.9, (0x80, 0x40, 0x20))

    live.reload()
    live.wait_for_selector("[data-screen=studio] #results li")
    hand.until(live, "session.status")
    assert live.locator("#model").input_value() == "auto-painter"
    live.locator("#results button").first.click()
    hand.until(live, "doc.model === 'style2paints'")
    assert live.locator("#super").is_enabled()
    live.locator("#undo").click()
    assert hand.doc(live)["model"] == "auto-painter"


def test_the_painter_is_chosen_with_the_keyboard_and_has_a_name(studio):
    hand.until(studio, "session.status && session.status.ready")
    studio.keyboard.press("m")
    assert studio.evaluate("document.activeElement.id") == "model"
    studio.keyboard.press("ArrowDown")
    hand.until(studio, "doc.model === 'auto-painter'")
    model = studio.locator("#model")
    named = [model.get_attribute(f"aria-{how}") for how in ("labelledby", "describedby")]
    told = [studio.locator(f"#{name}").inner_text() for name in named]
    assert told == ["Painter", "One network. Every hint is a block of colour to it."]


# Sketches of pictures -------------------------------------------------------------------------------------------------


def test_a_sketch_is_made_of_a_painting_saved_and_painted(live):
    live.keyboard.press("g")
    live.wait_for_selector("#sketch-image:visible")
    assert live.locator("#sketch-source input[value=result]").is_checked()
    live.locator("#sketch-source label").filter(has_text="The picture you opened").click()
    live.wait_for_selector("#sketch-image:visible")
    assert live.locator("#sketch-words").inner_text() == "300 × 400"
    with live.expect_download() as download:
        live.locator("#sketch-save").click()
    assert download.value.suggested_filename == "face-Sketch.png"
    lines = Image.open(download.value.path())
    assert (lines.format, lines.mode, lines.size) == ("PNG", "L", (300, 400))
    room = live.evaluate("location.hash")
    live.locator("#sketch-paint").click()
    hand.until(live, "session.room.name === 'face – Sketch'")
    assert live.evaluate("location.hash") != room
    assert live.locator("#sketch").is_hidden()
    assert hand.hints(live) == []
    hand.paint(live)


def test_a_coloured_picture_becomes_a_sketch_from_the_first_screen(page):
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Make a sketch of a coloured picture").click()
    chooser.value.set_files(hand.file("photo.png", hand.drawing()))
    page.wait_for_selector("#sketch-image:visible")
    assert page.locator("#sketch-source").is_hidden()
    page.keyboard.press("Escape")
    assert page.locator("#drawing-name").inner_text() == "photo"


# The rest -------------------------------------------------------------------------------------------------------------


def test_the_result_is_saved_at_the_size_of_the_drawing(studio):
    hand.click(studio, 0.5, 0.5)
    hand.paint(studio)
    studio.locator("#open-save").click()
    assert studio.locator("#save-pixels").inner_text() == "300 × 400 pixels"
    studio.keyboard.press("Escape")
    # A painting of another size than the drawing offers both.
    studio.evaluate("""async () => {
      const store = await import('/js/store.js');
      const results = store.session.results.map((result) => ({...result, width: 150, height: 200}));
      store.setSession({results});
    }""")
    studio.locator("#open-save").click()
    size = studio.locator("#save-size-select")
    assert size.locator("option").all_inner_texts() == ["As painted, 150 × 200", "As the sketch, 300 × 400"]
    size.select_option("original")
    with studio.expect_download() as download:
        studio.locator("#save-links a").filter(has_text="PNG").click()
    assert Image.open(download.value.path()).size == (300, 400)


def test_the_number_of_paintings_is_shown_on_the_first_screen(live):
    live.locator("#home").click()
    kept = live.evaluate("async () => (await (await fetch('/api/v1/status')).json()).painted")
    live.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    hand.until(live, f"session.screen === 'start' && session.status.painted === {kept}")
    told = "One picture has been painted here." if kept == 1 else f"{kept} pictures have been painted here."
    assert live.locator("#painted").inner_text() == told


def test_an_address_is_refused_in_words_and_the_field_is_there_only_when_switched_on(chromium, server):
    with watched_page(chromium, server.url, allowed="Failed to load resource") as page:
        page.locator("#url").fill("http://127.0.0.1/cat.png")
        page.locator("#link button").click()
        assert hand.says(page, "not a public address", is_error=True)
        page.evaluate("""async () => {
          const store = await import('/js/store.js');
          store.setSession({status: {...store.session.status, allow_url: false}});
        }""")
        assert page.locator("#link").is_hidden()


def test_a_large_page_is_opened_painted_and_saved(chromium, server):
    big = io.BytesIO()
    Image.open(io.BytesIO(hand.drawing((4096, 4096)))).convert("L").save(big, "PNG")
    with watched_page(chromium, server.url) as page:
        page.locator("#file").set_input_files(hand.file("large.png", big.getvalue()))
        page.wait_for_selector("[data-screen=studio]")
        hand.until(page, "session.room.width === 4096")
        hand.choose_color(page, "#d08040")
        hand.click(page, 0.5, 0.5)
        hand.paint(page)
        page.keyboard.press("h")
        assert hand.shows(page, 0.3, 0.5, (0xD0, 0x80, 0x40))
        icon = page.locator("#results img").evaluate("node => [node.naturalWidth, node.naturalHeight]")
        assert max(icon) <= 256, "the strip must not decode large pictures"


def test_the_phone_has_the_new_controls_in_reach(chromium, server):
    with watched_studio(chromium, server.url, **PHONE) as phone:
        phone.locator("#open-sheet").tap()
        phone.locator("#model").wait_for(state="visible")
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390
        for control in ("#model", "#make-sketch"):
            phone.locator(control).scroll_into_view_if_needed()
            assert phone.locator(control).bounding_box()["height"] >= 36, control
        phone.locator("#make-sketch").tap()
        phone.wait_for_selector("#sketch-image:visible")
        assert phone.evaluate("document.querySelector('#sketch').scrollWidth") <= 390
        box = phone.locator("#sketch-paint").bounding_box()
        assert box["y"] + box["height"] <= 844
