"""The worker's painters: the default one at once, others when somebody first asks for them."""

from __future__ import annotations

import importlib
import logging
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from s2p import systems
from s2p.config import Settings
from s2p.progress import Reporter

log = logging.getLogger(__name__)

KEPT_BESIDE = 1  # painters in memory besides the default one


class Painters:
    """Painters by their model and set of weights; the default one stays, the others make room for each other.

    Args:
        settings: for all of them.
        spec: `module:function` that makes them instead of `s2p`; for tests.
    """

    def __init__(self, settings: Settings, spec: str | None = None) -> None:
        self._settings = settings
        self._make = _maker(spec)
        self._loaded: OrderedDict[tuple[str, str], Any] = OrderedDict()

    def get(
        self, name: str = systems.DEFAULT, report: Reporter | None = None, *, weights_set: str | None = None
    ) -> Any:
        """The painter of a model, loaded now if it is not there; the stage `load` is reported then.

        Args:
            weights_set: of another set than that of the settings; None, and models that have none, for the usual one.
        """
        key = self._key(name, weights_set)
        if key not in self._loaded:
            if report is not None:
                report.stage("load")
                report.check()
            self._make_room(key)
            log.info("loading the model %s", name)
            self._loaded[key] = self._make(name, self._settings.merged(weights_set=key[1]))
        self._loaded.move_to_end(key)
        return self._loaded[key]

    def _key(self, name: str, weights_set: str | None) -> tuple[str, str]:
        takes = systems.system_of(name).takes("weights_set")
        return name, self._settings.weights_set if weights_set is None or not takes else weights_set

    def describe(self) -> list[dict[str, Any]]:
        """Name, title and untrained networks of every model, without loading one for it."""
        found = [(system, self._untrained(system)) for system in systems.SYSTEMS]
        return [{**system.describe(), "trained": not names, "untrained": names} for system, names in found]

    def _untrained(self, system: systems.System) -> list[str]:
        painter = self._loaded.get(self._key(system.name, None))
        if painter is not None:
            return [name for name, network in painter.networks.items() if not network.trained]
        from s2p.weights import find

        return [name for name in system.networks if not find(name, self._settings).trained]

    def stage_weights(self, name: str, *, weights_set: str | None = None) -> dict[str, float]:
        """Relative cost of the stages of a model, that of loading its networks included where it is not there yet."""
        system = systems.system_of(name)
        is_there = self._key(name, weights_set) in self._loaded or not system.networks
        return dict(system.stages) if is_there else {"load": 2.0 * sum(system.stages.values()), **system.stages}

    def _make_room(self, key: tuple[str, str]) -> None:
        usual = self._key(systems.DEFAULT, None)
        beside = [other for other in self._loaded if other != usual]
        if key != usual and len(beside) >= KEPT_BESIDE:
            del self._loaded[beside[0]]


def _maker(spec: str | None) -> Callable[[str, Settings], Any]:
    if spec is None:
        from s2p.pipelines.request import load

        return load
    module, _, function = spec.partition(":")
    make = getattr(importlib.import_module(module), function)
    return lambda name, settings: make(settings) if name == systems.DEFAULT else make(settings, model=name)
