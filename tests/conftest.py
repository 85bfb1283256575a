"""What all tests share: silence, no slow tests unless asked for, and nothing of the person whose computer this is."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
if "PYTEST_XDIST_WORKER" in os.environ:  # a core for each of two: more threads than cores wait for each other
    for variable in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
        os.environ.setdefault(variable, "1")
for variable in [name for name in os.environ if name.startswith("S2P_")]:
    del os.environ[variable]  # settings and weights of a person must not decide a test

# A traced graph is hundreds of thousands of objects: with Python's own numbers the collector looks through all of them
# again and again and takes a tenth of the time.
gc.set_threshold(10_000, 10, 20)

ROOT = Path(__file__).resolve().parent.parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what is marked slow, unless `-m` chooses."""
    if config.getoption("-m"):
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    if slow:
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if not item.get_closest_marker("slow")]


@pytest.fixture(autouse=True)
def _no_user_data(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights that somebody added on this computer are not found."""
    if sys.platform.startswith("linux"):
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path_factory.getbasetemp() / "user-data"))
    base = tmp_path_factory.getbasetemp()
    run = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base  # one cache for all processes of this run
    monkeypatch.setenv("S2P_CACHE", str(run / "user-cache"))  # converted once per run


@pytest.fixture
def root() -> Path:
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="module")
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A service with a fake painter, and its client; a module says in `SERVER` what `server_cases.running` is given."""
    from server_cases import running

    with running(tmp_path_factory.mktemp("server"), **getattr(request.module, "SERVER", {})) as pair:
        yield pair


@pytest.fixture
def app(server: Any) -> Any:
    """Sends requests to the module's `server`."""
    return server[1]
