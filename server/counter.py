"""How many pictures were painted here: one number in one file, on this computer only."""

from __future__ import annotations

import json
import logging
from pathlib import Path

from s2p.errors import OutputError
from s2p.files import read_json, write_whole

log = logging.getLogger(__name__)


class Counter:
    """A number that survives a restart; whatever is wrong with its file, painting goes on.

    Args:
        path: JSON file; it is written whole, and need not exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._value: int | None = None

    @property
    def value(self) -> int:
        if self._value is None:
            stored = read_json(self._path)
            number = stored.get("painted") if isinstance(stored, dict) else None
            self._value = number if isinstance(number, int) and number >= 0 else 0
        return self._value

    def add(self) -> None:
        self._value = self.value + 1
        try:
            write_whole(self._path, json.dumps({"painted": self._value}).encode())
        except OutputError as error:
            log.warning("the number of paintings is not kept: %s", error)
