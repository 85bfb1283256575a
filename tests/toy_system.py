"""A system that one row adds: it paints everything in the first hint's colour. `tests/test_systems.py` looks for it."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from s2p import networks, systems
from s2p.networks import NetworkSpec
from s2p.schema import SystemOptions
from s2p.systems import System

TOY = System(
    "toy", "Toy", "Paints everything in one colour.", "tests.toy_system", networks=("toy_brush",),
    uses=frozenset({"hints", "tags"}), stages={"paint": 1.0}, lane="toys", options="tests.toy_system:ToyOptions",
)
BRUSH = NetworkSpec("toy_brush", "one dab", "tests.toy_system:brush")


class ToyOptions(SystemOptions):
    """How dark a picture without hints becomes, `gray` in 0..255."""

    gray: int = Field(default=90, ge=0, le=255)


def add() -> None:
    """Adds the two rows to the tables of this process."""
    if TOY not in systems.SYSTEMS:
        systems.SYSTEMS = (*systems.SYSTEMS, TOY)
        networks.NETWORKS = (*networks.NETWORKS, BRUSH)


def brush(*, variant: str = "turbo"):
    import keras

    return keras.Sequential([keras.Input((None, None, 3)), keras.layers.Conv2D(3, 1, name="dab")], name="toy_brush")


class ToyPainter:
    networks: dict = {}  # noqa: RUF012

    def run(self, request, report=None):
        from s2p.image import as_picture
        from s2p.pipelines.base import Result

        picture = as_picture(request.image)
        if report is not None:
            report.stage("paint")
            report.check()
        painted = np.full_like(picture, (request.own or ToyOptions()).gray)
        if len(request.hints):
            painted[...] = request.hints[0].rgb
        return Result(
            image=painted, lines=picture.min(axis=2), timings={"paint": 0.0},
            files={"svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>", "mp4": bytes(range(100))},
        )


def load(settings=None) -> ToyPainter:
    return ToyPainter()


def painter(settings, *, model="style2paints"):
    """For the server's worker, which is a process of its own."""
    from tests import server_fakes

    add()
    return ToyPainter() if model == "toy" else server_fakes.painter(settings, model=model)
