"""What pydantic refuses is told in sentences of ours, in Python and over REST."""

from __future__ import annotations

import pytest

import s2p
from s2p.errors import HintError, InputError, S2PError
from s2p.strokes.options import StrokeOptions
from server import requests

FOREIGN = ("Input should", "Field required", "Extra inputs", "pydantic", "validation error", "type=")
POINT = {"x": 0.5, "y": 0.25, "color": "#f0c8a0"}

JOBS = [
    ({"hints": "x"}, "hints must be a list. Received: 'x'."),
    ({"hints": [3]}, "hints[0] must be an object. Received: 3."),
    ({"mix": 2}, "mix must be a number from 0 to 1. Received: 2."),
    ({"zoom": 9}, "zoom must be a number from 0.25 to 2. Received: 9."),
    ({"method": "x"}, "method must be colorization, rendering or recolorization. Received: 'x'."),
    ({"line_color": "zz"}, "line_color: A colour must look like #77ee00. Received: 'zz'."),
    ({"seed": 1.5, "kind": "suggest"}, "seed must be a whole number from 0 to 2147483647. Received: 1.5."),
    ({"super_resolution": "yes"}, "super_resolution must be true or false. Received: 'yes'."),
    ({"weights_set": "a" * 50}, "weights_set must have at most 40 letters. Received: 'aaa"),
    ({"hint": []}, "There is no hint; there are kind, model,"),
    ({"model": 3}, "model must be style2paints,"),
    ({"model": "strokes", "strokes": {"max_strokes": 1}},
     "strokes.max_strokes must be a whole number from 10 to 5000. Received: 1."),
    ({"model": "strokes", "strokes": {"max_stroke": 50}}, "There is no max_stroke in strokes; there are renderer,"),
    ({"model": "strokes", "strokes": 3}, "strokes must be an object. Received: 3. Its fields are renderer,"),
    ({"model": "strokes", "strokes": {"min_size": 0.5, "max_size": 0.5}}, "strokes: min_size must be less"),
    ({"style2paints": {"tags": [4]}}, "style2paints.tags[0] must be text. Received: 4."),
    ({"model": "stylizer", "stylizer": {"styles": {"wave": "x"}}}, "stylizer.styles.wave must be a number."),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "told"), JOBS, ids=lambda value: str(value)[:40])
def test_a_job_is_refused_with_the_rule_and_what_was_received(asked, told):
    with pytest.raises(InputError) as caught:
        requests.read(asked)
    assert str(caught.value).startswith(told)
    assert not [word for word in FOREIGN if word in str(caught.value)]


PYTHON = [
    (lambda: s2p.Hint(), "Hint.x is missing. Write x=0.5"),  # pyright: ignore[reportCallIssue]
    (lambda: s2p.Hint(x=0.5, y=0.5), "Hint.color is missing. Write x=0.5"),  # pyright: ignore[reportCallIssue]
    (lambda: s2p.Hint(0.5, 0.5, "#fff", "odd"), "Hint.kind must be draft or exact. Received: 'odd'."),  # pyright: ignore
    (lambda: s2p.Hint(0.5, 0.5, 3), "Hint.color must be text such as #77ee00. Received: 3."),  # pyright: ignore
    (lambda: s2p.Hint(x=0.5, y=0.5, colour="#fff"), "There is no colour in Hint; there are x, y, color, kind, unit,"),  # pyright: ignore
    (lambda: s2p.Hint(0.5, y=0.5, x=0.5, color="#fff"), "Hint takes x, y, color, kind, unit, brush, each once."),  # pyright: ignore
    (lambda: s2p.Hint(*range(9)), "Hint takes x, y, color, kind, unit, brush, each once."),  # pyright: ignore
    (lambda: s2p.Hint.parse("0.5,0.5,#fff,odd"), "A hint's kind must be draft or exact. Received: '0.5,0.5,#fff,odd'."),
    (lambda: s2p.Hints.from_data({"hints": [POINT, {"x": 0.5}]}), "hints[1].y is missing. Write x=0.5"),
    (lambda: s2p.Hints.from_data({"hints": [{**POINT, "size": 3}]}), "There is no size in hints[0]; there are x, y,"),
    (lambda: s2p.Hints.from_data({"unit": "mm", "hints": [POINT]}), "hints[0].unit must be share or px."),
    (lambda: s2p.Options(mix=3), "Options.mix must be a number from 0 to 1. Received: 3."),
    (lambda: s2p.Options(method="x"), "Options.method must be colorization, rendering or"),  # pyright: ignore
    (lambda: s2p.Options(mixed=1), "There is no mixed in Options; there are method, mix, line_color. Did you mean"),  # pyright: ignore
    (lambda: StrokeOptions(max_strokes=1), "StrokeOptions.max_strokes must be a whole number from 10 to 5000."),
]  # fmt: skip


@pytest.mark.parametrize(("make", "told"), PYTHON, ids=lambda value: value[:50] if isinstance(value, str) else "")
def test_a_value_that_a_program_makes_is_refused_in_the_same_words(make, told):
    with pytest.raises(S2PError) as caught:
        make()
    assert str(caught.value).startswith(told)
    assert not [word for word in FOREIGN if word in str(caught.value)]
    assert isinstance(caught.value, HintError) == ("Options" not in told)


def test_a_hint_may_be_given_by_place():
    assert s2p.Hint(0.5, 0.25, "#7e0", "draft") == s2p.Hint(x=0.5, y=0.25, color="#77ee00", kind="draft")
