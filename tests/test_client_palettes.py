"""Own palettes in the page: made, kept with a drawing, and exchanged with other programs."""

from __future__ import annotations

import io
import struct

import pytest
from PIL import Image

from tests import client_hands as hand
from tests.client_browser import chromium, page, server, shared, studio

__all__ = ["chromium", "page", "server", "shared", "studio"]  # fixtures
pytestmark = pytest.mark.browser
COLORS = ["#f1bb98", "#20a040", "#0a0b0c", "#ffffff"]
READ = """async ([bytes, name]) => {
  const m = await import('/js/palette_files.js');
  try { return m.readPalette(new Uint8Array(bytes), name); } catch (error) { return error.name; }
}"""


def read(page, data: bytes, name: str):
    return page.evaluate(READ, [list(data), name])


@pytest.mark.parametrize("ending", ["gpl", "ase", "aco", "hex"])
def test_what_is_written_is_read_again(page, ending):
    write = """async ([ending, palette]) => {
      const m = await import('/js/palette_files.js');
      return [...m.writePalette(ending, palette)];
    }"""
    data = bytes(page.evaluate(write, [ending, {"name": "Mond 月", "colors": COLORS}]))
    name = "Mond 月" if ending in ("gpl", "ase") else "file"
    assert read(page, data, f"file.{ending}") == {"name": name, "colors": COLORS}


def ase(*colors: tuple[str, tuple[float, ...]]) -> bytes:
    """A file as Adobe's programs write it, without groups."""
    blocks = b""
    for model, values in colors:
        name = struct.pack(">H", 2) + "A\0".encode("utf-16-be")
        body = name + model.encode() + struct.pack(f">{len(values)}f", *values)
        blocks += struct.pack(">HI", 1, len(body) + 2) + body + struct.pack(">H", 2)
    return b"ASEF" + struct.pack(">HHI", 1, 0, len(colors)) + blocks


def test_files_of_other_programs_are_read(page):
    mixed = ase(("RGB ", (1, 0.5, 0)), ("CMYK", (0, 1, 1, 0)), ("Gray", (0.2,)), ("LAB ", (0.5324, 80.09, 67.2)))
    colors = read(page, mixed, "swatches.ase")["colors"]
    assert colors[:3] == ["#ff8000", "#ff0000", "#333333"]
    assert hand.is_near(bytes.fromhex(colors[3][1:]), (255, 0, 0), 24), "sRGB's red, but for the white of D65"
    rows = [(0, 65535, 0, 0, 0), (1, 0, 65535, 65535, 0), (2, 65535, 0, 0, 65535), (8, 10000, 0, 0, 0),
            (7, 10000, 0, 0, 0)]
    swatches = struct.pack(">HH", 1, len(rows)) + b"".join(struct.pack(">5H", *row) for row in rows)
    assert read(page, swatches, "a.aco")["colors"] == ["#ff0000", "#ff0000", "#ff0000", "#000000", "#ffffff"]
    gimp = b"GIMP Palette\r\nName: Sea\r\nColumns: 4\r\n# of mine\r\n  1   2   3\tink\r\n255 255 255\tUntitled\r\n"
    assert read(page, gimp, "x.gpl") == {"name": "Sea", "colors": ["#010203", "#ffffff"]}
    assert read(page, b"ff0000\n00FF00\n", "lospec.hex")["colors"] == ["#ff0000", "#00ff00"]
    assert read(page, b'["#abc", "#123456"]', "list.txt")["colors"] == ["#aabbcc", "#123456"]
    assert read(page, b"; paint.net Palette File\nFF112233\n", "p.txt")["colors"] == ["#112233"]


