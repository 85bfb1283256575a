"""The browser client around the studio: first screen, phone, keyboard, languages, themes."""

from __future__ import annotations

import ast
import json
import re

import pytest

from server.service import _PAINTER, _READER
from tests import client_hands as hand
from tests.client_browser import (
    CLIENT,
    PHONE,
    ROOT,
    chromium,
    page,
    server,
    shared,
    studio,
    watched_page,
    watched_studio,
)

__all__ = ["chromium", "page", "server", "shared", "studio"]  # fixtures
pytestmark = pytest.mark.browser
LANGUAGES = ("en", "ja", "zh", "ko")


def test_pasted_sketch_is_opened(page):
    page.evaluate("""async (bytes) => {
      const carrier = new DataTransfer();
      carrier.items.add(new File([new Uint8Array(bytes)], 'pasted.png', {type: 'image/png'}));
      document.body.dispatchEvent(new ClipboardEvent('paste', {clipboardData: carrier, bubbles: true}));
    }""", list(hand.drawing()))
    page.wait_for_selector("[data-screen=studio]")
    assert page.locator("#drawing-name").inner_text() == "pasted"


def test_dropped_sketch_is_opened(page):
    hand.drop(page, "#drop", hand.drawing(), "dropped.png", "image/png")
    page.wait_for_selector("[data-screen=studio]")
    assert page.locator("#drop-veil").is_hidden()


def test_file_that_is_no_picture_is_refused_in_words(page, chromium, server):
    page.locator("#file").set_input_files(hand.file("notes.txt", b"hello", "text/plain"))
    assert hand.says(page, "notes.txt is not a picture", is_error=True)
    with watched_page(chromium, server.url, allowed="Failed to load resource") as other:
        other.locator("#file").set_input_files(hand.file("broken.png", b"not a png at all"))
        other.wait_for_selector(".toast.error")
        assert other.locator(".toast.error p").inner_text().endswith((".", "?"))
        assert other.locator("body").get_attribute("data-screen") == "start"


def test_sample_is_one_click_away_from_a_result(page):
    page.wait_for_selector("#sample-list .card")
    page.locator("#sample-list .card").first.click()
    page.wait_for_selector("#results li")
    page.wait_for_selector("#paint:visible")
    assert page.locator("#views input[value=result]").is_checked()


def test_drawing_waits_on_the_first_screen(studio):
    hand.click(studio, 0.4, 0.6)
    studio.locator("#home").click()
    studio.wait_for_selector("[data-screen=start]")
    studio.get_by_role("button", name="Continue face").click()
    studio.wait_for_selector("[data-screen=studio]")
    assert [hint[:2] for hint in hand.hints(studio)] == [(0.4, 0.6)]
    studio.go_back()
    studio.wait_for_selector("[data-screen=start]")


def test_phone_paints_with_fingers(chromium, server):
    with watched_studio(chromium, server.url, **PHONE) as phone:
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390
        canvas = phone.locator("#canvas").bounding_box()
        assert canvas["height"] > 844 * 0.6, "the canvas comes first"
        assert not phone.locator("#panel").is_visible()

        phone.locator("#open-sheet").tap()
        phone.locator("#hex").wait_for(state="visible")
        phone.locator("#tones .chip[data-color='#c8463c']").tap()
        phone.locator("#sheet-grip").tap()
        phone.locator("#panel").wait_for(state="hidden")

        phone.touchscreen.tap(*hand.at(phone, 0.5, 0.5))
        assert hand.hints(phone) == [(0.5, 0.5, "#c8463c", "exact")]
        phone.locator("#paint").tap()
        phone.wait_for_selector("#results li")
        phone.locator("#paint").wait_for(state="visible")  # hidden while a job runs, and the result comes first
        assert phone.locator("#paint").bounding_box()["height"] >= 44


def test_two_fingers_pinch_without_leaving_a_hint(chromium, server):
    with watched_studio(chromium, server.url, **PHONE) as phone:
        before = phone.evaluate("async () => (await import('/js/stage.js')).viewport.scale")
        x, y = hand.at(phone, 0.5, 0.5)
        touch = phone.context.new_cdp_session(phone)

        def send(kind: str, *points: tuple[float, float]) -> None:
            fingers = [{"x": a, "y": b, "id": i} for i, (a, b) in enumerate(points)]
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})

        send("touchStart", (x - 20, y))
        send("touchStart", (x - 20, y), (x + 20, y))
        for reach in (40, 60, 80):
            send("touchMove", (x - reach, y), (x + reach, y))
        send("touchEnd")
        grown = "async old => (await import('/js/stage.js')).viewport.scale > old * 2.5"
        phone.wait_for_function(grown, arg=before)
        assert hand.hints(phone) == []
        assert phone.locator("#undo").is_disabled()


