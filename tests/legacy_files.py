"""What the tests of Keras 2 files share: the recorded files, what they must answer, and copies with something changed.

Every file was written by the real old Keras (see `tests/legacy/write_fixtures.py`).
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
from keras import ops

from s2p import legacy
from s2p.errors import LegacyModelError

FOLDER = Path(__file__).parent / "legacy"
TOLERANCE = 2e-5


def recorded(name: str) -> tuple[list[np.ndarray], list[np.ndarray], list[str]]:
    data = np.load(FOLDER / f"{name}.npz")
    xs = [data[f"x{i}"] for i in range(len(data.files)) if f"x{i}" in data]
    ys = [data[f"y{i}"] for i in range(len(data.files)) if f"y{i}" in data]
    return xs, ys, [str(label) for label in data["names"]]


def run(model: keras.Model, xs: list[np.ndarray]) -> list[np.ndarray]:
    results = model(xs if len(xs) > 1 else xs[0], training=False)
    return [ops.convert_to_numpy(r) for r in (results if isinstance(results, (list, tuple)) else [results])]


def differences(model: keras.Model, name: str) -> dict[str, float]:
    xs, ys, names = recorded(name)
    results = run(model, xs)
    assert len(results) == len(ys)
    found = {}
    for index, (result, wanted) in enumerate(zip(results, ys)):
        assert result.shape == wanted.shape, names[index % len(names)]
        found[f"{index} {names[index % len(names)]}"] = float(np.abs(result - wanted).max())
    return found


def changed(tmp_path: Path, name: str, change) -> Path:
    """A copy of a fixture with `change(open_file)` applied."""
    path = tmp_path / "changed.net"
    shutil.copy(FOLDER / f"{name}.net", path)
    path.chmod(0o644)
    with h5py.File(path, "r+") as file:
        change(file)
    return path


def edit_config(edit):
    def change(file: h5py.File) -> None:
        config = json.loads(file.attrs["model_config"])
        edit(config)
        file.attrs["model_config"] = json.dumps(config)

    return change


def refusal(path: Path) -> str:
    with pytest.raises(LegacyModelError) as caught:
        legacy.load(path)
    text = str(caught.value)
    assert text.startswith(path.name) and "\n" not in text
    return text
