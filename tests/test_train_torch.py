"""Training where PyTorch computes: every recipe runs, and what it publishes is the same network under TensorFlow.

The interpreter is this one where it has PyTorch, or the one that `TORCH_PYTHON` names.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from s2p import weights
from s2p.errors import ConfigError, DependencyMissingError
from s2p.train.decoded import Writer
from s2p.train.recipes import get, names
from s2p.xdog import xdog

ROOT = Path(__file__).resolve().parent.parent
PYTHON = os.environ.get("TORCH_PYTHON") or (sys.executable if importlib.util.find_spec("torch") else "")
needs_torch = pytest.mark.skipif(not PYTHON, reason="PyTorch is not installed (or name it: TORCH_PYTHON=python)")

TRAIN = """
import sys, numpy as np, keras
from pathlib import Path
from s2p.train.loop import train
from s2p.train.recipes import get
from s2p.weights import write_weights
assert keras.backend.backend() == "torch"
name, art, out, precision = sys.argv[1:5]
recipe = get(name)(
    data=art, epoch_steps=2, epochs=2, batch_size=2, warmup=1, keep_every=1, ema=0.5, precision=precision,
    **({"degraded": 1.0} if name in ("head", "neck") else {}), **({"semantics": False} if name == "tag2pix" else {}),
)
out = Path(out)
train(recipe, out, stop_after=0.0)  # stops after the first batch and goes on from its checkpoint
train(recipe, out)
if name == "tail":
    from s2p.models.style2paints import tail
    network = tail()
    network.load_weights(out / "tail.weights.h5")
    write_weights(network, out / "published.h5", dtype="float32")
    picture = np.random.default_rng(0).random((1, 24, 40, 3), np.float32)
    np.save(out / "answer.npy", keras.ops.convert_to_numpy(network(picture)))
assert "tensorflow" not in sys.modules, "no TensorFlow on the way"
"""


@pytest.fixture(scope="module")
def art(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("art") / "decoded"
    with Writer(folder) as writer:
        for i in range(4):
            color = np.full((512, 512, 3), 200 + 10 * i, np.uint8)
            cv2.circle(color, (256, 200 + 20 * i), 120, (220, 90, 60), -1)
            cv2.circle(color, (256, 200 + 20 * i), 120, (10, 10, 10), 4)
            lines = np.stack([xdog(color, sigma=s) for s in (0.5, 1.0)], -1)
            writer.add(f"{i}.png", color, lines, tags=[429, 16867])  # a skirt, brown hair
    return folder


def run_torch(name: str, art: Path, out: Path, *, precision: str = "float32") -> None:
    environment = {**os.environ, "KERAS_BACKEND": "torch", "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "2"}
    done = subprocess.run(
        [PYTHON, "-c", TRAIN, name, str(art), str(out), precision], env=environment, capture_output=True, text=True,
        timeout=900, check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert (out / "state-000002.h5").is_file() and (out / f"{name}.weights.h5").is_file()
    assert len((out / "metrics.jsonl").read_text().splitlines()) == 2


@needs_torch
def test_what_torch_publishes_is_the_same_network_under_tensorflow(art, tmp_path):
    run_torch("tail", art, tmp_path)
    from s2p.models.style2paints import tail

    network = tail()
    weights.read_weights(network, tmp_path / "published.h5")
    answer = np.load(tmp_path / "answer.npy")
    own = np.array(network(np.random.default_rng(0).random((1, 24, 40, 3), np.float32)))
    assert np.abs(own - answer).max() <= 1e-4 * float(np.ptp(answer))


@pytest.mark.slow
@needs_torch
@pytest.mark.parametrize("name", [name for name in names() if name != "tail"])
def test_every_recipe_trains_under_torch(name, art, tmp_path):
    run_torch(name, art, tmp_path)


@pytest.mark.slow
@needs_torch
def test_torch_trains_in_bfloat16(art, tmp_path):
    run_torch("girder", art, tmp_path, precision="mixed_bfloat16")


# What holds for every backend -----------------------------------------------------------------------------------------


def test_mixed_precision_trains_and_publishes_float32(art, tmp_path):
    import h5py
    import keras

    from s2p.train.loop import train

    recipe = get("line_extractor")(
        data=str(art), precision="mixed_bfloat16",
        **{"epoch_steps": 2, "epochs": 1, "batch_size": 2, "warmup": 1, "crop": 64},
    )
    model = recipe.model()
    assert model.get_layer("stem").compute_dtype == "float32", "outside a run nothing has changed"
    train(recipe, tmp_path)
    assert keras.config.dtype_policy().name == "float32"
    with h5py.File(tmp_path / "line_extractor.weights.h5") as file:
        kinds = set()
        file.visititems(lambda _, item: kinds.add(item.dtype.name) if isinstance(item, h5py.Dataset) else None)
    assert kinds <= {"float32", "int64"}


@pytest.mark.parametrize("changes", [{"precision": "float8"}, {"devices": "2"}])
def test_what_a_backend_cannot_do_is_said_in_a_sentence(changes, art, tmp_path):
    from s2p.train.loop import train

    with pytest.raises(ConfigError, match=r"mixed_bfloat16|only under jax"):
        train(get("tail")(data=str(art), **changes), tmp_path)
    import keras

    assert keras.config.dtype_policy().name == "float32"


def test_tensorboard_is_written_or_asked_for(art, tmp_path):
    from s2p.train.loop import train

    small = {"epoch_steps": 1, "epochs": 1, "batch_size": 1, "crop": 64}
    recipe = get("tail")(data=str(art), tensorboard=True, **small)
    if importlib.util.find_spec("tensorboard") is None:
        with pytest.raises(DependencyMissingError, match="pip install tensorboard"):
            train(recipe, tmp_path)
    else:
        train(recipe, tmp_path)
        assert list((tmp_path / "tensorboard").glob("events*"))
