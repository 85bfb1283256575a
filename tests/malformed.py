"""Requests and files that nobody should send, made by code: the corpus of the tests."""

# ruff: noqa: E501  a corpus reads best one case after the other

from __future__ import annotations

import base64
import io
import json
import random
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from PIL import Image

FORM = "application/x-www-form-urlencoded;"
MULTIPART = "multipart/form-data; boundary=x"
JSON = "application/json"
LONG = "x" * 100_000
TEXTS = ("", " ", "none", "null", "\0", "a\nb", "../..", "C:\\x", "%", "%zz", "ネコ", "\ud800", LONG, "-1", "1e999", "_", "𝄞")
VALUES: tuple[Any, ...] = (
    None, True, -1, 10**400, 1e308, float("nan"), float("inf"), "", "x\ny", LONG, [], [[]], {}, [None], {"a": 1}, [10**400],
)  # fmt: skip


@dataclass(frozen=True)
class Request:
    """One request; `ROOM` in path and body stands for a room that exists, with one painting `STEP`."""

    name: str
    method: str
    path: str
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def scans(count: int, size: tuple[int, int] = (300, 200)) -> bytes:
    """A progressive JPEG with that many more scans, which hold nothing."""
    buffer = io.BytesIO()
    Image.new("RGB", size, "white").save(buffer, "JPEG", progressive=True)
    data = buffer.getvalue()
    start, end = data.rfind(b"\xff\xda"), data.rfind(b"\xff\xd9")
    length = int.from_bytes(data[start + 2 : start + 4], "big")
    return data[:end] + data[start : start + 2 + length] * count + data[end:]


