"""Line art into colour on an ordinary computer.

Public names are loaded on first use, so `import s2p` costs next to nothing:

    import s2p
    result = s2p.colorize("drawing.png", hints=[(0.5, 0.25, "#77ee00")], tags="red dress")
    result.save("painted.png")
    s2p.lines("photo.jpg").save("lines.png")
    s2p.strokes("photo.jpg").save("strokes.svg")
    s2p.stylize("photo.jpg", "starry-night").save("night.png")
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from s2p import strokes as strokes
    from s2p.config import Settings as Settings
    from s2p.errors import S2PError as S2PError
    from s2p.evaluation.judge import evaluate as evaluate
    from s2p.pipelines.asking import colorize as colorize
    from s2p.pipelines.asking import lines as lines
    from s2p.pipelines.base import Result as Result
    from s2p.pipelines.style2paints import load as load
    from s2p.pipelines.stylizer import stylize as stylize
    from s2p.schema import Hint as Hint
    from s2p.schema import Hints as Hints
    from s2p.schema import Options as Options

_HOMES = {
    "Hint": "s2p.schema",
    "Hints": "s2p.schema",
    "Options": "s2p.schema",
    "Settings": "s2p.config",
    "S2PError": "s2p.errors",
    "Result": "s2p.pipelines.base",
    "colorize": "s2p.pipelines.asking",
    "evaluate": "s2p.evaluation.judge",
    "lines": "s2p.pipelines.asking",
    "load": "s2p.pipelines.style2paints",
    "stylize": "s2p.pipelines.stylizer",
}
_PACKAGES = {"strokes"}  # that can be called

__all__ = ["Hint", "Hints", "Options", "Result", "S2PError", "Settings", "colorize", "evaluate", "lines", "load",
            "strokes", "stylize"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    if name in _PACKAGES:
        return import_module(f"s2p.{name}")
    raise AttributeError(f"module 's2p' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