def choose_with_enter(page):
    """The file chooser of the focused button. A key may open one for 5 s only, so a busy machine tries again."""
    from playwright.sync_api import TimeoutError as PlaywrightTimeout

    for attempt in range(3):
        try:
            with page.expect_file_chooser(timeout=10_000) as chooser:
                page.keyboard.press("Enter")
            return chooser.value
        except PlaywrightTimeout:
            if attempt == 2:
                raise
    raise AssertionError("unreachable")


def test_keyboard_alone_paints_a_drawing(page):
    for _ in range(40):  # the cards of other tests may lie on the way
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "choose":
            break
    assert page.evaluate("document.activeElement.id") == "choose"
    choose_with_enter(page).set_files(hand.file("face.png", hand.drawing()))
    page.wait_for_selector("[data-screen=studio]")
    assert page.evaluate("document.activeElement.id") == "canvas"

    page.keyboard.press("Enter")
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("a")
    page.keyboard.press("Enter")
    placed = hand.hints(page)
    assert [hint[3] for hint in placed] == ["exact", "draft"]
    assert placed[1][0] > placed[0][0] and placed[1][1] == placed[0][1]

    page.keyboard.press("]")
    page.keyboard.down("Shift")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.up("Shift")
    assert hand.hints(page)[0][1] > placed[0][1]
    page.keyboard.press("z")
    assert hand.hints(page) == placed, "a move by keys is one step"
    page.keyboard.press("]")
    page.keyboard.press("Delete")
    assert len(hand.hints(page)) == 1
    page.keyboard.press("p")
    page.wait_for_selector("#results li")
    page.wait_for_selector("#paint:visible")  # the room lists a painting a moment before it is shown
    page.keyboard.press("5")
    page.locator("#split").wait_for()  # it is drawn with the next frame


def test_shortcut_sheet_opens_with_a_question_mark_and_closes(studio):
    studio.keyboard.press("?")
    sheet = studio.locator("#shortcuts")
    assert sheet.is_visible()
    assert "Eyedropper" in sheet.inner_text()
    studio.keyboard.press("d")
    studio.keyboard.press("Escape")
    assert sheet.is_hidden()


def test_typing_a_colour_triggers_no_shortcut(studio):
    studio.locator("#hex").click()
    studio.keyboard.type("#ead1a0")
    assert studio.locator("#hex").input_value() == "#ead1a0"
    assert studio.locator("[data-tool=exact]").get_attribute("aria-pressed") == "true"


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_language_is_switched_and_remembered(page, language):
    page.locator("#language").select_option(language)
    locale = json.loads((CLIENT / "locales" / f"{language}.json").read_text(encoding="utf-8"))
    page.wait_for_function("tag => document.documentElement.lang === tag", arg=language)
    assert page.locator("#choose").inner_text() == locale["Choose a sketch"]
    page.reload()
    page.wait_for_function("tag => document.documentElement.lang === tag", arg=language)
    assert page.locator("#headline").inner_text() == locale["Your lines, in colour."]
    assert page.locator("#theme").get_attribute("aria-label") == locale["Light or dark"]


def test_dark_mode_follows_the_system_and_can_be_overruled(chromium, server):
    with watched_page(chromium, server.url, color_scheme="dark") as page:
        background = "getComputedStyle(document.body).backgroundColor"
        dark = page.evaluate(background)
        page.locator("#theme").click()
        light = page.evaluate(background)
        assert sum(map(int, re.findall(r"\d+", dark)[:3])) < 200 < 600 < sum(map(int, re.findall(r"\d+", light)[:3]))
        page.reload()
        page.wait_for_selector("[data-screen=start]")
        assert page.evaluate(background) == light
        hand.open_drawing(page)
        edge = hand.shown_color(page, 0.5, -0.03)
        assert sum(edge) > 600, "the canvas takes part"


def test_every_control_has_a_name_and_an_image_none_of_its_own(studio):
    hand.paint(studio)
    nameless = studio.evaluate("""() => [...document.querySelectorAll('button, input, select, [role=slider], canvas')]
      .filter((node) => node.checkVisibility() && node.type !== 'file')
      .filter((node) => !(node.getAttribute('aria-label') || node.innerText?.trim() || node.labels?.length
        || document.getElementById(node.getAttribute('aria-labelledby'))?.innerText.trim()))
      .map((node) => node.outerHTML)""")
    assert nameless == []


def test_focus_is_visible_on_every_stop_of_the_tab_key(studio):
    for _ in range(30):
        studio.keyboard.press("Tab")
        ring = studio.evaluate("""() => {
          const node = document.activeElement;
          if (node === document.body) return 'body';
          const spots = [node, node.nextElementSibling, node.querySelector('.icon')].filter(Boolean);
          return spots.some((spot) => getComputedStyle(spot).outlineStyle !== 'none') ? 'seen' : node.outerHTML;
        }""")
        assert ring in ("seen", "body")