def bomb(width: int, height: int) -> bytes:
    """A PNG that declares far more pixels than its few bytes hold."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def tiff_header(bits: int, sort: int, channels: int, side: int = 7900) -> bytes:
    """A TIFF that declares a large page of such samples and holds a hundred bytes."""
    tags = {256: side, 257: side, 258: bits, 259: 1, 262: 1 if channels == 1 else 2, 273: 8, 277: channels, 278: side,
            279: 100, 339: sort}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    return b"II*\0" + struct.pack("<I", 108) + bytes(100) + struct.pack("<H", len(tags)) + entries + bytes(4)


def files(seed: int = 0) -> Iterator[tuple[str, bytes]]:
    """Damaged, strange and hostile picture files."""
    dice = random.Random(seed)
    for kind in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"):
        buffer = io.BytesIO()
        Image.effect_noise((24, 20), 60).convert("RGB").save(buffer, kind)
        good = buffer.getvalue()
        for part in (1, 2, 4, 10, 30):
            yield f"{kind} cut to 1/{part}", good[: len(good) // part - 1]
        for number in range(8):
            bad = bytearray(good)
            for _ in range(1 + 3 * number):
                bad[dice.randrange(len(bad))] = dice.randrange(256)
            yield f"{kind} with wrong bytes {number}", bytes(bad)
        yield f"{kind} of zeros", good[:20] + bytes(2000)
        yield f"{kind} of 255", good[:30] + b"\xff" * 2000
        yield f"{kind} twice", good[: len(good) // 2] + good
    for size in ((0, 0), (1, 0), (30_000, 30_000), (2**31 - 1, 1), (2**32 - 1, 2**32 - 1), (100_000, 1)):
        yield f"bomb {size}", bomb(*size)
    for bits, sort in ((8, 2), (16, 2), (32, 1), (32, 2), (64, 2), (16, 3), (64, 3), (7, 2), (32, 9)):
        for channels in (1, 3, 4):
            yield f"TIFF of {bits} bits, sort {sort}, {channels} channels", tiff_header(bits, sort, channels)
    yield "scans", scans(100_000)
    yield "segments", b"\xff\xd8" + b"\xff\xfe\x00\x02" * 50_000
    for text in (b"<svg/>", b"%PDF-1.4", b"%!PS-Adobe", b"GIF89a", b"\0" * 4096, b"II*\0", b"MM\0*" + b"\xff" * 99, b"RIFF"):
        yield f"text {text[:8]!r}", text


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def own_jobs() -> Iterator[Request]:
    """Wrong values in every field of a job and of a hint."""
    path = "/api/v1/rooms/ROOM/jobs"
    names = ("kind", "model", "method", "hints", "mix", "lines", "line_color", "reference", "zoom", "super_resolution",
             "output_size", "source", "drawn_by", "seed", "count", "live", "strokes")
    for name in names:
        for value in VALUES:
            yield Request(f"job {name}={value!r:.20}", "POST", path, _json({"kind": "prepare", name: value}), {"Content-Type": JSON})
    for name in ("renderer", "max_strokes", "canvas_color", "seed", "time_budget", "film"):
        for value in VALUES:
            asked = {"model": "strokes", "kind": "prepare", "strokes": {name: value}}
            yield Request(f"strokes {name}={value!r:.20}", "POST", path, _json(asked), {"Content-Type": JSON})
    for name in ("styles", "normalise", "extrapolate", "strength", "keep_color", "keep_lines", "stroke_size", "width"):
        for value in (*VALUES, {"a": "b"}, {LONG: 1}, {"a": 1e400}, {f"s{i}": 1 / 64 for i in range(64)}):
            asked = {"model": "stylizer", "kind": "prepare", "stylizer": {name: value}}
            yield Request(f"stylizer {name}={value!r:.20}", "POST", path, _json(asked), {"Content-Type": JSON})
    for value in (*VALUES, [LONG], ["red " * 2000], ["red dress"] * 50, "red dress"):
        asked = {"model": "tag2pix", "kind": "prepare", "tag2pix": {"tags": value}}
        yield Request(f"tags {value!r:.20}", "POST", path, _json(asked), {"Content-Type": JSON})
    for name in ("x", "y", "color", "kind"):
        for value in VALUES:
            hint = {"x": 0.5, "y": 0.5, "color": "#fff", "kind": "exact", name: value}
            yield Request(f"hint {name}={value!r:.20}", "POST", path, _json({"hints": [hint]}), {"Content-Type": JSON})
    for name in ("brush", "adds", "width", "path"):
        for value in (*VALUES, [{}, 1], [[0.5, 2]], [[0.5]], [[0.5, 0.5]] * 600):
            stroke = {"adds": False, "width": 0.1, "path": [[0.5, 0.5]], name: value}
            hint = {"x": 0.5, "y": 0.5, "color": "#fff", "brush": value if name == "brush" else [stroke]}
            yield Request(f"brush {name}={value!r:.20}", "POST", path, _json({"hints": [hint]}), {"Content-Type": JSON})
    bodies = (b"", b"{", b"[]", b"null", b"1", b'"x"', b"\xff\xfe", b"{}" * 2, b"[" * 5000, b'{"a":' * 5000, b"nan", b"\0",
              b'{"hints":' + b"[" * 900 + b"]" * 900 + b"}", _json({f"k{i}": i for i in range(30_000)}),
              _json({"hints": [{}] * 5000}), _json({"hints": [{LONG: 1}]}), b'{"seed":' + b"9" * 5000 + b"}")
    for body in bodies:
        yield Request(f"job body {body[:12]!r}", "POST", path, body, {"Content-Type": JSON})
        yield Request(f"address {body[:12]!r}", "POST", "/api/v1/rooms", body, {"Content-Type": JSON})


def v3() -> Iterator[Request]:
    """Wrong texts in every field of V3's forms, and wrong values in its options."""
    good = {"/upload_sketch": {"room": "ROOM", "step": "STEP", "sketch": "none", "method": "x"},
            "/request_result": {"room": "ROOM", "step": "STEP", "reference": "none", "options": "{"},
            "/save_as_sample": {"room": "nobody", "step": "STEP"}}
    for path, fields in good.items():
        for name in fields:
            for text in TEXTS:
                body = urlencode({**fields, name: text}, errors="replace").encode()
                yield Request(f"{path} {name}={text!r:.20}", "POST", path, body, {"Content-Type": FORM})
        for body in (b"", b"&" * 1000, b"=" * 1000, b"%" * 999, b"\xff" * 50, b"room", b"a=1;b=2", LONG.encode() + b"=1"):
            yield Request(f"{path} body {body[:9]!r}", "POST", path, body, {"Content-Type": FORM})
    options = {"alpha": 0, "points": [], "method": "colorization", "lineColor": [0, 0, 0], "line": False,
               "hasReference": False}
    point = [0.5, 0.5, 1, 2, 3, 2]

    def painted(name: str, data: bytes) -> Request:
        body = b"room=nobody&step=x&reference=none&options=" + quote(data).encode()
        return Request(name, "POST", "/request_result", body, {"Content-Type": FORM})

    for name in options:
        for value in VALUES:
            yield painted(f"options {name}={value!r:.20}", _json({**options, name: value}))
    for place in range(6):
        for value in VALUES:
            bad = [*point[:place], value, *point[place + 1 :]]
            yield painted(f"point {place}={value!r:.20}", _json({**options, "points": [point, bad]}))


