"""`s2p train`, `s2p prepare` and `s2p serve`."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from s2p.errors import DependencyMissingError, InputError


def train_command(
    recipe: Annotated[str, typer.Argument(help="Name of a recipe, such as baby; `list` shows all.")],
    data: Annotated[Path | None, typer.Option(help="Folder of training pictures, made by `s2p prepare`.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the run; a run in it is continued.")] = None,
    change: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Change a field of the recipe.")
    ] = None,
    minutes: Annotated[float | None, typer.Option(min=0.0, help="Stop after so long; call again to continue.")] = None,
) -> int:
    """Trains a network; the same command continues a run that was stopped."""
    # Halves the time of a training step; inference is faster without.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    from s2p.train import recipes

    if recipe == "list":
        print("\n".join(recipes.names()))
        return 0
    if data is None or out is None:
        raise InputError("Training needs --data FOLDER and --out FOLDER.")
    chosen = recipes.configure(recipe, data=data, changes=change or [])

    from s2p.train.loop import train

    print(train(chosen, out, stop_after=minutes))
    return 0


def prepare_command(context: typer.Context) -> int:
    """Turns a folder of art into training data (`s2p prepare --help` shows how)."""
    _look_for("preprocess.__main__")
    words = context.args
    is_command = bool(words) and not words[0].startswith("-")
    return importlib.import_module("preprocess.__main__").main(words if is_command else ["prepare", *words])


def serve_command(context: typer.Context) -> int:
    """Paints in the browser (`s2p serve --help` shows how)."""
    # The server wants a process of its own, whose first statement is gevent's patch.
    words = [sys.executable, _look_for("server.server"), *context.args]
    if os.name == "posix":
        os.execv(words[0], words)
    program = subprocess.Popen(words)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches the server, which ends by itself
    return program.wait()


def _look_for(module: str) -> str:
    """The file of a program that the library does not know but its command line may start."""
    package = module.partition(".")[0]
    found = importlib.util.find_spec(module) if importlib.util.find_spec(package) else None
    if found is None or found.origin is None:
        raise DependencyMissingError(
            f"The package {package!r} is not installed. In the project's folder: pip install -e ."
        )
    return found.origin
