"""Names of what a pixel shows, and their numbers in `Drawing.parts` and in the records.

| number | name | what it is |
|---|---|---|
| 0 | paper | bare paper, white or toned |
| 1 | skin | face, ears, neck, arms, hands, legs |
| 2 | hair | every strand, also over face and clothes; beards |
| 3 | brow | eyebrows that are shapes; those that are lines leave the label below them |
| 4 | eye white | |
| 5 | iris | with pupil and highlight; an eye that is only a dot is all iris |
| 6 | mouth | lips, teeth and tongue too |
| 7 | thing | what is held, worn as an ornament or put on the head, and everything that stands about |
| 8 | creature | bodies of animals and monsters; their eyes and mouths have the labels above |
| 9 | ground | land, floors, walls and coloured backdrops |
| 10 | sky | with sun, stars and clouds |
| 16 to 63 | cloth 1 to cloth 48 | a number for each garment of each person: sleeves have the number of their shirt |
| 255 | unknown | of a picture that is none of ours: `preprocess.records.UNKNOWN_PART` |
"""

from __future__ import annotations

NUMBERS: dict[str, int] = {
    "paper": 0, "skin": 1, "hair": 2, "brow": 3, "eye white": 4, "iris": 5, "mouth": 6, "thing": 7, "creature": 8,
    "ground": 9, "sky": 10,
}  # fmt: skip
FIRST_CLOTH, CLOTHS = 16, 48


def name_of(number: int) -> str:
    """The name of a part.

    Example:
        >>> name_of(2), name_of(17)
        ('hair', 'cloth 2')
    """
    if FIRST_CLOTH <= number < FIRST_CLOTH + CLOTHS:
        return f"cloth {number - FIRST_CLOTH + 1}"
    return {value: name for name, value in NUMBERS.items()}.get(number, "unknown")


class Labels:
    """Finds the numbers of parts while a drawing is made, and gives garments numbers of their own."""

    def __init__(self) -> None:
        self._garments: dict[str, int] = {}
        self._count = 0

    def next_wearer(self) -> None:
        """From here on garments belong to somebody else."""
        self._garments = {}

    @property
    def garments(self) -> dict[str, int]:
        """Names and numbers of the garments of the present wearer."""
        return dict(self._garments)

    def number(self, name: str) -> int:
        """The number of a name of the table, or of `cloth GARMENT` of the present wearer."""
        if not name.startswith("cloth"):
            return NUMBERS[name]
        if name not in self._garments:
            self._garments[name] = FIRST_CLOTH + self._count % CLOTHS
            self._count += 1
        return self._garments[name]
