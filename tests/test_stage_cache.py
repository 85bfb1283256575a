"""What a painter remembers: everything that still holds, within its bytes, and never anything stale."""

from __future__ import annotations

import numpy as np
import pytest
from fake_networks import fake_networks
from painter_cases import FROM_DRAFT, PAINT_ONLY, SMALL, drawing, painter, sketch

from s2p.config import Settings
from s2p.pipelines.cache import StageCache, content_key
from s2p.pipelines.looking import page_of
from s2p.pipelines.style2paints import Painter
from s2p.schema import Hint, Hints, Options


def test_an_exact_hint_repeats_only_paint_and_finish():
    calls: list[str] = []
    subject = painter(calls)
    subject.paint(sketch())
    assert calls == FROM_DRAFT
    calls.clear()
    subject.paint(sketch(), hints=Hints([Hint(x=0.5, y=0.5, color="#123456")]))
    assert calls == PAINT_ONLY


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"hints": Hints([Hint(x=0.2, y=0.2, color="#f00", kind="draft")])}, FROM_DRAFT),
        ({"options": Options(line_color="#ff0000")}, FROM_DRAFT[2:]),
        ({"options": Options(method="rendering")}, ["neck"]),
        ({"settings": Settings(zoom=0.3, denoise="off")}, FROM_DRAFT),
        ({"settings": SMALL.merged(super_resolution=True)}, ["tail"]),
        ({"sketch_gray": drawing(250, 300)[..., 0]}, FROM_DRAFT),
        ({"reference": drawing(), "options": Options(mix=0.5)}, ["reader", *PAINT_ONLY]),
        ({"reference": drawing(), "options": Options(mix=0.0)}, []),
        ({"options": Options(mix=0.7)}, []),
        ({}, []),
    ],
)
def test_a_change_repeats_what_depends_on_it_and_equals_a_fresh_run(change, expected):
    calls: list[str] = []
    subject = painter(calls)
    subject.paint(sketch())
    calls.clear()
    arguments = {"sketch_gray": sketch()} | change
    again = subject.paint(**arguments)
    assert calls == expected
    fresh = painter().paint(**arguments)
    for name in ("image", "composition", "draft", "lines"):
        assert np.array_equal(getattr(again, name), getattr(fresh, name)), name


def test_going_back_and_forth_never_returns_a_stale_draft():
    subject = painter()
    first = Hints([Hint(x=0.2, y=0.2, color="#f00", kind="draft")])
    second = Hints([Hint(x=0.2, y=0.2, color="#00f", kind="draft")])
    outlined = Options(line_color="#ff0000")
    runs = [(first, Options()), (second, Options()), (first, outlined), (first, Options()), (second, outlined)]
    for hints, options in runs:
        result = subject.paint(sketch(), hints=hints, options=options)
        fresh = painter().paint(sketch(), hints=hints, options=options)
        assert np.array_equal(result.composition, fresh.composition) and np.array_equal(result.image, fresh.image)


@pytest.mark.parametrize("method", ["colorization", "rendering"])
def test_spread_hints_are_cached_as_correctly_as_points(method):
    def spreading() -> Painter:
        networks = fake_networks()
        for name, encoding in (("baby", "propagated"), ("head", "layered"), ("neck", "layered")):
            networks[name].encoding = encoding
        return Painter(networks, settings=SMALL)

    subject = spreading()
    for x in (0.2, 0.8, 0.2):
        hints = Hints([Hint(x=x, y=0.2, color="#f00", kind="draft"), Hint(x=x, y=0.7, color="#00f")])
        result, fresh = (
            painter.paint(sketch(), hints=hints, options=Options(method=method)) for painter in (subject, spreading())
        )
        assert np.array_equal(result.draft, fresh.draft) and np.array_equal(result.image, fresh.image)


def test_preparation_is_remembered_by_picture_zoom_and_denoiser():
    calls: list[str] = []
    subject = painter(calls)
    for settings in (SMALL, SMALL, SMALL.merged(denoise="fast"), SMALL.merged(zoom=0.3), SMALL):
        subject.prepare(drawing(), settings=settings)
    assert calls == ["tail"] * 3


def test_a_shared_cache_keeps_painters_with_other_weights_apart():
    cache, calls = StageCache(), []
    Painter(fake_networks(calls), settings=SMALL, cache=cache).paint(sketch())
    calls.clear()
    Painter(fake_networks(calls), settings=SMALL, cache=cache).paint(sketch())
    assert calls == []
    networks = fake_networks(calls)
    networks["girder"].identity = "another girder"
    Painter(networks, settings=SMALL, cache=cache).paint(sketch())
    assert calls[0] == "girder" and "baby" not in calls
    calls.clear()
    nameless = fake_networks(calls)
    for network in nameless.values():
        network.identity = None
    Painter(nameless, settings=SMALL, cache=cache).paint(sketch())
    assert calls == FROM_DRAFT


def test_the_cache_stays_within_its_bytes_and_drops_the_least_recently_used():
    cache = StageCache(max_bytes=1000)
    for number in range(3):
        cache.put(bytes([number]), np.zeros(300, np.uint8))
    assert cache.used_bytes == 900
    cache.get(b"\0")
    cache.put(b"new", [np.zeros(200, np.uint8), np.zeros(100, np.uint8)])
    assert cache.used_bytes == 900 and b"\0" in cache and b"\1" not in cache
    cache.put(b"too large", np.zeros(1001, np.uint8))
    assert b"too large" not in cache and cache.used_bytes == 900
    cache.put(b"new", np.zeros(10, np.uint8))
    assert cache.used_bytes == 610
    cache.clear()
    assert len(cache) == 0 and cache.used_bytes == 0


def test_a_cache_of_zero_bytes_still_paints():
    calls: list[str] = []
    subject = Painter(fake_networks(calls), settings=SMALL, cache=StageCache(max_bytes=0))
    images = [subject.paint(sketch()).image for _ in range(2)]
    assert np.array_equal(*images) and calls == FROM_DRAFT * 2


def test_cached_arrays_cannot_be_changed_by_their_users():
    subject = painter()
    result = subject.paint(sketch())
    with pytest.raises(ValueError, match="read-only"):
        result.composition[0, 0] = 0


def test_what_is_made_of_arrays_is_kept_whole_and_counted():
    lines = np.full((192, 192), 255, np.uint8)
    lines[60:130, 60] = lines[60:130, 130] = lines[60, 60:130] = lines[130, 60:131] = 0
    cache, page = StageCache(max_bytes=10_000_000), page_of(lines)
    assert cache.remember(b"page", lambda: page) is page
    assert cache.used_bytes == sum(one.nbytes for one in page.arrays()) > lines.nbytes
    with pytest.raises(ValueError, match="read-only"):
        page.regions.labels[0, 0] = 1


def test_keys_differ_for_anything_that_differs():
    array = np.arange(6, dtype=np.uint8)
    inputs = [
        (array,), (array.reshape(2, 3),), (array.astype(np.int16),), (array + 1,), ("a", "bc"), ("ab", "c"),
        (["a"], "bc"), (1,), (1.0,), (True,), ("1",), (None,), (b"1",), ((),), ((), ()), (array[::2],),
    ]
    keys = [content_key("stage", *values) for values in inputs] + [content_key("other", array)]
    assert len(set(keys)) == len(keys)
    assert content_key("stage", array[::-1]) == content_key("stage", array[::-1].copy())
