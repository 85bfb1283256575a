"""The pure modules of the browser client, run in Chromium and held against the library's own reading of hints."""

from __future__ import annotations

import json

import pytest

from s2p.errors import HintError
from s2p.schema import Hints
from tests.client_browser import chromium, server, watched_page

__all__ = ["chromium", "server"]  # fixtures
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(chromium, server):
    """One page for all: the pure modules keep nothing between calls."""
    with watched_page(chromium, server.url) as ours:
        yield ours


HINTS = [{"x": 0.25, "y": 0.125, "color": "#20a040", "kind": "draft"},
         {"x": 1.0, "y": 0.0, "color": "#010203", "kind": "exact"}]
DOC = {"hints": HINTS, "method": "rendering", "mix": 0.25, "reference": {"id": "a"}, "lines": "coloured",
       "lineColor": "#102030"}


def run(page, module: str, body: str, argument=None):
    return page.evaluate(f"async (given) => {{ const m = await import('/js/{module}.js'); {body} }}", argument)


@pytest.mark.parametrize("format", ["s2p", "v3", "v3-options"])
def test_library_reads_what_the_page_writes(page, format):
    text = run(page, "hints", f"return m.writeHintFile('{format}', given)", DOC)
    assert [hint.model_dump() for hint in Hints.loads(text)] == HINTS


def test_page_reads_what_the_library_writes(page):
    library = Hints.from_data({"hints": HINTS})
    for text in (library.dumps(), library.dumps(v3=True)):
        assert run(page, "hints", "return m.readHintFile(given).hints", text) == HINTS


def test_v3_options_are_written_in_v3s_order_and_read_in_any(page):
    text = run(page, "hints", "return m.writeHintFile('v3-options', given)", DOC)
    data = json.loads(text)
    assert list(data) == ["alpha", "points", "method", "lineColor", "line", "hasReference"]
    assert data["points"][0] == [0.25, 0.875, 32, 160, 64, 0]
    backwards = json.dumps(dict(reversed(data.items())))
    read = run(page, "hints", "return m.readHintFile(given)", backwards)
    assert read["options"] == {"method": "rendering", "mix": 0.25, "lineColor": "#102030", "lines": "coloured"}


@pytest.mark.parametrize("text", [
    "{", "null", "3", "{}", '{"hints": [{"x": 1}]}', '{"hints": [{"x": 0, "y": 0, "color": "red"}]}',
    '{"hints": [{"x": 0, "y": 0, "color": "#fff000", "kind": "loud"}]}', "[[1, 2, 3]]", "[[0, 0, 0, 0, 0, 7]]",
    '[[0, 0, "a", 0, 0, 2]]', "[[1.2, 0.5, 0, 0, 0, 2]]", '{"points": [[350, 500, 0, 0, 0, 2]]}',
    '{"hints": [{"x": 350, "y": 5, "color": "#fff000"}]}', '{"hints": [{"x": "0.5", "y": 0, "color": "#fff000"}]}',
    '{"hints": [{"x": 0, "y": 0, "color": "#fff000", "brush": [{"width": 0, "path": [[0, 0]]}]}]}',
    '{"hints": [{"x": 0, "y": 0, "color": "#fff000", "brush": [{"width": 0.1, "path": [[0, 1.2]]}]}]}',
    '{"hints": [{"x": 0, "y": 0, "color": "#fff000", "brush": 5}]}',
    '{"hints": [{"x": true, "y": 0, "color": "#fff000"}]}', '[{"x": NaN, "y": 0, "color": "#fff000"}]',
])
def test_broken_hint_files_are_refused_by_both(page, text):
    body = "try { m.readHintFile(given); return 'read'; } catch (error) { return error.name; }"
    name = run(page, "hints", body, text)
    assert name == "HintFileError"
    with pytest.raises(HintError):
        Hints.loads(text)


