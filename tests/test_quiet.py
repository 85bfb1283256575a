"""What TensorFlow says while it is loaded (`s2p.runtimes.quiet`)."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from s2p.runtimes.quiet import import_quietly, quietly

GREETER = """
import os
os.write(2, b"WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\\n")
os.write(2, b"I0000 00:00:1.2 3 port.cc:153] oneDNN custom operations are on. You may see other results.\\n")
os.write(2, b"Could not load a library of the GPU\\n")
"""


@pytest.fixture
def greeter(tmp_path, monkeypatch):
    """A module that says on descriptor 2 what TensorFlow says, where TensorFlow was never loaded."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)

    written = []

    def write(text: str) -> str:
        written.append(f"greeter_of_quiet_{len(written)}")
        (tmp_path / f"{written[-1]}.py").write_text(text)
        return written[-1]

    yield write
    for name in written:
        sys.modules.pop(name, None)


def test_the_greeting_is_left_out_and_nothing_else(greeter, capfd):
    assert import_quietly(greeter(GREETER)).os is os
    os.write(2, b"afterwards\n")
    assert capfd.readouterr().err == "Could not load a library of the GPU\nafterwards\n"


def test_what_is_of_no_use_is_left_out_of_work_too(capfd):
    with quietly():
        os.write(2, b"E0000 00:00:1.2 3 util.cc:131] oneDNN supports DT_UINT8 only on platforms with AVX-512.\n")
        os.write(2, b"E0000 00:00:1.2 3 a.cc:1] the disk is full\n")
    assert capfd.readouterr().err == "E0000 00:00:1.2 3 a.cc:1] the disk is full\n"


def test_what_is_said_before_a_failure_is_said(greeter, capfd):
    with pytest.raises(ImportError, match="no such library"):
        import_quietly(greeter(GREETER + "raise ImportError('no such library')\n"))
    os.write(2, b"afterwards\n")
    assert capfd.readouterr().err == "Could not load a library of the GPU\nafterwards\n"


def test_two_threads_leave_stderr_where_it_was(greeter, capfd):
    names = [greeter(GREETER + "import time\ntime.sleep(0.2)\n") for _ in range(3)]
    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(import_quietly, names))
    os.write(2, b"afterwards\n")
    assert capfd.readouterr().err == "Could not load a library of the GPU\n" * len(names) + "afterwards\n"
