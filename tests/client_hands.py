"""What a person does with the browser client, and what they see: used as `hand.click(page, 0.5, 0.5)`.

Whatever may take a while is waited for here.
"""

from __future__ import annotations

import io
import time
from collections.abc import Iterable
from typing import Any

from PIL import Image, ImageDraw

PATIENCE = 240_000  # milliseconds; the page itself is much faster, the machine may not be

_DROP = """([selector, bytes, name, type]) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([new Uint8Array(bytes)], name, {type}));
  for (const step of ['dragenter', 'dragover', 'drop']) {
    const event = new DragEvent(step, {dataTransfer, bubbles: true, cancelable: true});
    document.querySelector(selector).dispatchEvent(event);
  }
}"""


def drop(page: Any, selector: str, data: bytes, name: str, kind: str) -> None:
    """Drops a file on an element, as the browser would report it."""
    page.evaluate(_DROP, [selector, list(data), name, kind])


def drawing(size: tuple[int, int] = (300, 400)) -> bytes:
    """A PNG: a face-like ring on paper, with a red seal at (0.9, 0.1) for the eyedropper."""
    width, height = size
    picture = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(picture)
    pen.ellipse((width * 0.2, height * 0.2, width * 0.8, height * 0.8), outline="black", width=3)
    pen.rectangle((width * 0.85, height * 0.05, width * 0.95, height * 0.15), fill="#c02010")
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def file(name: str, data: bytes, kind: str = "image/png") -> dict[str, Any]:
    return {"name": name, "mimeType": kind, "buffer": data}


def open_drawing(page: Any, size: tuple[int, int] = (300, 400)) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a sketch").click()
    chooser.value.set_files(file("face.png", drawing(size)))
    await_studio(page)


def await_studio(page: Any) -> None:
    """Waits until a drawing that was brought is open and nothing on the page moves any more."""
    page.wait_for_selector("[data-screen=studio]")
    page.wait_for_function("() => document.querySelector('#canvas').dataset.hints === '0'")
    # Once the painter is there, a banner may say that it is untrained; it moves the drawing under the hand.
    until(page, "session.status && session.status.worker !== 'starting'")
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def at(page: Any, x: float, y: float) -> tuple[float, float]:
    """Where the fraction (x, y) of the picture lies in the window."""
    box = page.locator("#canvas").bounding_box()
    place = page.evaluate("async p => (await import('/js/stage.js')).screenOf(p)", {"x": x, "y": y})
    return box["x"] + place["x"], box["y"] + place["y"]


def click(page: Any, x: float, y: float, **options: Any) -> None:
    page.mouse.click(*at(page, x, y), **options)


def drag(page: Any, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*at(page, *start))
    page.mouse.down()
    page.mouse.move(*at(page, *end), steps=6)
    page.mouse.up()


def until(page: Any, condition: str) -> None:
    """Waits until a condition on `session`, `doc` or `store` of the page holds."""
    look = f"""async () => {{
      const store = await import('/js/store.js');
      const [session, doc] = [store.session, store.doc()];
      return Boolean({condition});
    }}"""
    deadline = time.monotonic() + PATIENCE / 1000
    while not page.evaluate(look):
        assert time.monotonic() < deadline, f"it did not come about: {condition}"
        page.wait_for_timeout(30)


def choose_color(page: Any, color: str) -> None:
    page.locator("#hex").fill(color)
    page.locator("#hex").press("Enter")


def tool(page: Any, name: str) -> None:
    page.locator(f"[data-tool={name}]").click()


def doc(page: Any) -> dict[str, Any]:
    return page.evaluate("async () => (await import('/js/store.js')).doc()")


def hints(page: Any) -> list[tuple[float, float, str, str]]:
    return [(round(h["x"], 2), round(h["y"], 2), h["color"], h["kind"]) for h in doc(page)["hints"]]


def shown_color(page: Any, x: float, y: float) -> tuple[int, int, int]:
    """The pixel of the canvas at a fraction of the picture."""
    box = page.locator("#canvas").bounding_box()
    left, top = at(page, x, y)
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    clip = {"x": round(left), "y": round(top), "width": 1, "height": 1}
    assert box["x"] <= clip["x"] <= box["x"] + box["width"]
    red, green, blue = Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("RGB").tobytes()
    return red, green, blue


def shows(page: Any, x: float, y: float, wanted: tuple[int, int, int]) -> bool:
    """Whether the canvas shows a colour at a fraction of the picture, once pictures that are on their way have come."""
    deadline = time.monotonic() + PATIENCE / 1000
    while not (is_right := is_near(shown_color(page, x, y), wanted)) and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    return is_right


def is_near(color: Iterable[int], wanted: Iterable[int], tolerance: int = 12) -> bool:
    return all(abs(a - b) <= tolerance for a, b in zip(color, wanted, strict=True))


def says(page: Any, sentence: str, *, is_error: bool = False) -> bool:
    """Waits for a note of the page; notes leave by themselves."""
    page.locator(".toast.error" if is_error else ".toast").filter(has_text=sentence).wait_for()
    return True


def paint(page: Any) -> None:
    """Presses Paint and waits for one result more."""
    before = page.locator("#results li").count()
    page.locator("#paint").click()
    page.wait_for_function("n => document.querySelectorAll('#results li').length > n", arg=before)
    page.wait_for_selector("#paint:visible")
