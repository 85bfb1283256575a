"""Sets of a person's own: what `s2p train finetune` learned of somebody's drawings, kept under a name.

A set is a folder in the user's data folder: the colours of every drawing by what they are the colours of
(`colors.json`), and a registry (`s2p.shelf`) with the network that was trained on, where that became better by it.
`Settings.weights_set` chooses one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from s2p.errors import InputError, NotFoundError, WeightsError
from s2p.files import read_json
from s2p.names import LONGEST, as_name, is_name

COLORS = "colors.json"


def folder() -> Path:
    """Where sets lie; not created here."""
    import platformdirs

    return Path(platformdirs.user_data_dir("s2p", appauthor=False)) / "sets"


def names() -> list[str]:
    """Names of the sets that there are, in alphabetical order."""
    place = folder()
    return sorted(path.parent.name for path in place.glob(f"*/{COLORS}")) if place.is_dir() else []


def place_of(name: str) -> Path:
    """The folder of a set; raises `NotFoundError`."""
    if name not in names():
        known = ", ".join(names()) or "none yet. Make one: s2p train finetune --style FOLDER --name NAME"
        raise NotFoundError(f"There is no set of weights {name[:LONGEST]!r}. The sets are: {known}.")
    return folder() / name


def checked_name(name: str) -> str:
    """The name of a set if it is one; raises `InputError`.

    Example:
        >>> checked_name("my-ink")
        'my-ink'
    """
    if not is_name(name):
        raise InputError(
            f"The name of a set has small letters and digits, - between words, at most {LONGEST}. "
            f"Received: {name[:60]!r}."
        )
    return name


def name_of(drawings: Path) -> str:
    """What a set of the drawings in a folder is called where nobody says it: as the folder.

    Example:
        >>> name_of(Path("art/My Ink_2"))
        'my-ink-2'
    """
    return checked_name(as_name(drawings.absolute().name)[:LONGEST].strip("-"))


def colors_of(name: str) -> list[dict[str, np.ndarray]]:
    """The colours of every drawing of a set, `uint8[N, 3]` RGB by part, the commonest first.

    Raises:
        NotFoundError: no such set.
        WeightsError: its file is damaged.
    """
    from s2p.parts import NAMES  # with OpenCV, which the server's own process stays without

    data = read_json(place_of(name) / COLORS)
    drawings = data.get("drawings") if isinstance(data, dict) else None
    try:
        found = [
            {part: np.array([list(bytes.fromhex(color[1:])) for color in some], np.uint8).reshape(len(some), 3)
             for part, some in one.items() if part in NAMES and some}
            for one in drawings or ()
        ]
    except (AttributeError, TypeError, ValueError):
        found = []
    if not any(found):
        raise WeightsError(f"{COLORS} of the set {name!r} is damaged. Make the set again: s2p train finetune.")
    return [one for one in found if one]


def colors_data(drawings: Sequence[Mapping[str, np.ndarray]]) -> dict[str, list[dict[str, list[str]]]]:
    """The content of `colors.json` for colours as `colors_of` gives them."""
    return {"drawings": [
        {part: ["#{:02x}{:02x}{:02x}".format(*(int(value) for value in color)) for color in some]
         for part, some in one.items()}
        for one in drawings
    ]}
