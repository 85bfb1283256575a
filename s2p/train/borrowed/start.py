"""Trains all networks here: python start.py --minutes 9 --checkpoint-archive FOLDER [what `s2p train all` takes]

This file stands at the top of a pack (`s2p train pack`). It unpacks the wheels that lie beside it, chooses the backend
(PyTorch where TensorFlow is missing) and runs `s2p train all` on the pictures of the pack. Call it again to go on.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def prepare() -> None:
    """Makes the library and its wheels importable, and chooses the backend."""
    site, wheels = HERE / "site", sorted((HERE / "wheels").glob("*.whl"))
    if wheels and not site.is_dir():
        words = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--target"]
        subprocess.run([*words, str(site), *map(str, wheels)], check=True)
    paths = [str(HERE), str(site)]
    sys.path[:0] = paths
    os.environ["PYTHONPATH"] = os.pathsep.join([*paths, os.environ.get("PYTHONPATH", "")])  # of the loaders, too
    if "KERAS_BACKEND" not in os.environ:
        has_tensorflow = importlib.util.find_spec("tensorflow") is not None
        os.environ["KERAS_BACKEND"] = "tensorflow" if has_tensorflow else "torch"


def words(given: list[str]) -> list[str]:
    """The words of `s2p train all`, with what the pack knows where nothing else was said."""
    archive = HERE / "checkpoints"
    is_given = any(word.split("=")[0] in ("--checkpoint-archive-from", "--carry-from") for word in given)
    extra = ["--data", str(HERE / "pictures")] if "--data" not in given else []
    extra += ["--out", str(HERE / "runs")] if "--out" not in given else []
    extra += ["--checkpoint-archive-from", str(archive)] if archive.is_dir() and not is_given else []
    return ["train", "all", *given, *extra]


if __name__ == "__main__":
    prepare()
    from s2p.cli import main

    raise SystemExit(main(words(sys.argv[1:])))
