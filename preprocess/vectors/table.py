"""Which part the shapes of an SVG show: rules on groups and colours, as data.

    {"rules": [{"group": "^hair", "part": "hair"}, {"color": "#f2d3b1", "part": "skin"},
               {"group": "^line", "part": "ink"}],
     "otherwise": "cloth", "lines": "ink"}

The first rule that fits a mark decides.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from s2p.errors import ConfigError, InputError

from ..synthetic.parts import NUMBERS

PARTS = (*NUMBERS, "cloth", "ink", "below", "unknown", "none")
LINES = ("ink", "borders", "both")


@dataclass(frozen=True)
class Rule:
    """What a mark shows when it fits all that is given.

    Attributes:
        part: a part of `preprocess.synthetic.parts` (`cloth`: a number for each colour), `ink` (the drawing),
            `below` (a shade: seen, but the label is that of what lies below), `unknown`, or `none` (left out).
        group: regular expression, found in the id or label of the shape or of a group around it.
        color: regular expression for the whole colour, such as `#ffffff|#f6f1e4`.
        side: `fill` or `stroke`.
        within: `(left, top, right, bottom)` as shares of the picture: the middle of what is seen of it lies there.
        most: share of the picture's longer side. Neither broader nor higher.
        rounded: about as broad as high.
        inked: the drawing shows it black too, such as a pupil or a brow.
        chance: float in [0, 1]. Share of the figures for which the rule holds.
        solid: of ink: the part that it shows where it is much broader than a line.
    """

    part: str
    group: str = ""
    color: str = ""
    side: str = ""
    within: tuple[float, float, float, float] | None = None
    most: float = 0.0
    rounded: bool = False
    inked: bool = False
    chance: float = 1.0
    solid: str = "unknown"


@dataclass(frozen=True)
class Table:
    """All rules of a collection.

    Attributes:
        rules: the first that fits decides.
        otherwise: part of what no rule fits.
        lines: `ink` (the artist's), `borders` (between areas of different colour or part), or `both` (borders where
            no ink is near).
        files: regular expression for the names of the files that are used.
        thin: ink strokes may be drawn thinner than they are, because fills reach to their middle.
        keeps: parts whose colours stay as they are.
        persons: regular expression for the groups of one of several people, whose last two characters tell them apart.
        stands: the picture is cut off below, like a bust, and belongs on the lower edge of a page.
    """

    rules: tuple[Rule, ...]
    otherwise: str = "thing"
    lines: str = "ink"
    files: str = ""
    thin: bool = False
    keeps: tuple[str, ...] = ()
    persons: str = ""
    stands: bool = False


def table_from(data: Any, *, name: str = "table") -> Table:
    """A table from what JSON holds.

    Raises:
        ConfigError: a name is unknown or an expression wrong.
    """
    if not isinstance(data, dict) or not isinstance(data.get("rules"), list):
        raise ConfigError(f'{name} must be an object with a list "rules". Received: {type(data).__name__}.')
    try:
        rules = tuple(Rule(**{key: _frozen(value) for key, value in rule.items()}) for rule in data["rules"])
        table = Table(rules, **{key: _frozen(value) for key, value in data.items() if key != "rules"})
    except (TypeError, AttributeError):
        known = [field.name for kind in (Rule, Table) for field in fields(kind)]
        raise ConfigError(f"{name} has a field that is none of {', '.join(known)}.") from None
    wrong = {part for rule in rules for part in (rule.part, rule.solid)} | {table.otherwise}
    wrong -= set(PARTS)
    if wrong or table.lines not in LINES:
        raise ConfigError(
            f"{name}: parts are {', '.join(PARTS)} and lines {', '.join(LINES)}. "
            f"Received: {', '.join(sorted(wrong)) or table.lines}."
        )
    for rule in rules:
        for expression in (rule.group, rule.color, table.files, table.persons):
            try:
                re.compile(expression)
            except re.error as error:
                raise ConfigError(f"{name}: {expression!r} is no regular expression: {error}.") from None
    return table


def read_table(path: str | Path) -> Table:
    """A table from a JSON file; raises `InputError` or `ConfigError`."""
    try:
        data = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path} is not a readable JSON file: {error}.") from None
    return table_from(data, name=str(path))


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
