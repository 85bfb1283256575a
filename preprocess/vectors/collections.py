"""Where figures come from: a folder of SVG files with a table, OpenMoji, and DiceBear's styles.

What is known of OpenMoji and of each style lies in `tables/`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol
from xml.etree import ElementTree

import numpy as np

from s2p.errors import ConfigError, InputError

from .svg import Picture
from .table import Table, read_table, table_from

TABLES = Path(__file__).parent / "tables"
_SKIN_OR_HAIR = {f"{code:X}" for code in (*range(0x1F3FB, 0x1F400), *range(0x1F9B0, 0x1F9B4))}
_UNSEEN = _SKIN_OR_HAIR | {"200D", "FE0F", "2640", "2642", "2695", "27A1"}


class Collection(Protocol):
    """Figures by number.

    Attributes:
        name: for keys of records.
        rules: hash of its table, so that shards are made anew when that changes.
    """

    name: str
    rules: str

    def pick(self, random: np.random.Generator) -> int:
        """Number of any figure."""
        ...

    def figure(self, number: int, random: np.random.Generator) -> tuple[str, Picture, Table]:
        """Key, picture and table of a figure; a generator composes where the collection has only parts."""
        ...


class Folder:
    """SVG files of anybody, with a table of rules.

    Args:
        folder: searched with all folders in it.
        table: JSON, see `preprocess.vectors.table`; its name without the suffix is that of the collection.
        leave_out: names of files that are not to be used; see `motive`.
    """

    def __init__(self, folder: Path, table: Path, leave_out: Iterable[str] = ()) -> None:
        self.name, self.rules = table.stem, _hash(table)
        self._table = read_table(table)
        out = {motive(name) for name in leave_out}
        self._files = [
            path
            for path in sorted(folder.rglob("*.svg"))
            if re.search(self._table.files, path.name) and motive(path.name) not in out
        ]
        if not self._files:
            raise InputError(f"{folder} holds no SVG files that may be used.")

    def pick(self, random: np.random.Generator) -> int:
        return int(random.integers(len(self._files)))

    def figure(self, number: int, random: np.random.Generator) -> tuple[str, Picture, Table]:
        path = self._files[number]
        return path.name, Picture(path.read_text(encoding="utf-8"), name=path.name), self._table


class OpenMoji:
    """The folder of OpenMoji's package: `color/svg/*.svg` and `data/openmoji.json`.

    People are taken once, without their skin tones, which are chosen anew.

    Args:
        folder: of the package.
        leave_out: names of files whose motives, in whatever skin, hair or sex, are not to be used.
    """

    name = "openmoji"

    def __init__(self, folder: Path, leave_out: Iterable[str] = ()) -> None:
        facts, self.rules = _read(TABLES / "openmoji.json"), _hash(TABLES / "openmoji.json")
        self._tables = {kind: table_from(data, name=f"openmoji {kind}") for kind, data in facts["tables"].items()}
        out = {motive(name) for name in leave_out}
        self._files: list[tuple[Path, str]] = []
        for row in _read(folder / "data" / "openmoji.json"):
            code, place = row["hexcode"], f"{row['group']}/{row['subgroups']}"
            kind = next((kind for pattern, kind in facts["kinds"] if re.search(pattern, f"{place}/{code}")), "")
            path = folder / "color" / "svg" / f"{code}.svg"
            if kind and motive(code) not in out and not set(code.split("-")) & _SKIN_OR_HAIR and path.is_file():
                self._files.append((path, kind))
        self._chances: dict[str, float] = facts["chances"]
        self._by_kind: dict[str, list[int]] = {}
        for number, (_, kind) in enumerate(self._files):
            self._by_kind.setdefault(kind, []).append(number)
        if not self._files:
            raise InputError(f"{folder} holds no OpenMoji pictures (color/svg, data/openmoji.json).")

    def pick(self, random: np.random.Generator) -> int:
        kinds = [kind for kind in self._chances if self._by_kind.get(kind)]
        chances = np.array([self._chances[kind] for kind in kinds])
        numbers = self._by_kind[kinds[int(random.choice(len(kinds), p=chances / chances.sum()))]]
        return numbers[int(random.integers(len(numbers)))]

    def kind(self, number: int) -> str:
        """Which of the tables a picture follows."""
        return self._files[number][1]

    def figure(self, number: int, random: np.random.Generator) -> tuple[str, Picture, Table]:
        path, kind = self._files[number]
        return path.name, Picture(path.read_text(encoding="utf-8"), name=path.name), self._tables[kind]


class DiceBear:
    """A style of dicebear/definitions: a JSON file with components, from which faces are composed.

    The shapes come in groups named after their component, and what takes a colour of the style has `@NAME` for it.
    """

    def __init__(self, file: Path) -> None:
        self.name = file.stem
        known = TABLES / f"dicebear-{file.stem}.json"
        if not known.is_file():
            have = ", ".join(sorted(path.stem.removeprefix("dicebear-") for path in TABLES.glob("dicebear-*.json")))
            raise ConfigError(f"There is no table for the style {file.stem}. There are some for {have}.")
        facts, self.rules = _read(known), _hash(known)
        self._leave_out: dict[str, str] = facts.pop("leave_out", {})
        self._box: list[float] | None = facts.pop("box", None)
        self._chances: dict[str, float] = facts.pop("chances", {})
        self._table = table_from(facts, name=known.name)
        self._style = _read(file)

    def pick(self, random: np.random.Generator) -> int:
        return int(random.integers(1_000_000))  # only a name: every figure is composed anew

    def figure(self, number: int, random: np.random.Generator) -> tuple[str, Picture, Table]:
        canvas = self._style["canvas"]
        box = self._box or (0, 0, canvas["width"], canvas["height"])
        root = ElementTree.Element("{http://www.w3.org/2000/svg}svg", viewBox=" ".join(f"{value:g}" for value in box))
        for key in ("fill", "stroke"):
            if key in self._style.get("attributes", {}):
                root.set(key, self._style["attributes"][key])
        chosen: dict[str, str] = {}
        self._add(root, canvas["elements"], chosen, random)
        text = ElementTree.tostring(root, encoding="unicode")
        key = f"{self.name}-" + "-".join(f"{name}.{variant}" for name, variant in sorted(chosen.items()))
        return f"{key[:160]}-{number}.svg", Picture(text, name=key), self._table

    def _add(self, parent: Any, elements: list[dict[str, Any]], chosen: dict[str, str], random: Any) -> None:
        for element in elements:
            attributes = {key: _value(value) for key, value in element.get("attributes", {}).items()}
            if element["type"] != "component":
                child = ElementTree.SubElement(parent, f"{{http://www.w3.org/2000/svg}}{element['name']}", attributes)
                self._add(child, element.get("children", []), chosen, random)
                continue
            name = element["name"]
            if name not in chosen:  # ears come twice, and are the same
                chosen[name] = self._variant(name, random)
            if chosen[name]:
                child = ElementTree.SubElement(parent, "{http://www.w3.org/2000/svg}g", {**attributes, "id": name})
                self._add(child, self._style["components"][name]["variants"][chosen[name]]["elements"], chosen, random)

    def _variant(self, name: str, random: np.random.Generator) -> str:
        component = self._style["components"][name]
        usual: float = min(component.get("probability", 100) * 2, 100) / 100  # what is rare with them is less so here
        chance = self._chances.get(name, usual)
        names = sorted(component["variants"])
        if name in self._leave_out:
            names = [variant for variant in names if not re.search(self._leave_out[name], variant)]
        if not names or random.random() > chance:
            return ""
        return str(names[int(random.integers(len(names)))])


def open_collection(source: str, leave_out: Iterable[str] = ()) -> Collection:
    """A collection by what its folder holds.

    Args:
        source: `TABLE.json=FOLDER` for a folder of SVG files (`twemoji=FOLDER` for a table of ours); the folder of
            OpenMoji's package; or a style of DiceBear.
        leave_out: see `OpenMoji`.

    Raises:
        InputError, ConfigError: it is none of these.
    """
    table, _, folder = source.rpartition("=")
    path = Path(folder)
    if table:
        known = TABLES / f"{table}.json"
        return Folder(path, known if known.is_file() else Path(table), leave_out)
    if (path / "data" / "openmoji.json").is_file():
        return OpenMoji(path, leave_out)
    if path.suffix == ".json" and path.is_file():
        return DiceBear(path)
    raise InputError(
        f"{source} is no collection: OpenMoji's package, a style of dicebear/definitions (JSON), or TABLE.json=FOLDER."
    )


def motive(name: str) -> str:
    """What an emoji shows whatever skin, hair or sex it has: `1F468-1F3FF-200D-1F33E.svg` and woman farmer alike.

    Example:
        >>> motive("1F468-1F3FF-200D-1F33E.svg"), motive("1F469-200D-1F33E")
        ('1F9D1-1F33E', '1F9D1-1F33E')
    """
    codes = [code for code in name.rsplit("/", 1)[-1].split(".")[0].upper().split("-") if code not in _UNSEEN]
    return "-".join("1F9D1" if code in ("1F468", "1F469") else code for code in codes)


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return f"@{value['name']}" if value.get("type") == "color" else ""
    return str(value)


def _hash(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    except OSError:
        raise InputError(f"{path} cannot be read.") from None


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path} is not a readable JSON file: {error}.") from None