def multipart() -> Iterator[Request]:
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"'
    bodies = {
        "empty": b"", "no end": head + b"\r\n\r\nabc", "only an end": b"--x--\r\n", "no headers": b"--x\r\n\r\nabc\r\n--x--",
        "no blank line": head + b"\r\n--x--", "line feeds": head.replace(b"\r\n", b"\n") + b"\n\nabc\n--x--",
        "empty file": head + b"\r\n\r\n\r\n--x--", "many parts": (head + b"\r\n\r\nabc\r\n") * 40 + b"--x--",
        "charset": head + b"\r\nContent-Type: image/png; charset=nonsense\r\n\r\nabc\r\n--x--",
        "zero": head + b"\r\n\0: 1\r\n\r\nabc\r\n--x--", "length": head + b"\r\nContent-Length: 99\r\n\r\nabc\r\n--x--",
        "long header": head + b"\r\nA: " + LONG.encode() + b"\r\n\r\nabc\r\n--x--",
        "many headers": head + b"\r\nA: 1" * 99 + b"\r\n\r\nabc\r\n--x--",
        "folded": head + b"\r\n b\r\n c\r\n\r\nabc\r\n--x--", "latin": head.replace(b"a.png", b"\xe4\xff") + b"\r\n\r\n\r\n--x--",
        "other type": head.replace(b"form-data", b"attachment") + b"\r\n\r\nabc\r\n--x--",
        "text": b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n' + LONG.encode() + b"\r\n--x--",
        "name charset": b"--x\r\nContent-Disposition: form-data; name=name\r\nContent-Type: text/plain; charset=x\r\n\r\n\xff"
                        b"\r\n--x--",
    }  # fmt: skip
    kinds = (MULTIPART, "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\"x",
             "multipart/form-data; boundary=" + "y" * 3000, "multipart/form-data; boundary=\xe4; charset=nonsense")
    for name in ("page", "layer", "name", "file", "", "page; x", "\0"):
        for text in (b"", b"0", b"-1", b"1e9", b"999999", b"9999999", b"\xff", b"a\nb", b"../x", "ネコ".encode(), b"x" * 9000):
            start = f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode()
            body = start + text + b"\r\n" + head + b"\r\n\r\nabc\r\n--x--"
            yield Request(f"{name}={text[:9]!r}", "POST", "/api/v1/rooms", body, {"Content-Type": MULTIPART})
    jobs = (b"", b"{", b"[]", b"null", b"1", b"{}" * 2, b"[" * 5000, b'{"hints":' + b"[" * 900, _json({"hints": [{}] * 5000}),
            _json({f"k{i}": i for i in range(30_000)}), _json({"kind": "preview"}), _json({"source": "x"}), b"\xff\xfe",
            _json({"reference": "x"}), _json({"model": "x"}), _json({"zoom": True}), b'{"seed":' + b"9" * 5000 + b"}",
            b"x" * 2_000_000)
    for query in ("", "?format=x", "?format=jpg&only=lines", "?size=x", "?background=x", "?format=psd&only=lines", "?only=%ff"):
        for text in jobs if not query else (b"{}",):
            start = b'--x\r\nContent-Disposition: form-data; name="job"\r\n\r\n'
            body = start + text + b"\r\n" + head + b"\r\n\r\nabc\r\n--x--"
            yield Request(f"one call {query} {text[:9]!r}", "POST", f"/api/v1/colorize{query}", body, {"Content-Type": MULTIPART})
    for path in ("/api/v1/rooms", "/api/v1/rooms/ROOM/references", "/upload_sketch", "/api/v1/colorize"):
        for name, body in bodies.items():
            yield Request(f"{path} {name}", "POST", path, body, {"Content-Type": MULTIPART})
        for kind in kinds[1:]:
            yield Request(f"{path} {kind[:40]}", "POST", path, bodies["empty file"], {"Content-Type": kind})