def _sentences() -> set[str]:
    """Every sentence that the page can say, read from its sources."""
    html = (CLIENT / "index.html").read_text(encoding="utf-8")
    found = set(re.findall(r'data-(?:label|placeholder)="([^"]+)"', html))
    found |= {text.strip() for text in re.findall(r"data-i18n>([^<]+)<", html)}
    for path in (CLIENT / "js").rglob("*.js"):
        code = path.read_text(encoding="utf-8")
        found |= set(re.findall(r'\bt\(\s*"([^"]+)"', code))
        found |= set(re.findall(r'(?:HintFile|Zip|Palette)Error\("([^"]+)"', code))
        found |= set(re.findall(r'"data-label": "([^"]+)"', code))
        for pair in re.findall(r'\bt\([^"()]*\? "([^"]+)" : "([^"]+)"', code):
            found |= set(pair)
        for block in re.findall(r"const \w+_WORDS = \{(.*?)\};", code, re.DOTALL):
            found |= set(re.findall(r': "([^"]+)"', block))
    table = (CLIENT / "js" / "keyboard.js").read_text(encoding="utf-8").split("const TABLE")[1].split("const ROWS")[0]
    found |= set(re.findall(r'^  \["([^"]+)", \[$', table, re.MULTILINE))
    found |= set(re.findall(r'^    \[\[.*?\], "[^"]+", "([^"]+)"', table, re.MULTILINE))
    found |= set(re.findall(r'name: "([^"]+)"', (CLIENT / "js" / "palette.js").read_text(encoding="utf-8")))
    return found - {"{n} hints"}  # an example in a comment


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_in_every_language(language):
    locale = json.loads((CLIENT / "locales" / f"{language}.json").read_text(encoding="utf-8"))
    wanted = _sentences()
    assert len(wanted) > 120
    assert sorted(wanted - set(locale)) == []
    for key, text in locale.items():
        assert text.strip(), key
        assert set(re.findall(r"\{\w+\}", key)) == set(re.findall(r"\{\w+\}", text)), key
        assert language == "en" or re.search(r"[぀-ヿ一-鿿가-힯]", text), f"not translated: {key}"


def _server_sentences() -> list[re.Pattern[str]]:
    """What the server and the library say, with anything in place of their values."""
    found = []
    for path in [*(ROOT / "server").glob("*.py"), *(ROOT / "s2p").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            parts = node.values if isinstance(node, ast.JoinedStr) else [node]
            values = [part.value if isinstance(part, ast.Constant) else None for part in parts]
            texts = [value if isinstance(value, str) else None for value in values]
            if sum(map(len, filter(None, texts))) > 11:
                pattern = "".join(".+" if text is None else re.escape(text) for text in texts)
                found.append(re.compile(pattern, re.DOTALL))
    return found


def test_sentences_of_the_server_are_translated_as_they_are_said(chromium, server):
    """A sentence that was changed in the server would be English in every language."""
    known = json.loads((CLIENT / "locales" / "ja.json").read_text(encoding="utf-8"))
    said = _server_sentences()
    page_says = _sentences()
    code = "".join(path.read_text(encoding="utf-8") for path in (CLIENT / "js").rglob("*.js"))
    others = [key for key in known if key.endswith(".") and key not in page_says and key not in code]
    assert len(others) > 40

    def is_said(key: str) -> bool:
        """As a whole; or as a part that is long enough to be no accident."""
        return any(one.fullmatch(key) or (len(one.pattern) > 24 and one.search(key)) for one in said)

    assert [key for key in others if not is_said(key)] == []

    told = "async (text) => (await import('/js/i18n.js')).told(text)"
    with watched_page(chromium, server.url, allowed="Failed to load resource", locale="ja-JP") as page:
        refused = page.evaluate(told, "The picture is 90000 x 20 pixels; at most 64 million pixels and 60000 a side "
                                      "are read. Make it smaller first, or raise the limit: million_pixels.")
        assert refused.startswith("画像は 90000 x 20 画素です") and "million_pixels" in refused
        assert page.evaluate(told, "The server was stopped.") == known["The server was stopped."]
        for one in (_PAINTER, _READER):
            late = page.evaluate(told, f"{one.who} was not ready after 300 seconds. {one.late}")
            assert "300" in late and one.who not in late
        assert page.evaluate(told, "Nobody has translated this.") == "Nobody has translated this."
        page.locator("#file").set_input_files(hand.file("empty.png", b""))
        assert hand.says(page, known["The picture is empty; a picture file is needed."], is_error=True)


def test_sources_name_no_foreign_address_and_carry_no_inline_script():
    for path in CLIENT.rglob("*"):
        if path.suffix not in (".html", ".js", ".css", ".svg"):
            continue
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|//\w+\.\w+/|@import", text), path.name
        assert len(text.splitlines()) <= 350, path.name
    html = (CLIENT / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*src=)|\sstyle=|\son\w+=", html)
    names = re.findall(r'\bid="([^"]+)"', html)
    assert sorted(names) == sorted(set(names)), "two elements of one name"
