"""Converts networks in a process of its own, so that the one that paints never holds TensorFlow and Keras (0.6 GB)."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from s2p import runtime, weights
from s2p.config import Settings
from s2p.runtimes import torch

_SECONDS = 900.0  # after which it is given up
_PROGRAM = (
    "import json, sys; from s2p.config import Settings; from {module} import {name}; "
    "{name}(Settings(**json.loads(sys.argv[1])))"
)
_HEAVY = ("tensorflow", "keras")
_LOG = logging.getLogger(__name__)


def convert_aside(first: str, opener: str, settings: Settings) -> bool:
    """Lets another process open networks, which converts them into the user's cache, where that has to be done.

    Whatever goes wrong there, this process can still convert them itself.

    Args:
        first: network that is converted before the others; where it is in the cache, all are taken to be.
        opener: `module:function` that opens all of them, given the settings.
        settings: of the painter.

    Returns: whether another process did it.
    """
    if not _is_wanted(first, settings):
        return False
    module, _, name = opener.partition(":")
    root = str(Path(__file__).resolve().parent.parent)
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    _LOG.info("converting the networks in a process of its own; this happens once")
    try:
        done = subprocess.run(
            [sys.executable, "-c", _PROGRAM.format(module=module, name=name), json.dumps(asdict(settings))],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)}, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=_SECONDS, check=False,
        )
    except (OSError, subprocess.SubprocessError) as error:
        _LOG.warning("no process of its own could convert the networks (%s); this one does.", error)
        return False
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2][:200]
        _LOG.warning("the process that converts the networks failed (%s); this one does it.", last)
    return done.returncode == 0


def _is_wanted(first: str, settings: Settings) -> bool:
    if not sys.executable or torch.is_chosen() or any(name in sys.modules for name in _HEAVY):
        return False
    return weights.has_to_be_converted(weights.find(first, settings), runtime.choose(settings))