def headers() -> Iterator[Request]:
    """Headers that a browser never sends, or that belong to other programs on this computer."""
    room = "/api/v1/rooms/ROOM"
    cookies = ("a/b=1", "user@app=1", "a,b=1", "=", ";;;", "a", "\xff=\xff", "s2p_session=x", "s2p_session=" + "0" * 32, LONG,
               'a="', "s2p_session=;s2p_session", "$Version=1", "a=b\tc")
    for text in cookies:
        yield Request(f"cookie {text[:12]!r}", "GET", "/api/v1/status", headers={"Cookie": text})
        yield Request(f"cookie {text[:12]!r} post", "POST", "/get_sample_list", headers={"Cookie": text})
    for text in ("http://[", "http://[::1", "null", "", "http://", "x", "http://a b", "http://\xff", "file:///", "http://[v1.x]"):
        yield Request(f"origin {text!r}", "POST", "/get_sample_list", headers={"Origin": text})
    for text in ("[", "[::1", "a b", "", "\xff", "localhost:99999999", "localhost:x", "@", "localhost@x", "%", LONG):
        yield Request(f"host {text[:12]!r}", "GET", "/api/v1/status", headers={"Host": text})
    for text in ("", "a" * 9000, "application/json; charset=nonsense", FORM + "charset=nonsense", ";", "/", "\xff", "text/plain"):
        for path in ("/upload_sketch", f"{room}/jobs", "/api/v1/rooms"):
            yield Request(f"type {text[:12]!r} {path}", "POST", path, b"{}x", {"Content-Type": text})
    for text in ("bytes=", "bytes=-", "bytes=5-2", "bytes=" + "0-1," * 999, "x", "bytes=99999999999999999999-", "bytes=a-b"):
        yield Request(f"range {text[:12]!r}", "GET", "/s2p/js/main.js", headers={"Range": text})
    for text in ("x", "Thu, 99 Foo 9999", "Thu, 01 Jan 0000 00:00:00 GMT", "\xff", "Sat, 29 Oct 99999 19:43:31 GMT"):
        yield Request(f"since {text!r}", "GET", "/s2p/js/main.js", headers={"If-Modified-Since": text})


def paths() -> Iterator[Request]:
    texts = ("..", "%2e%2e", "%00", "a%0ab", "%ff", "%F0%90", LONG[:6000], "a%2fb", "ROOM%20", "-", "%5c..%5c", "~", "%c3%28")
    ends = ("", "/files/x", "/files/sketch.original.jpg%00", "/results/x.png", "/results/STEP.exe", "/results/STEP/hints",
            "/regions", "/files/..%2f..%2fconfig.ini", "/results/STEP.png?size=x", "/results/STEP/hints?format=x",
            "/regions?method=%ff", "/results/%00.png")
    for text in texts:
        for method in ("GET", "DELETE", "POST"):
            yield Request(f"{method} room {text[:9]}", method, f"/api/v1/rooms/{text}")
        yield Request(f"job {text[:9]}", "GET", f"/api/v1/jobs/{text}")
        yield Request(f"events {text[:9]}", "GET", f"/api/v1/jobs/{text}/events")
        yield Request(f"sample {text[:9]}", "GET", f"/api/v1/samples/{text}/sketch")
        yield Request(f"open {text[:9]}", "POST", f"/api/v1/samples/{text}/rooms")
        yield Request(f"page {text[:9]}", "GET", f"/{text}")
        yield Request(f"client {text[:9]}", "GET", f"/s2p/{text}")
        for what in ("enough", "pause", "resume"):
            yield Request(f"{what} {text[:9]}", "POST", f"/api/v1/jobs/{text}/{what}")
        yield Request(f"forget {text[:9]}", "DELETE", f"/api/v1/jobs/{text}")
        for query in ("size", "format", "method", "intake", "download", text[:9]):
            for end in ("results/STEP.png", "results/STEP/hints", "regions"):
                yield Request(f"{end}?{query}={text[:9]}", "GET", f"/api/v1/rooms/ROOM/{end}?{query}={text[:99]}")
    for end in ends:
        yield Request(f"room {end}", "GET", f"/api/v1/rooms/ROOM{end}")
        yield Request(f"no room {end}", "GET", f"/api/v1/rooms/nobody{end}")
    for method in ("PUT", "PATCH", "OPTIONS", "HEAD", "TRACE", "X"):
        yield Request(f"method {method}", method, "/api/v1/rooms/ROOM")