@pytest.mark.parametrize("data, name", [
    (b"", "a.gpl"), (b"GIMP Palette\nName: none\n", "a.gpl"), (b"red green", "a.hex"),
    (b"\x89PNG\r\n\x1a\n" + bytes(40), "a.png"), (ase(("RGB ", (1, 1, 1)))[:-9], "a.ase"),
    (ase(("XYZ ", (1, 1, 1))), "a.ase"), (b"ASEF\0\1\0\0\xff\xff\xff\xff", "a.ase"),
    (struct.pack(">HH", 1, 60000), "a.aco"), (struct.pack(">HH5H", 1, 1, 99, 0, 0, 0, 0), "a.aco"),
    (b"123456\n" * 300, "many.hex"),
])
def test_what_is_no_palette_is_refused(page, data, name):
    assert read(page, data, name) == "PaletteError"


def menu(page, name: str) -> None:
    page.locator("#palette-more").click()
    page.get_by_role("button", name=name, exact=True).click()


def shown(page) -> list[str]:
    return page.locator("#palette-colors .chip").evaluate_all("chips => chips.map((chip) => chip.dataset.color)")


def test_a_palette_is_made_kept_with_its_drawing_and_saved(page, studio):
    for color, x in (("#20a040", 0.3), ("#c02010", 0.6)):
        hand.choose_color(studio, color)
        hand.click(studio, x, 0.5)
    studio.once("dialog", lambda dialog: dialog.accept("Forest"))
    menu(studio, "New palette of the colours in use")
    assert shown(studio) == ["#20a040", "#c02010"]
    hand.choose_color(studio, "#123456")
    studio.locator("#palette-add").click()
    studio.locator("#palette-colors .chip").first.click()
    assert studio.locator("#hex").input_value() == "#20a040"
    menu(studio, "Take the chosen colour out")
    assert shown(studio) == ["#c02010", "#123456"]
    studio.locator("#palette-more").click()
    with studio.expect_download() as download:
        studio.get_by_role("button", name="Save as .gpl").click()
    assert download.value.suggested_filename == "Forest.gpl"
    assert b" 18  52  86" in download.value.path().read_bytes()

    room = studio.evaluate("location.hash")
    studio.locator("#home").click()
    hand.open_drawing(studio)
    assert shown(studio) == ["#c02010", "#123456"], "the next drawing begins with the palette that was used last"
    studio.locator("#palette-select").select_option(label="Suggested tones")
    assert studio.locator("#tones").is_visible()
    studio.evaluate("hash => { location.hash = hash }", room)
    hand.until(studio, "doc.hints.length === 2")
    assert shown(studio) == ["#c02010", "#123456"], "the first one has its own still"
    studio.reload()
    studio.wait_for_selector("#palette-colors .chip")
    assert shown(studio) == ["#c02010", "#123456"]


def test_palettes_come_from_files_and_pictures(studio):
    studio.locator("#palette-file").set_input_files(hand.file("sea.hex", b"102030\n405060\n", "text/plain"))
    assert hand.says(studio, "The palette sea has 2 colours.")
    assert shown(studio) == ["#102030", "#405060"]
    studio.locator("#palette-file").set_input_files(hand.file("sea.hex", b"nothing here", "text/plain"))
    assert hand.says(studio, "No colours can be read", is_error=True)
    picture = Image.new("RGB", (60, 60), "#f0e0d0")
    picture.paste("#a01020", (0, 0, 20, 60))
    picture.paste("#2040c0", (0, 0, 60, 6))
    held = io.BytesIO()
    picture.save(held, "PNG")
    studio.once("dialog", lambda dialog: dialog.accept(dialog.default_value))
    studio.locator("#palette-picture-file").set_input_files(hand.file("flag.png", held.getvalue()))
    studio.wait_for_function("() => document.querySelectorAll('#palette-colors .chip').length === 3")
    assert shown(studio) == ["#f0e0d0", "#2040c0", "#a01020"]
    for number in range(13):
        studio.locator("#palette-file").set_input_files(hand.file(f"{number}.hex", b"102030\n", "text/plain"))
        hand.until(studio, f"document.querySelector('#palette-select').selectedOptions[0].label === '{number}'")
    kept = studio.locator("#palette-select option").all_inner_texts()
    assert len(kept) == 13 and kept[1] == "12", "the last twelve, newest first"
