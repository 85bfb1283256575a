"""What a room is called and what its files are called: the layout that all who work in rooms agree on.

It is that of Style2Paints V3 (`game/rooms/<room>/sketch.original.jpg`, `result.<id>.jpg`, ...), so rooms move between
the two. What is ours lies beside it: `result.<id>.json` describes a painting of the own interface, and names that begin
with a dot are internal and never served.
"""

from __future__ import annotations

import re
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from s2p.schema import METHODS
from s2p.systems import FILES

ROOM_ID = re.compile(r"[A-Za-z0-9]{1,64}")
STEP_ID = re.compile(r"[A-Za-z0-9]{1,32}")
SKETCHES = ("original", "improved", *METHODS, "de_painting", "corrected")
FILE_NAME = re.compile(
    rf"sketch\.(?:{'|'.join(SKETCHES)})\.jpg"
    r"|(?:result|composition|draft|laid|reference|icon|drawn)\.[A-Za-z0-9]{1,32}\.(?:jpg|png)"
    r"|choice\.[A-Za-z0-9]{1,32}\.(?:[1-9]|1[0-2])\.jpg|regions\.[0-9a-f]{16}\.png"
    rf"|file\.[A-Za-z0-9]{{1,32}}\.(?:{'|'.join(FILES)})"
)
# What a painting leaves in its room, with its step as the middle of the name; a leading dot is left out.
PAINTING = ("result", "composition", "draft", "laid", "icon", "options", "lines", "colours", "shade", "light", "pen",
            "ground", "export", "file")
V3_PAINTING = (*PAINTING, "reference")  # in V3's rooms a reference belongs to the one painting it came with
MARK = ".s2p.json"
UPLOAD = ".upload"
LOOK = ".look.json"  # what was found in it
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_FEWEST_NUMBER = 10**17


def clock_id(moment: time.struct_time) -> str:
    """V3's id of a step, `H22M05S41`."""
    return f"H{moment.tm_hour:02d}M{moment.tm_min:02d}S{moment.tm_sec:02d}"


def room_id(moment: time.struct_time) -> str:
    """An id of V3's form, `Apr19H22M03S00R` and a number, which has too many digits to be found by trying."""
    stamp = f"{_MONTHS[moment.tm_mon - 1]}{moment.tm_mday:02d}{clock_id(moment)}"
    return f"{stamp}R{_FEWEST_NUMBER + secrets.randbelow(9 * _FEWEST_NUMBER)}"


def room_time(room: str) -> str | None:
    """The `H..M..S..` part of a room id, or None where a room is named differently."""
    match = re.match(r"[A-Za-z]{3}\d{2}(H\d{2}M\d{2}S\d{2})R", room)
    return match[1] if match else None


@dataclass(frozen=True)
class Room:
    """A room that exists: its id and its folder."""

    id: str
    folder: Path

    def file(self, name: str) -> Path:
        return self.folder / name

    def has(self, name: str) -> bool:
        return (self.folder / name).is_file()
