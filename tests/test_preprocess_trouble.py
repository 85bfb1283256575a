"""A folder with more than fifty kinds of broken, odd and hostile files, and files that take their reader down."""

from __future__ import annotations

import io
import json
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from preprocess_art import drawing

from preprocess import records
from preprocess.plan import Plan
from preprocess.run import prepare
from s2p.executors import WorkerLostError, run_all, run_isolated
from s2p.image import encode_image


def encoded(image: Image.Image, format: str, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def png_with_header(width: int, height: int, *, depth: int = 8, color: int = 2, data: bytes = b"") -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    parts = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(data)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def good_files() -> dict[str, bytes]:
    """Unusual files that a person would call pictures."""
    made = [Image.fromarray(drawing(seed, height=120, width=150)) for seed in range(40)]
    exif = Image.Exif()
    exif[0x0112] = 6
    deep = np.asarray(made[8].convert("L")).astype(np.uint16) * 257
    deep_color = (np.asarray(made[9]).astype(np.uint32) * 257).astype(">u2")
    deep_color = b"".join(b"\0" + row.tobytes() for row in deep_color)
    transparent = made[10].convert("RGBA")
    transparent.putalpha(Image.fromarray(np.tile(np.linspace(0, 255, 150).astype(np.uint8), (120, 1))))
    palette = made[11].quantize(32)
    return {
        "plain.png": encoded(made[0], "PNG"),
        "plain.jpg": encoded(made[1], "JPEG", quality=95),
        "plain.webp": encoded(made[2], "WEBP"),
        "plain.bmp": encoded(made[3], "BMP"),
        "plain.tiff": encoded(made[4], "TIFF"),
        "still.gif": encoded(made[5], "GIF"),
        "cmyk.jpg": encoded(made[6].convert("CMYK"), "JPEG"),
        "cmyk.tif": encoded(made[7].convert("CMYK"), "TIFF"),
        "deep gray.png": encoded(Image.fromarray(deep), "PNG"),
        "deep color.png": png_with_header(150, 120, depth=16, data=deep_color),
        "alpha.png": encoded(transparent, "PNG"),
        "palette.png": encoded(palette, "PNG"),
        "palette alpha.png": encoded(made[35].quantize(32), "PNG", transparency=3),
        "animated.gif": encoded(made[12], "GIF", save_all=True, append_images=made[13:15]),
        "animated.webp": encoded(made[15], "WEBP", save_all=True, append_images=made[16:18]),
        "animated.png": encoded(made[18], "PNG", save_all=True, append_images=made[19:20]),
        "pages.tif": encoded(made[20], "TIFF", save_all=True, append_images=made[21:22]),
        "turned.jpg": encoded(made[22], "JPEG", exif=exif.tobytes()),
        "really a jpeg.png": encoded(made[23], "JPEG"),
        "really a png.jpg": encoded(made[24], "PNG"),
        "no extension": encoded(made[25], "PNG"),
        "UPPER.JPG": encoded(made[26], "JPEG"),
        "progressive.jpg": encoded(made[27], "JPEG", progressive=True),
        "interlaced.png": encoded(made[28], "PNG", interlace=True),
        "lab.tif": encoded(made[29].convert("LAB"), "TIFF"),
        "ycbcr.tif": encoded(made[30].convert("YCbCr"), "TIFF"),
        "tail of junk.jpg": encoded(made[31], "JPEG") + b"junk" * 500,
        "name \u7d75 \U0001f3a8.png": encoded(made[32], "PNG"),
        "lossless.webp": encoded(made[33], "WEBP", lossless=True),
        "lzw.tif": encoded(made[34], "TIFF", compression="tiff_lzw"),
    }


def bad_files() -> dict[str, bytes]:
    """Files that cannot or should not be trained on."""
    picture = Image.fromarray(drawing(50, height=120, width=150))
    whole_png, whole_jpeg = encoded(picture, "PNG"), encoded(picture, "JPEG")
    whole_webp, whole_gif = encoded(picture, "WEBP"), encoded(picture, "GIF")
    return {
        "empty.png": b"",
        "one byte.jpg": b"x",
        "zeros.png": bytes(4096),
        "text.jpg": b"this is a letter, not a picture",
        "page.png": b"<!doctype html><title>404</title>",
        "vector.png": b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>",
        "program.gif": b"\x7fELF" + bytes(200),
        "archive.jpg": b"PK\x03\x04" + bytes(200),
        "script.bmp": b"#!/bin/sh\nexit 1\n",
        "postscript.tif": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        "half.png": whole_png[: len(whole_png) // 2],
        "half.webp": whole_webp[: len(whole_webp) // 2],
        "head.jpg": whole_jpeg[:40],
        "head.gif": whole_gif[:20],
        "signature.png": b"\x89PNG\r\n\x1a\n",
        "bomb.png": png_with_header(30_000, 30_000),
        "giant.png": png_with_header(2**31 - 1, 2**31 - 1),
        "nothing wide.png": png_with_header(0, 100),
        "no pixels.png": png_with_header(200, 200),
        "bad depth.png": png_with_header(200, 200, depth=7),
        "bad size.bmp": encoded(picture, "BMP")[:18] + struct.pack("<ii", -2**31, 5) + bytes(100),
        "flipped bits.png": bytes(b ^ 0x55 if i > 60 and i % 7 == 0 else b for i, b in enumerate(whole_png)),
        "tiny.png": encoded(Image.new("RGB", (1, 1), "red"), "PNG"),
        "sliver.png": encoded(Image.fromarray(drawing(51, height=100, width=400)[48:52]), "PNG"),
        "ribbon.png": encoded(Image.fromarray(drawing(52, height=70, width=900)), "PNG"),
        "gray.jpg": encoded(picture.convert("L"), "JPEG"),
        "bilevel.tif": encoded(picture.convert("1"), "TIFF"),
        "float.tif": encoded(Image.fromarray(np.full((120, 150), 0.5, np.float32)), "TIFF"),
        "blank.png": encoded(Image.new("RGB", (200, 200), (250, 240, 200)), "PNG"),
        "clear.png": encoded(Image.new("RGBA", (200, 200), (200, 30, 30, 0)), "PNG"),
        "icon.ico.png": b"\x00\x00\x01\x00\x01\x00" + bytes(60),
        "quicktime.gif": bytes(4) + b"ftypqt  " + bytes(60),
    }


def test_a_folder_of_trouble_ends_well(tmp_path):
    art, out = tmp_path / "art", tmp_path / "out"
    art.mkdir()
    good, bad = good_files(), bad_files()
    assert len(good) + len(bad) >= 58
    for name, data in {**good, **bad}.items():
        (art / name).write_bytes(data)
    odd = {"gone.png": lambda path: path.symlink_to(art / "nowhere"), "folder.png": Path.mkdir}
    if hasattr(os, "mkfifo"):
        odd["pipe.png"] = os.mkfifo
    for name, make in odd.items():
        make(art / name)
    loop = art / "loop"
    loop.symlink_to(art)
    summary = prepare(Plan(str(art), str(out), short_edge=96, min_edge=64, eval_share=0.0))
    report = {line["key"]: line for line in map(json.loads, (out / "report.jsonl").read_text().splitlines())}
    assert set(good) | set(bad) <= set(report)
    kept = {key for key, line in report.items() if line["status"] == "kept"}
    gray = {"deep gray.png"}
    assert kept == set(good) - gray, {key: line["reason"] for key, line in report.items() if key in set(good) ^ kept}
    assert all(report[name]["reason"] for name in {*bad, *gray})
    assert all("\n" not in line["reason"] and len(line["reason"]) < 300 for line in report.values())
    assert report["gone.png"]["status"] == "broken" and "does not exist" in report["gone.png"]["reason"]
    if "pipe.png" in odd:
        assert "not a plain file" in report["pipe.png"]["reason"], "reading it would wait forever"
    assert report["bomb.png"]["status"] == "broken" and "pixels" in report["bomb.png"]["reason"]
    assert report["ribbon.png"]["reason"].startswith("too long")
    assert summary.counts == {"train": len(kept)}
    found = {example["key"]: example for example in records.read_hdf5(str(out))}
    assert set(found) == kept and all(min(e["color"].shape[:2]) == 96 for e in found.values())
    assert found["turned.jpg"]["color"].shape == (120, 96, 3), "upright"


def test_a_name_that_is_not_unicode_is_a_name(tmp_path):
    name = os.fsdecode(b"caf\xe9.png")
    art = tmp_path / "art"
    art.mkdir()
    try:
        (art / name).write_bytes(encode_image(drawing(1), "png"))
    except OSError:
        pytest.skip("this file system takes Unicode only")
    prepare(Plan(str(art), str(tmp_path / "out"), short_edge=64, min_edge=64, eval_share=0.0))
    assert [example["key"] for example in records.read_hdf5(str(tmp_path / "out"))] == [name]


def double_or_die(number: int) -> int:
    if number == 3:
        os._exit(11)
    if number == 4:
        raise ValueError("four")
    return 2 * number


def test_a_task_that_kills_its_process_is_the_only_one_that_fails():
    answers = run_all("local:2", double_or_die, [1, 2, 3, 4, 5])
    assert [a for a in answers if not isinstance(a, Exception)] == [2, 4, 10]
    assert isinstance(answers[2], WorkerLostError) and str(answers[3]) == "four"


def test_isolated_tasks_survive_each_other():
    answers = list(run_isolated(double_or_die, [2, 3, 5]))
    assert answers[0] == 4 and isinstance(answers[1], WorkerLostError) and answers[2] == 10
