"""Networks are converted in a process of its own, and by this one where that is not possible."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from s2p import aside, weights
from s2p.config import Settings
from s2p.pipelines import style2paints
from s2p.runtime import choose
from s2p.runtimes import converted

SETTINGS = Settings(backend="openvino", zoom=0.75)


@pytest.fixture
def asked(tmp_path, monkeypatch):
    """What other processes were asked for, in a process without TensorFlow whose cache is empty."""
    pytest.importorskip("openvino")
    monkeypatch.setenv("S2P_CACHE", str(tmp_path / "not" / "yet"))
    monkeypatch.setattr(aside, "_HEAVY", ())
    found = []

    def run(words, **about):
        found.append((words, about))
        return SimpleNamespace(returncode=0, stderr=b"")

    monkeypatch.setattr(aside.subprocess, "run", run)
    return found


def convert() -> bool:
    return aside.convert_aside("reader", "s2p.pipelines.style2paints:_opened", SETTINGS)


def test_another_process_opens_the_networks_with_the_same_settings(asked):
    assert convert()
    [(words, about)] = asked
    assert words[0] == sys.executable and Settings(**json.loads(words[-1])) == SETTINGS
    assert about["stdout"] == subprocess.DEVNULL, "a worker speaks on its own"


def test_no_process_is_begun_where_there_is_nothing_to_convert(asked, tmp_path, monkeypatch):
    assert not aside.convert_aside("reader", "s2p.pipelines.style2paints:_opened", Settings(backend="tensorflow"))
    with weights.preferring(tmp_path):
        assert not convert()
    monkeypatch.setattr(aside, "_HEAVY", ("json",))
    assert not convert(), "TensorFlow is here already"
    monkeypatch.setattr(aside, "_HEAVY", ())
    found = weights.find("reader")
    runtime = choose(SETTINGS)
    assert weights.has_to_be_converted(found, runtime)
    monkeypatch.setattr(converted, "key_of", lambda *_: "reader")
    (converted.store() / "reader").mkdir(parents=True)
    assert not weights.has_to_be_converted(found, runtime) and not convert()
    assert asked == []


def test_a_cache_that_cannot_be_written_begins_none(asked, monkeypatch):
    monkeypatch.setattr(weights.os, "access", lambda *_: False)
    assert not convert() and asked == []


@pytest.mark.parametrize("how", ["status", "missing", "slow"])
def test_what_fails_there_is_said_and_done_here(asked, how, monkeypatch, caplog):
    def run(words, **about):
        if how == "status":
            return SimpleNamespace(returncode=1, stderr=b"Traceback\nMemoryError: no")
        raise OSError("no such file") if how == "missing" else subprocess.TimeoutExpired(words[:1], 900)

    monkeypatch.setattr(aside.subprocess, "run", run)
    assert not convert()
    assert "this one does" in caplog.text


@pytest.mark.slow
def test_a_process_whose_cache_was_empty_holds_neither_keras_nor_tensorflow(tmp_path, root):
    pytest.importorskip("openvino")
    program = (
        "import sys; from s2p.config import Settings; from s2p.pipelines.style2paints import load;"
        "load(Settings(backend='openvino')); print([one for one in ('tensorflow', 'keras') if one in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=900, cwd=root,
        env={**os.environ, "S2P_CACHE": str(tmp_path)},
    )
    assert done.stdout.splitlines() == ["[]"], done.stderr
    assert len(list((tmp_path / "converted").iterdir())) >= len(style2paints.FILLING)