def test_hit_prefers_the_nearest_hint(page):
    body = """
      const hints = [m.makeHint(0.5, 0.5, '#000000'), m.makeHint(0.52, 0.5, '#ffffff')];
      const project = (hint) => ({x: hint.x * 100, y: hint.y * 100});
      return [m.hitHint(hints, 50.4, 50, 5, project), m.hitHint(hints, 51.6, 50, 5, project),
              m.hitHint(hints, 80, 50, 5, project), m.hitAll(hints, 51, 50, 5, project)];
    """
    assert run(page, "hints", body) == [0, 1, -1, [0, 1]]


def test_history_forgets_the_future_and_merges_runs(page):
    body = """
      let h = m.startHistory(0);
      h = m.pushHistory(h, 1); h = m.pushHistory(h, 2, 'slide'); h = m.pushHistory(h, 3, 'slide');
      const merged = h.past.length;
      h = m.sealHistory(h); h = m.pushHistory(h, 4, 'slide');
      h = m.undoHistory(h); h = m.undoHistory(h);
      const back = h.present;
      const forward = m.redoHistory(h).present;
      h = m.pushHistory(h, 9);
      return [merged, back, forward, m.canRedo(h), m.undoHistory(m.startHistory(5)).present, m.pushHistory(h, 9) === h];
    """
    assert run(page, "history", body) == [2, 1, 3, False, 5, True]


def test_viewport_keeps_points_fixed_and_the_picture_in_sight(page):
    body = """
      const picture = {width: 700, height: 1000}, view = {width: 800, height: 600};
      const fitted = m.fitViewport(picture, view);
      const at = {x: 123, y: 456};
      const before = m.toPicture(fitted, picture, at);
      const zoomed = m.zoomViewport(fitted, 3, at, {min: 0.01});
      const after = m.toPicture(zoomed, picture, at);
      const [from, to] = [[{x: 100, y: 100}, {x: 200, y: 100}], [{x: 50, y: 200}, {x: 250, y: 200}]];
      const pinched = m.pinchViewport(fitted, from, to, {min: 0.01});
      const finger = m.toScreen(pinched, picture, m.toPicture(fitted, picture, {x: 100, y: 100}));
      const lost = m.clampViewport({scale: 1, x: 5000, y: -5000}, picture, view);
      return [Math.hypot(before.x - after.x, before.y - after.y), Math.hypot(finger.x - 50, finger.y - 200),
              lost.x < 800 && lost.y > -1000, zoomed.scale / fitted.scale,
              m.zoomViewport(fitted, 1e9, at, {min: 0.01}).scale];
    """
    moved, slipped, in_sight, factor, largest = run(page, "viewport", body)
    assert moved < 1e-9 and slipped < 1e-9 and in_sight
    assert abs(factor - 3) < 1e-9 and largest == 32


def test_colours_survive_the_way_through_hsv(page):
    body = """
      const failed = [];
      for (let n = 0; n < 0xffffff; n += 4099) {
        const color = '#' + n.toString(16).padStart(6, '0');
        if (m.fromHsv(m.toHsv(color)) !== color) failed.push(color);
      }
      return failed;
    """
    assert run(page, "palette", body) == []


def test_hex_is_read_kindly_and_recent_colours_do_not_repeat(page):
    body = """
      let recent = [];
      for (const color of ['#000001', '#000002', '#000001']) recent = m.addRecent(recent, color);
      for (let n = 0; n < 40; n++) recent = m.addRecent(recent, '#0000' + (n + 16).toString(16));
      return [m.parseHex(' 7E0 '), m.parseHex('#77ee00'), m.parseHex('red'), m.parseHex(''),
              m.addRecent(['#1', '#2'], '#2'), recent.length, m.inkOn('#ffffff'), m.inkOn('#101010'),
              m.TONES.every((t) => t.colors.every((c) => m.parseHex(c) === c))];
    """
    read = ["#77ee00", "#77ee00", None, None]
    assert run(page, "palette", body) == [*read, ["#2", "#1"], 16, "#000000", "#ffffff", True]
