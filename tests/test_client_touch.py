"""Fingers, pens, trackpads and keyboards of other languages on the canvas."""

from __future__ import annotations

import pytest

from tests import client_hands as hand
from tests.client_browser import PHONE, chromium, page, server, shared, studio, watched_page, watched_studio

__all__ = ["chromium", "page", "server", "shared", "studio"]  # fixtures
pytestmark = pytest.mark.browser
SCALE = "async () => (await import('/js/stage.js')).viewport.scale"


class Hand:
    """Fingers and a pen on a page, as the screen reports them."""

    def __init__(self, page) -> None:
        self.page, self.devtools = page, page.context.new_cdp_session(page)

    def touch(self, kind: str, *points: tuple[float, float]) -> None:
        fingers = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        self.devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})

    def pen(self, kind: str, point: tuple[float, float]) -> None:
        self.devtools.send("Input.dispatchMouseEvent", {
            "type": kind, "x": point[0], "y": point[1], "button": "left", "buttons": 1, "clickCount": 1,
            "pointerType": "pen",
        })

    def key(self, key: str, code: str, modifiers: int = 0) -> None:
        for kind in ("rawKeyDown", "keyUp"):
            event = {"type": kind, "key": key, "code": code, "modifiers": modifiers}
            self.devtools.send("Input.dispatchKeyEvent", event)


def test_a_colour_is_one_tap_away_and_a_long_press_picks(chromium, server):
    with watched_studio(chromium, server.url, **PHONE) as phone:
        phone.locator("#dock-colors .chip[data-color='#bd7b57']").tap()
        phone.touchscreen.tap(*hand.at(phone, 0.5, 0.5))
        assert hand.hints(phone) == [(0.5, 0.5, "#bd7b57", "exact")]
        assert phone.locator("#dock-colors .chip").first.get_attribute("data-color") == "#bd7b57", "it is at hand now"
        fingers = Hand(phone)
        fingers.touch("touchStart", hand.at(phone, 0.9, 0.1))
        hand.until(phone, "session.color === '#c02010'")
        fingers.touch("touchEnd")
        assert len(hand.hints(phone)) == 1 and not phone.evaluate(
            "async () => (await import('/js/store.js')).isMoving()"), "nothing was placed"
        assert phone.locator("#help").is_visible()
        phone.locator("#language").select_option("ja")
        phone.wait_for_function("() => document.documentElement.lang === 'ja'")
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_on_a_phone_what_is_said_leaves_the_drawing_free(chromium, server):
    with watched_page(chromium, server.url, **PHONE) as phone:
        hand.open_drawing(phone, (300, 900))
        top = hand.at(phone, 0.5, 0.0)[1]
        for sentence in ("Saved.", "The server cannot be reached. What you do now is kept here and sent later. " * 2):
            phone.evaluate("async (said) => (await import('/js/notices.js')).note(said, { isError: true })", sentence)
            newest = phone.locator(".toast").last
            newest.wait_for()
            box = phone.locator("#toasts").bounding_box()
            assert box["y"] >= 0 and box["y"] + box["height"] <= top, (sentence, box, top)
            assert newest.get_by_role("button").is_visible()
            assert phone.evaluate("(top) => document.elementFromPoint(195, top + 2).id", top) == "canvas"
        for _ in range(2):
            phone.locator(".toast button").last.tap()
        assert phone.locator(".toast").count() == 0
        if phone.locator("#notices .banner").count():  # they stand above the canvas, which is the smaller for them
            banner, canvas = (phone.locator(one).bounding_box() for one in ("#notices", "#canvas"))
            assert banner["y"] + banner["height"] <= canvas["y"] + 1


def test_a_resting_palm_costs_nothing_and_after_a_pen_a_finger_pans(chromium, server):
    with watched_studio(chromium, server.url, has_touch=True) as page:
        hands, scale = Hand(page), page.evaluate(SCALE)
        hands.touch("touchStart", hand.at(page, 0.8, 0.9))
        hands.pen("mousePressed", hand.at(page, 0.4, 0.5))
        hands.touch("touchMove", hand.at(page, 0.82, 0.86))
        hands.pen("mouseMoved", hand.at(page, 0.45, 0.5))
        hands.pen("mouseReleased", hand.at(page, 0.45, 0.5))
        hands.touch("touchEnd")
        assert [hint[:2] for hint in hand.hints(page)] == [(0.45, 0.5)]
        assert page.evaluate(SCALE) == scale
        before = hand.at(page, 0.5, 0.5)
        page.wait_for_timeout(600)  # a hand that goes up with the pen is not taken for a finger
        start = hand.at(page, 0.6, 0.8)
        hands.touch("touchStart", start)
        hands.touch("touchMove", (start[0] - 60, start[1] - 40))
        hands.touch("touchEnd")
        after = hand.at(page, 0.5, 0.5)
        assert abs(after[0] - before[0] + 60) < 1 and abs(after[1] - before[1] + 40) < 1
        assert len(hand.hints(page)) == 1


@pytest.mark.parametrize("key, code", [("я", "KeyZ"), ("ζ", "KeyZ"), ("ז", "KeyZ"), ("ㅋ", "KeyZ"), ("z", "KeyW")])
def test_undo_is_where_z_is_on_every_keyboard(studio, key, code):
    hand.click(studio, 0.5, 0.5)
    Hand(studio).key(key, code, modifiers=2)
    assert hand.hints(studio) == []


def test_keys_follow_what_is_printed_then_where_they_are(studio):
    keys = Hand(studio)
    keys.key("у", "KeyE")
    assert studio.locator("[data-tool=erase]").get_attribute("aria-pressed") == "true"
    keys.key("a", "KeyQ")  # on a French keyboard
    assert studio.locator("[data-tool=draft]").get_attribute("aria-pressed") == "true"
    studio.keyboard.press("d")
    hand.click(studio, 0.5, 0.5)
    hand.paint(studio)
    keys.key("é", "Digit2")
    assert studio.locator("#views input[value=sketch]").is_checked()
    studio.locator("#canvas").focus()
    keys.key("х", "BracketRight")
    hand.until(studio, "session.selected === 0")


def test_a_trackpad_pans_and_pinches_and_a_wheel_zooms(studio):
    studio.mouse.move(*hand.at(studio, 0.5, 0.5))
    before, scale = hand.at(studio, 0.5, 0.5), studio.evaluate(SCALE)
    studio.mouse.wheel(30, 12)
    moved = before[0] - studio.locator("#canvas").bounding_box()["x"] - 29
    hand.until(studio, f"(await import('/js/stage.js')).screenOf({{x: 0.5, y: 0.5}}).x < {moved}")
    assert studio.evaluate(SCALE) == scale
    after = hand.at(studio, 0.5, 0.5)
    assert abs(after[0] - before[0] + 30) < 1 and abs(after[1] - before[1] + 12) < 1
    studio.keyboard.down("Control")
    studio.mouse.wheel(0, -20)
    studio.keyboard.up("Control")
    studio.wait_for_function(f"async () => (await import('/js/stage.js')).viewport.scale > {scale * 1.05}")


def test_the_right_button_picks_the_colour_of_a_hint(studio):
    hand.choose_color(studio, "#20a040")
    hand.click(studio, 0.5, 0.5)
    hand.choose_color(studio, "#102030")
    hand.click(studio, 0.5, 0.5, button="right")
    assert studio.locator("#hex").input_value() == "#20a040"