def in_two_ways() -> Iterator[bytes]:
    """Requests of which somebody else may think that they end elsewhere; what follows would then be another request."""
    for method in (b"POST", b"GET"):
        for lengths in (
            b"Content-Length: 0\r\nContent-Length: 42", b"Content-Length: 0, 42", b"Content-Length: +42",
            b"Content-Length: 4_2", b"Content-Length: 0x2a", b"Content-Length: 4\r\n 2", b"X: x\r\n y", b"Content-Length : 42",
            b"Transfer-Encoding: chunked\r\nContent-Length: 42", b"Transfer-Encoding: xchunked",
            b"Transfer-Encoding: identity\r\nContent-Length: 42", b"Transfer-Encoding : chunked\r\nContent-Length: 0",
            b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x", b"Transfer-Encoding: x, chunked",
        ):
            yield method + b" /get_sample_list HTTP/1.1\r\nHost: localhost\r\n" + lengths + b"\r\n\r\n" + (
                b"GET /other HTTP/1.1\r\nHost: localhost\r\n\r\n")


def requests() -> list[Request]:
    return [*own_jobs(), *v3(), *multipart(), *headers(), *paths()]


def uploads() -> Iterator[Request]:
    """The files, through both protocols and as references."""
    for number, (name, data) in enumerate(files()):
        path = ("/api/v1/rooms", "/api/v1/rooms/ROOM/references")[number % 2]
        head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a\nb.png"\r\n\r\n'.replace(b"a\nb", b"ab")
        yield Request(f"file {name}", "POST", path, head + data + b"\r\n--x--\r\n", {"Content-Type": MULTIPART})
        if number % 5 == 0 and len(data) < 100_000:
            sketch = "data:image/png;base64," + base64.b64encode(data).decode()
            body = urlencode({"room": "new", "step": "new", "sketch": sketch, "method": "colorization"}).encode()
            yield Request(f"sketch {name}", "POST", "/upload_sketch", body, {"Content-Type": FORM})


ROOM_FILES = (".s2p.json", ".prepared.json", ".look.json", "result.STEP.json", "options.STEP.json", ".pen.STEP.json",
              "cache/composition_colorization.key.json", "cache/last_hint_points.json")
ROOM_JSON = (b"1", b"[]", b"null", b'"x"', b"{", b"", b"\xff", b"{}", b"NaN", b'{"created": NaN}', b"[" * 3000,
             b'{"name": 1, "width": [], "hints": 3, "created": "x", "id": {}, "zoom": [], "method": 1, "lines": 1}')
RAW = (
    b"\r\n\r\n", b"GET\r\n\r\n", b"GET /\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/x\r\n\r\n", b"\0" * 5000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost\r\n\r\n", b"GET / HTTP/1.1\r\n: x\r\n\r\n", b"GET / HTTP/1.1\r\n\xff: \xff\r\n\r\n",
    b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nA: " + b"a" * 90_000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"A: a\r\n" * 5000 + b"\r\n", b"POST /upload_sketch HTTP/1.1\r\nContent-Length: x\r\n\r\n",
    b"POST /upload_sketch HTTP/1.1\r\nContent-Length: -5\r\n\r\n", b"GET http://[ HTTP/1.1\r\n\r\n",
    b"POST /upload_sketch HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"GET // HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"POST /upload_sketch HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"POST /upload_sketch HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\nabcde", b"\x16\x03\x01\x02\x00\x01\x00",
    b"GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", b"GET / HTTP/1.1\r\nExpect: 100-continue\r\n\r\n",
    b"POST /get_sample_list HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", b"GET / HTTP/1.1\r\nCookie: a/b=1\r\n\r\n",
    b"HEAD / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", b"G\xc3\xa4T / HTTP/1.1\r\n\r\n", b"GET %%% HTTP/1.1\r\n\r\n", b"x" * 9000,
)  # fmt: skip
