"""Choices in the page: they come by themselves, are looked at, taken by a click and given back by undo."""

from __future__ import annotations

import pytest

from tests import client_hands as hand
from tests.client_browser import PHONE, chromium, fresh, server, watched_studio
from tests.server_fakes import SUGGESTED, choice_color

__all__ = ["chromium", "fresh", "server"]  # fixtures
pytestmark = pytest.mark.browser
SERVER = {"painter": "filling"}  # says that it fills line art


@pytest.fixture
def studio(fresh):
    return fresh


def painted(page) -> None:
    """Paints and waits for the six choices."""
    hand.paint(page)
    wait_for_choices(page)


def wait_for_choices(page) -> None:
    hand.until(page, "session.choices && !session.isChoosing && session.choices.items.length === 6")
    page.wait_for_selector("#choices:visible")


def take(page, number: int) -> None:
    before = page.locator("#results li").count()
    page.locator(".choice").nth(number).click()
    page.wait_for_function("n => document.querySelectorAll('#results li').length > n", arg=before)
    page.wait_for_selector("#paint:visible")


def colors(page) -> list[str]:
    return [hint[2] for hint in hand.hints(page)]


def test_six_choices_come_by_themselves_after_the_first_painting(studio):
    assert studio.locator("#choices").is_hidden()
    painted(studio)
    assert studio.locator(".choice").count() == 6
    assert studio.locator(".choice").first.get_attribute("aria-label") == "Choice 1: take its colours"
    widths = studio.evaluate("[...document.querySelectorAll('.choice img')].map((image) => image.naturalWidth)")
    assert widths == [192] * 6
    assert hand.hints(studio) == [], "nothing was changed by it"
    assert studio.locator("#progress").is_hidden()


def test_a_click_takes_a_choice_in_one_step_and_paints_it(studio):
    hand.choose_color(studio, "#20a040")
    hand.click(studio, *SUGGESTED[0])
    own = hand.hints(studio)
    painted(studio)
    take(studio, 2)
    assert hand.hints(studio)[:1] == own
    assert colors(studio)[1:] == [choice_color(2)] * 2
    assert {hint[3] for hint in hand.hints(studio)} == {"exact"}
    assert studio.locator(".choice").nth(2).get_attribute("aria-pressed") == "true"
    assert studio.evaluate("async () => (await import('/js/store.js')).session.results.at(-1).hints_count") == 3
    studio.locator("#undo").click()
    assert hand.hints(studio) == own
    assert studio.locator(".choice").nth(2).get_attribute("aria-pressed") == "false"
    studio.locator("#redo").click()
    assert len(hand.hints(studio)) == 3


def test_another_choice_takes_the_place_of_the_first_but_not_of_what_was_moved(studio):
    painted(studio)
    take(studio, 0)
    assert colors(studio) == [choice_color(0)] * 3
    take(studio, 1)
    assert colors(studio) == [choice_color(1)] * 3
    hand.drag(studio, SUGGESTED[0], (0.3, 0.36))
    moved = hand.hints(studio)[0]
    hand.until(studio, f"session.choices.key.includes('{moved[2]}')")
    take(studio, 3)
    assert hand.hints(studio)[0] == moved, "what was touched is the artist's"
    assert colors(studio)[1:] == [choice_color(3)] * 2


def test_more_gives_six_others(studio):
    painted(studio)
    first = studio.evaluate("[...document.querySelectorAll('.choice img')].map((image) => image.src)")
    studio.locator("#more-choices").click()
    hand.until(studio, "session.choices.seed === 6")
    second = studio.evaluate("[...document.querySelectorAll('.choice img')].map((image) => image.src)")
    assert not set(first) & set(second)
    take(studio, 0)
    assert colors(studio)[0] == choice_color(6)
    studio.locator("#canvas").focus()
    studio.keyboard.press("n")
    hand.until(studio, "session.choices.seed === 12")


def test_filling_the_rest_keeps_the_choice_that_was_taken(studio):
    hand.click(studio, *SUGGESTED[0])
    painted(studio)
    take(studio, 1)
    taken = hand.hints(studio)
    studio.keyboard.press("f")
    assert hand.says(studio, "Everything large has a colour already.")
    assert hand.hints(studio) == taken


