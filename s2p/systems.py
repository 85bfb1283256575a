"""What a system is: one table, from which the command line, the server, the page and the evaluation know it.

A new system is a row here and a module of `s2p.pipelines` with a function `load(settings)`, whose painter has the one
verb `run(request, report=None)` (`s2p.pipelines.request`). Both processes of the server read this, so it imports
nothing heavy.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sized
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

from s2p.errors import InputError, NotFoundError

if TYPE_CHECKING:
    from s2p.schema import SystemOptions

# What an artist may ask of a system.
USES = (
    "hints",  # coloured points
    "anchors",  # a second kind of them, which colours a neighbourhood
    "method",  # whether the picture is line art, shaded, or a painting
    "reference",  # a picture whose style is followed
    "zoom",  # another working size
    "super_resolution",  # finished by the network that doubles
    "shading",  # how strong the shadow on its colours is
    "suggest",  # colours for what has none
    "choices",  # several of those, side by side, where it fills line art
    "preview",  # small paintings that follow the hand
    "sketches",  # a picture is prepared first, and its drawings are kept
    "strokes",  # kind, number and ground of its brush strokes
    "tags",
    "style",  # of a painting, or of several
    "intake",  # a look at the drawing first, and its corrections
    "ink",  # the drawing's lines, and how they lie over the colours
    "background",  # what becomes of places that nobody coloured
    "weights_set",  # a set of one's own weights (`s2p.own_sets`)
)
# What is asked together with one of them, under a name of its own.
WITH: Mapping[str, frozenset[str]] = {
    "mix": frozenset({"reference"}), "seed": frozenset({"suggest", "choices"}), "count": frozenset({"choices"}),
    "unit": frozenset({"hints"}), "invert": frozenset({"intake"}), "lines": frozenset({"ink", "style"}),
    "line_color": frozenset({"ink", "style"}), "only": frozenset({"ink"}), "drawing": frozenset({"style"}),
}
BACKGROUNDS = ("white", "keep", "none")  # what becomes of places that nobody coloured (`s2p.cutout`)
PARTS = ("colours", "lines")  # what of a painting can be saved alone (`Result.part`)
MAX_CHOICES = 12  # of colours for one drawing, whatever door they are asked for at
FILES = ("json", "svg", "mp4")  # what a system may make besides the picture, by its ending (`Result.files`)
# What is not asked for although it has a value.
_USUAL: Mapping[str, object] = {"method": "colorization", "mix": 0.0, "seed": 0, "count": 6, "unit": "share",
                                       "background": "white"}


@dataclass(frozen=True)
class System:
    """One system.

    Attributes:
        name: on command lines and in requests.
        title: for people.
        about: one sentence for the page, a key of its locale files.
        pipeline: module with `load(settings)`.
        networks: of `s2p.networks`, those without which it is untrained.
        uses: of `USES`.
        stages: what a painting goes through, in order, with the share of each in its time.
        outputs: layers of its results, bottom first.
        lane: name of the server's lane in which its jobs wait; jobs of another lane never wait for them.
        suggests_with: name of the system that suggests colours for it; empty for itself.
        options: `module:class` of what it alone can be asked for, an `s2p.schema.SystemOptions`; empty for nothing.
            A request of the server carries it under the system's name, `Request.own` in Python.
        by_words: whether it learned colours by words: it knows those of its vocabulary alone, and is judged by them.
    """

    name: str
    title: str
    about: str
    pipeline: str
    networks: tuple[str, ...]
    uses: frozenset[str]
    stages: Mapping[str, float] = field(default_factory=lambda: {"paint": 1.0})
    outputs: tuple[str, ...] = ("colours", "lines")
    lane: str = "painting"
    suggests_with: str = ""
    options: str = ""
    by_words: bool = False

    def takes(self, name: str) -> bool:
        """Whether it makes use of what is asked for under a name: of `USES`, of `WITH`, or that of a system."""
        return bool(WITH.get(name, frozenset({name})) & self.uses) or (name == self.name and bool(self.options))

    def options_class(self) -> type[SystemOptions] | None:
        """The class of its own options; None where it has none."""
        module, _, name = self.options.partition(":")
        return getattr(import_module(module), name) if module else None

    def describe(self) -> dict[str, Any]:
        """What clients are told: name, title, about, uses and whether it learned by words."""
        told = {"name": self.name, "title": self.title, "about": self.about, "uses": sorted(self.uses)}
        return told | {"by_words": self.by_words}

    def refuse_unused(self, *, words: Callable[[str], str] = str, **asked: Any) -> None:
        """Refuses what this system would silently leave out.

        Args:
            words: turns a name of `USES` into the door's own word.
            asked: everything that was asked for; of it, what some system takes is looked at. None, False, empty lists
                and usual values count as nothing; numbers count, 0 too.

        Raises:
            InputError: with the door's words for it and the systems that do use it.
        """
        unused = [name for name, value in asked.items()
                  if is_of_some(name) and not self.takes(name) and _is_something(value, _USUAL.get(name))]
        if unused:
            others = [system.name for system in SYSTEMS if all(map(system.takes, unused))]
            belong = f" They belong to {', '.join(others)}." if others else ""
            raise InputError(f"{self.title} makes no use of {', '.join(map(words, unused))}.{belong}")


def is_of_some(name: str) -> bool:
    """Whether what is asked for under a name is made use of by some systems and not by all."""
    return name in USES or name in WITH or any(name == system.name and system.options for system in SYSTEMS)


def _is_something(value: Any, usual: object) -> bool:
    if value is None or value is False:
        return False
    return len(value) > 0 if isinstance(value, Sized) and not isinstance(value, str) else value not in ("", usual)


_OF_DRAWINGS = ("intake", "ink", "background")
SYSTEMS: tuple[System, ...] = (
    System(
        "style2paints", "Style2Paints", "Six networks. Anchors, exact hints and references guide them.",
        "s2p.pipelines.style2paints", networks=("baby", "girder", "reader", "head", "neck", "tail", "reach", "parts"),
        uses=frozenset({"hints", "anchors", "method", "reference", "zoom", "super_resolution", "shading", "suggest",
                        "choices", "preview", "sketches", "tags", "weights_set", *_OF_DRAWINGS}),
        # Share of the CPU time of a first painting at zoom 0.5.
        stages={"prepare": 0.3, "draft": 0.1, "compose": 0.2, "paint": 0.38, "finish": 0.02},
        outputs=("draft", "composition", "colours", "shade", "light", "lines"), options="s2p.tags:TagOptions",
    ),
    System(
        "auto-painter", "Auto-painter", "One network. Every hint is a block of colour to it.",
        "s2p.pipelines.auto_painter", networks=("auto_painter", "tail"),
        uses=frozenset({"hints", "suggest", *_OF_DRAWINGS}),
        stages={"prepare": 0.1, "paint": 0.7, "finish": 0.2}, suggests_with="style2paints",
    ),
    System(
        "tag2pix", "Tag2Pix", "Colours by words, such as blonde hair or red dress. Hints go before them.",
        "s2p.pipelines.tag2pix", networks=("parts", "tag2pix"),
        uses=frozenset({"hints", "tags", "shading", *_OF_DRAWINGS}),
        stages={"prepare": 0.15, "paint": 0.7, "finish": 0.15}, outputs=("colours", "shade", "light", "lines"),
        options="s2p.tags:TagOptions", by_words=True,
    ),
    System(
        "strokes", "Strokes", "A picture becomes brush strokes, laid one after another.", "s2p.pipelines.strokes",
        networks=(), uses=frozenset({"strokes"}),
        stages={"search": 0.6, "colours": 0.05, "draw": 0.05, "film": 0.3}, outputs=("colours",), lane="strokes",
        options="s2p.strokes.options:StrokeOptions",
    ),
    System(
        "stylizer", "Styles", "A picture in the style of a painting, or of a mixture of several.",
        "s2p.pipelines.stylizer", networks=("stylizer",), uses=frozenset({"style"}),
        stages={"prepare": 0.05, "paint": 0.85, "finish": 0.1}, outputs=("colours", "lines"), lane="strokes",
        options="s2p.style_options:StyleOptions",
    ),
)
DEFAULT = "style2paints"


def checked(systems: Iterable[System]) -> dict[str, System]:
    """Rows by their names.

    Raises:
        InputError: two of one name, or a use that is not in `USES`.
    """
    systems = tuple(systems)
    twice = [name for name, count in Counter(system.name for system in systems).items() if count > 1]
    if twice:
        raise InputError(f"Two systems cannot have one name. Received twice: {', '.join(twice)}.")
    for system in systems:
        if unknown := system.uses - set(USES):
            raise InputError(f"{system.name} can use {', '.join(USES)}. Received: {', '.join(sorted(unknown))}.")
    return {system.name: system for system in systems}


def names() -> tuple[str, ...]:
    """Names of all systems, the default one first."""
    return tuple(checked(SYSTEMS))


def lanes() -> tuple[str, ...]:
    """Names of the lanes in which systems paint, that of the default system first."""
    return tuple(dict.fromkeys((system_of(DEFAULT).lane, *(system.lane for system in SYSTEMS))))


def has_lines(name: str) -> bool:
    """Whether paintings of a system hold the drawing's lines; so it is of a system that is gone, whose files remain."""
    system = checked(SYSTEMS).get(name)
    return system is None or "lines" in system.outputs


def owners_of(options: SystemOptions) -> tuple[str, ...]:
    """Names of the systems whose own such options are; raises `InputError` for those of none."""
    spec = f"{type(options).__module__}:{type(options).__qualname__}"
    found = tuple(system.name for system in SYSTEMS if system.options == spec)
    if not found:
        raise InputError(f"{type(options).__name__} are options of no system.")
    return found


def system_of(name: str) -> System:
    """The row of a system; raises `NotFoundError`.

    Example:
        >>> system_of("auto-painter").title
        'Auto-painter'
    """
    table = checked(SYSTEMS)
    if name not in table:
        raise NotFoundError(f"There is no model {name[:40]!r}. The models are {', '.join(table)}.")
    return table[name]
