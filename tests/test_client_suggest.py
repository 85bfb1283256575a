"""Filling the rest in the page: pressed, painted, undone as one step, and replaced by the next press."""

from __future__ import annotations

import pytest

from tests import client_hands as hand
from tests.client_browser import PHONE, chromium, page, server, shared, studio, watched_studio
from tests.server_fakes import ENDLESS, REFUSE, SUGGESTED

__all__ = ["chromium", "page", "server", "shared", "studio"]  # fixtures
pytestmark = pytest.mark.browser


def press(page) -> list[tuple[float, float, str, str]]:
    """Presses Fill the rest, waits for the painting that follows, and returns all hints."""
    before = page.locator("#results li").count()
    page.locator("#suggest").click()
    page.wait_for_function("n => document.querySelectorAll('#results li').length > n", arg=before)
    page.wait_for_selector("#suggest:visible")
    return hand.hints(page)


def places(hints) -> list[tuple[float, float]]:
    return [hint[:2] for hint in hints]


def test_colours_are_suggested_painted_and_undone_in_one_step(studio):
    hand.choose_color(studio, "#d08040")
    hand.click(studio, 0.5, 0.3)
    own = hand.hints(studio)
    hints = press(studio)
    assert hints[:1] == own
    assert places(hints[1:]) == list(SUGGESTED)
    assert {hint[3] for hint in hints} == {"exact"}
    assert studio.locator("#canvas").get_attribute("data-hints") == "4"
    assert studio.locator("#views input[value=result]").is_checked()
    assert studio.evaluate("async () => (await import('/js/store.js')).session.results.at(-1).hints_count") == 4
    studio.keyboard.press("h")
    assert hand.shows(studio, 0.3, 0.5, (0xD0, 0x80, 0x40))
    studio.locator("#undo").click()
    assert hand.hints(studio) == own
    studio.locator("#redo").click()
    assert hand.hints(studio) == hints


def test_pressing_again_replaces_what_was_not_touched(studio):
    first = press(studio)
    assert len(first) == 3
    hand.drag(studio, SUGGESTED[0], (0.3, 0.35))
    moved = hand.hints(studio)
    second = press(studio)
    assert second[0] == moved[0], "what was moved is the artist's now"
    assert places(second[1:]) == list(SUGGESTED[1:])
    assert second[1][2] not in {hint[2] for hint in first}, "another seed"
    studio.locator("#undo").click()
    assert hand.hints(studio) == moved, "each press is a step of its own"
    third = press(studio)
    assert third[0] == moved[0]
    assert places(third[1:]) == list(SUGGESTED[1:]), "after undo, those that are back are replaced"
    for _ in range(3):
        studio.locator("#undo").click()
    assert hand.hints(studio) == []
    assert studio.locator("#undo").is_disabled()


def test_suggestions_are_still_known_after_a_refresh(studio):
    before = press(studio)
    studio.reload()
    studio.wait_for_selector("[data-screen=studio] #results li")
    assert hand.hints(studio) == before
    after = press(studio)
    assert places(after) == places(before)
    assert after != before


def test_a_drawing_with_a_hint_everywhere_gets_none_and_is_not_painted(studio):
    for x, y in SUGGESTED:
        hand.click(studio, x, y)
    own = hand.hints(studio)
    studio.locator("#suggest").click()
    assert hand.says(studio, "Everything large has a colour already.")
    studio.wait_for_selector("#suggest:visible")
    assert hand.hints(studio) == own
    assert studio.locator("#results li").count() == 0


def test_a_slow_suggestion_is_shown_and_cancelled(studio):
    hand.tool(studio, "draft")
    hand.choose_color(studio, ENDLESS)
    hand.click(studio, 0.5, 0.5)
    own = hand.hints(studio)
    studio.locator("#suggest").click()
    studio.wait_for_function("() => document.querySelector('#bar').position > 0")
    assert studio.locator("#suggest").is_hidden() and studio.locator("#paint").is_hidden()
    studio.locator("#cancel").click()
    assert hand.says(studio, "Cancelled")
    studio.wait_for_selector("#suggest:visible")
    assert hand.hints(studio) == own
    assert studio.evaluate("document.activeElement.id") == "suggest", "the focus goes back to what was pressed"


def test_a_refusal_is_told_and_changes_nothing(studio):
    hand.tool(studio, "draft")
    hand.choose_color(studio, REFUSE)
    hand.click(studio, 0.5, 0.5)
    studio.locator("#suggest").click()
    assert hand.says(studio, "The fake painter refuses this colour.", is_error=True)
    studio.wait_for_selector("#suggest:visible")
    assert len(hand.hints(studio)) == 1
    assert studio.locator("#results li").count() == 0


def test_the_key_suggests_and_the_button_tells_it(studio):
    button = studio.locator("#suggest")
    assert button.get_attribute("aria-label") == "Fill the rest"
    assert button.get_attribute("title") == "Fill the rest (F)"
    studio.locator("#canvas").focus()
    studio.keyboard.press("f")
    studio.wait_for_selector("#results li")
    hand.until(studio, "!session.job && doc.hints.length === 3")


def test_the_auto_painter_paints_suggested_colours_too(studio):
    hand.until(studio, "session.status && session.status.ready")
    studio.locator("#model").select_option("auto-painter")
    assert len(press(studio)) == 3
    assert studio.evaluate("async () => (await import('/js/store.js')).session.results.at(-1).model") == "auto-painter"


def test_a_painting_is_there_when_the_page_was_left_while_colours_were_looked_for(studio):
    room = studio.evaluate("location.hash")
    studio.locator("#suggest").click()
    hand.until(studio, "session.job && session.job.job")
    studio.locator("#home").click()
    studio.wait_for_selector("[data-screen=start]")
    studio.evaluate("hash => { location.hash = hash; }", room)
    studio.wait_for_selector("[data-screen=studio] #results li")
    hand.until(studio, "!session.job && doc.hints.length === 3")


def test_a_painting_is_there_when_the_page_was_left_before_the_server_had_taken_the_job(studio):
    room, held = studio.evaluate("location.hash"), []
    studio.route("**/jobs", lambda route: held.append(route))
    studio.locator("#paint").click()
    hand.until(studio, "Boolean(session.job) && !session.job.job")
    studio.locator("#home").click()
    studio.wait_for_selector("[data-screen=start]")
    with studio.expect_response("**/jobs"):
        held[0].continue_()
    studio.unroute("**/jobs")
    kept = "room => JSON.parse(localStorage.getItem(`s2p.drawing.${room}`) || '{}').job"
    studio.wait_for_function(kept, arg=room[1:])
    studio.evaluate("hash => { location.hash = hash; }", room)
    studio.wait_for_selector("[data-screen=studio] #results li")


def test_the_phone_has_it_in_reach(chromium, server):
    with watched_studio(chromium, server.url, **PHONE) as phone:
        box, paint = (phone.locator(name).bounding_box() for name in ("#suggest", "#paint"))
        assert box["height"] >= 44 and box["width"] >= 44
        assert abs(box["y"] - paint["y"]) < 1 and box["x"] + box["width"] < paint["x"]
        assert paint["width"] > 150
        phone.locator("#suggest").tap()
        phone.wait_for_selector("#results li")
        phone.wait_for_selector("#suggest:visible")
        assert len(hand.hints(phone)) == 3
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390