def test_hovering_and_focus_show_it_larger(studio):
    painted(studio)
    large = studio.locator("#choice-large")
    assert large.is_hidden()
    studio.locator(".choice").nth(1).hover()
    assert large.is_visible()
    small, shown = studio.locator(".choice").nth(1).bounding_box(), large.bounding_box()
    assert shown["width"] > 2 * small["width"] and shown["x"] + shown["width"] <= small["x"]
    studio.mouse.move(200, 300)
    assert large.is_hidden()
    studio.locator("#canvas").focus()
    studio.keyboard.press("j")
    assert large.is_visible()
    studio.keyboard.press("ArrowDown")
    assert studio.evaluate("document.activeElement.getAttribute('aria-label')") == "Choice 2: take its colours"
    studio.keyboard.press("Enter")
    hand.until(studio, "!session.job && doc.hints.length === 3")
    assert colors(studio)[0] == choice_color(1)
    assert large.is_hidden()


def test_new_hints_bring_new_choices_and_old_ones_cannot_be_taken(studio):
    painted(studio)
    hand.click(studio, *SUGGESTED[1])
    assert studio.locator(".choice").first.get_attribute("aria-disabled") == "true"
    studio.wait_for_selector(".choice[aria-disabled=false]")
    take(studio, 0)
    assert len(hand.hints(studio)) == 3
    assert hand.hints(studio)[0][:2] == SUGGESTED[1]


def test_a_painting_does_not_wait_for_choices(studio):
    """The fake thinks for ever where a draft hint has this colour; a page that waited would never paint."""
    painted(studio)
    studio.evaluate("""async () => {
      const {api} = await import('/js/api.js');
      const {session} = await import('/js/store.js');
      const hints = [{x: 0.9, y: 0.9, color: '#000007', kind: 'draft'}];
      await api.startJob(session.room.room, {kind: 'choices', hints});
    }""")
    hand.click(studio, 0.5, 0.5)
    hand.paint(studio)
    studio.wait_for_selector(".choice[aria-disabled=false]")  # the page's own take the place of those in the room
    assert "#f1bb98" in studio.evaluate("async () => (await import('/js/store.js')).session.choices.key")


def test_choices_of_one_drawing_are_not_shown_at_the_next(studio):
    painted(studio)
    studio.locator("#home").click()
    hand.open_drawing(studio, (400, 300))
    assert studio.locator("#choices").is_hidden()
    painted(studio)


def test_other_painters_have_no_choices(studio):
    painted(studio)
    hand.until(studio, "session.status.ready")
    studio.locator("#model").select_option("auto-painter")
    assert studio.locator("#choices").is_hidden()
    studio.locator("#model").select_option("style2paints")
    studio.wait_for_selector("#choices:visible")


def test_the_picture_does_not_move_when_choices_come(studio):
    before = hand.at(studio, 0.5, 0.5)
    painted(studio)
    assert hand.at(studio, 0.5, 0.5) == before
    right = hand.at(studio, 1, 0.5)[0]
    assert right < studio.locator("#choices").bounding_box()["x"], "nor does the strip hide it"


def test_the_phone_has_the_strip_below_the_picture(chromium, server):
    with watched_studio(chromium, server.url, **PHONE) as phone:
        phone.locator("#paint").tap()
        wait_for_choices(phone)
        strip = phone.locator("#choices").bounding_box()
        assert strip["x"] >= 0 and strip["x"] + strip["width"] <= 390
        assert hand.at(phone, 0.5, 1)[1] <= strip["y"] + 1
        for button in (*phone.locator(".choice").all(), phone.locator("#more-choices")):
            box = button.bounding_box()
            assert box["width"] >= 43 and box["height"] >= 43
            assert box["x"] + box["width"] <= 390
        results = phone.locator("#results").bounding_box()
        assert results["y"] >= strip["y"] + strip["height"]
        phone.locator(".choice").nth(4).tap()
        hand.until(phone, "!session.job && doc.hints.length === 3")
        assert colors(phone)[0] == choice_color(4)
        assert phone.locator("#choice-large").is_hidden()
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390
