"""What every painter runs its networks and its stages with: told to whoever watches, timed, and a chance to cancel."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from s2p.errors import WeightsMissingError
from s2p.pipelines.base import timed
from s2p.progress import Reporter
from s2p.runtime import Network


class NetworkRunner:
    """Runs networks by name for one job, with a chance to cancel before each.

    Args:
        networks: by name.
        report: progress and cancelling.
    """

    def __init__(self, networks: Mapping[str, Network], report: Reporter) -> None:
        self._networks = networks
        self.report = report

    def __call__(self, name: str, glue_function: Callable[..., Any], *inputs: Any) -> Any:
        self.report.check()
        return glue_function(self.network(name), *inputs)

    def __contains__(self, name: str) -> bool:
        return name in self._networks

    def show(self, stage: str, image: np.ndarray) -> None:
        """Hands the RGB picture of a finished stage to a reporter that has the optional method `picture`."""
        picture = getattr(self.report, "picture", None)
        if picture is not None:
            picture(stage, image)

    def network(self, name: str) -> Network:
        """The network called `name`; raises `WeightsMissingError`."""
        if name not in self._networks:
            raise WeightsMissingError(f"This step needs the network {name!r}, which is not loaded.")
        return self._networks[name]


@contextmanager
def step(call: NetworkRunner, timings: dict[str, float], name: str) -> Iterator[None]:
    """Runs its block as the stage `name`: told to the reporter, timed, and a chance to cancel before."""
    call.report.stage(name)
    call.report.check()
    with timed(timings, name):
        yield
    call.report.update(1.0)
