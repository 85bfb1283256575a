"""What a network is: one table, from which files, weights, conversions, training and the command line know it.

A new network is a row here, a builder in `s2p.models` and a recipe. What is computed of a row is a function at the end;
all of them read `NETWORKS` when they are called.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from s2p.errors import NotFoundError, WeightsError

TURBO, LIGHT, OFFICIAL = "turbo", "light", "official"


@dataclass(frozen=True)
class HintEncoding:
    """How hints look inside a tensor (`s2p.hintmap`), and what follows from it for the networks that read them so.

    Attributes:
        name: as registries and cards call it.
        paints_lines: a painter that reads them paints the lines of the drawing, too; ours leave them out.
        needs_second_pass: a painter of lines that reads them is followed by the tonal painter, as in V3.
        takes_tones: a draft network that reads them was trained on tonal drawings as well as on lines.
    """

    name: str
    paints_lines: bool = False
    needs_second_pass: bool = False
    takes_tones: bool = False


ENCODINGS = (
    HintEncoding("points", paints_lines=True, needs_second_pass=True, takes_tones=True),  # V3's squares of colour
    HintEncoding("propagated"),  # spread through the lines
    HintEncoding("layered"),  # spread, and the composition beside
    HintEncoding("blocks"),  # painted on the drawing
    HintEncoding("masked"),  # the same, with a plane that is 1 there
)


@dataclass(frozen=True)
class Slot:
    """What a user's file must take and give before it may stand in for a network (`s2p.legacy.slots` checks it).

    Attributes:
        pictures: channels of the picture inputs, in order.
        has_vectors: whether style vectors `float32[1, C]` follow.
        outputs: number of outputs; 0 for any number.
        decisive: index of the output that is used, and whose shape is fixed; None where every output is free.
        scale: its size relative to the input.
        channels: its channels.
    """

    pictures: tuple[int, ...]
    has_vectors: bool = False
    outputs: int = 1
    decisive: int | None = 0
    scale: float = 1.0
    channels: int = 3


@dataclass(frozen=True)
class Variant:
    """One of the graphs that a network can have: ours, small, or the published one.

    Attributes:
        hints: name of the `HintEncoding` that it reads, or None.
        multiple: px. Heights and widths of its first input are multiples of it.
        edges: px. Height and width of every input on which a conversion is tried; empty where one size fits all.
    """

    hints: str | None = None
    multiple: int = 16
    edges: tuple[int, ...] = ()


@dataclass(frozen=True)
class NetworkSpec:
    """One network.

    Attributes:
        name: of its files, its recipe and its card.
        purpose: what it is for, as its card begins.
        builder: `module:function` that makes the Keras model, called with `variant=` and what the registry says.
        variants: by their names, the first being the one that we train and ship; of networks that draw strokes by the
            kind of stroke, each with weights of its own.
        slot: of users' files; None where there is no such file.
        is_addable: whether `s2p weights add` takes a file for it.
        reads_styles: whether the builder must be told the widths of the reader's vectors (`taps`).
        seed: int. Of the random numbers without weights; the same for ever.
        recipe: name of the recipe that trains it, where that is not its own.
        tensors: what its inputs and outputs are called in files for other programs, `ink, hint -> painting`.
    """

    name: str
    purpose: str
    builder: str
    variants: Mapping[str, Variant] = field(default_factory=lambda: {TURBO: Variant(), OFFICIAL: Variant()})
    slot: Slot | None = None
    is_addable: bool = False
    reads_styles: bool = False
    seed: int = 0
    recipe: str = ""
    tensors: str = ""

    @property
    def tensor_names(self) -> tuple[list[str], list[str]]:
        """The names of its inputs and of its outputs, in order.

        Example:
            >>> spec_of("girder").tensor_names
            (['ink', 'hint', 'draft'], ['composition'])
        """
        takes, _, gives = self.tensors.partition(" -> ")
        return [name for name in takes.split(", ") if name], [name for name in gives.split(", ") if name]

    def encoding(self, variant: str = TURBO) -> str:
        """The hint encoding of a variant as files name it: V3's `points` also where no hints are read."""
        return (self.variants[variant].hints if variant in self.variants else None) or "points"

    def variant_for(self, wish: str) -> str:
        """The variant of that name; the first, where all have names of their own."""
        return wish if wish in self.variants else next(iter(self.variants))

    def edges(self, variant: str) -> tuple[int, ...]:
        """Pixels of every input for the trial of a conversion; empty for those that a runtime chooses."""
        return self.variants[variant].edges if variant in self.variants else ()


def _both(turbo: str | None, official: str | None = "points", *, multiple: int = 16) -> dict[str, Variant]:
    return {TURBO: Variant(turbo, multiple), OFFICIAL: Variant(official, multiple)}


_STROKES = {kind: Variant(None, 1) for kind in ("oilpaintbrush", "watercolor", "markerpen", "rectangle")}
_S = "s2p.models.style2paints:"
_PAINTING = "sketch, hint, style0, style1, style2, style3 -> guide0, guide1, painting"
_PAINTER = Slot((1, 3), has_vectors=True, outputs=3, decisive=2, scale=0.5)

NETWORKS: tuple[NetworkSpec, ...] = (
    # The six of Style2Paints V3, whose files users bring.
    NetworkSpec("baby", "colour draft of a whole drawing at 128 px", f"{_S}baby", _both("propagated"), Slot((4,)),
                is_addable=True, seed=0, tensors="sketch_and_hint -> draft"),
    NetworkSpec("girder", "even composition from a coarse draft at 256 px", f"{_S}girder",
                _both(None, None, multiple=64), Slot((1, 4, 3)), is_addable=True, seed=1,
                tensors="ink, hint, draft -> composition"),
    NetworkSpec("reader", "style vectors of a picture", f"{_S}reader", _both(None, None, multiple=64),
                Slot((3,), outputs=0, decisive=None), is_addable=True, seed=2,
                tensors="picture -> style0, style1, style2, style3"),
    NetworkSpec("head", "colour painter for line drawings", f"{_S}head", _both("layered", multiple=64), _PAINTER,
                is_addable=True, reads_styles=True, seed=3, tensors=_PAINTING),
    NetworkSpec("neck", "tonal painter, second pass after `head`", f"{_S}neck", _both("layered", multiple=64), _PAINTER,
                is_addable=True, reads_styles=True, seed=4, tensors=_PAINTING),
    NetworkSpec("tail", "2x refiner", f"{_S}tail", _both(None, None, multiple=1), Slot((3,), scale=2.0),
                is_addable=True, seed=5, tensors="picture -> doubled"),
    # Networks of their own.
    NetworkSpec("line_extractor", "line art of a finished picture", "s2p.models.line_extractor:build",
                _both(None, None), Slot((1,), channels=1), is_addable=True, tensors="picture -> ink"),
    NetworkSpec(
        "auto_painter", "one-pass painter for line drawings with colour blocks (Liu et al. 2017)",
        "s2p.models.auto_painter:build",
        {TURBO: Variant("propagated", 64, (128, 64, 32)), OFFICIAL: Variant("blocks", 256, (256,))},
        tensors="sketch, hint, draft -> painting",
    ),
    NetworkSpec(
        "reach", "how far each hint reaches in a line drawing, and what else a place could be",
        "s2p.models.reach:build", dict.fromkeys((TURBO, OFFICIAL), Variant(None, 64, (256, 64, 64))),  # there is one
        tensors="ink, planes, parts -> reach, color",
    ),
    NetworkSpec(
        "parts", "what every place of a line drawing shows: skin, hair, eyes, cloth, ground and so on",
        "s2p.models.parts:build", dict.fromkeys((TURBO, OFFICIAL), Variant(None, 64)), tensors="ink -> parts",
    ),
    NetworkSpec(
        "semantic", "what a line drawing is about, for the paper's painter by words", "s2p.models.semantic:build",
        {OFFICIAL: Variant(None, 16)}, tensors="ink -> features",
    ),
    NetworkSpec(
        "tag2pix", "painter of line drawings by words for their colours (Kim et al. 2019)", "s2p.models.tag2pix:build",
        {TURBO: Variant(None, 64, (128, 32, 1)), OFFICIAL: Variant(None, 256, (256, 32, 1))},
        tensors="ink, shown, tags -> painting, things",
    ),
    NetworkSpec(
        "stylizer", "paintings in many styles, and in mixtures of them (Dumoulin et al. 2017)",
        "s2p.models.stylizer:build", dict.fromkeys((TURBO, LIGHT, OFFICIAL), Variant(None, 4, (64, 1))), seed=7,
        tensors="picture, style -> painting",
    ),
    # Strokes with gradients (Zou et al. 2021), for `s2p strokes --backend neural`.
    *(NetworkSpec(name, purpose, f"s2p.models.stroke_renderers:{name.replace('-', '_')}", _STROKES,
                  recipe="stroke_renderer", tensors="strokes -> foreground, alpha") for name, purpose in (
        ("zou-fusion-net", "strokes at 128 px, their shapes and their colours by a network each"),
        ("zou-fusion-net-light", "strokes at 32 px, their shapes and their colours by a network each"),
        ("plain-dcgan", "strokes at 128 px, by the network of colours alone"),
        ("huang-net", "strokes at 128 px, by the network of shapes alone"),
        ("plain-unet", "strokes at 128 px, by a U-Net"),
    )),
)

SIX = ("baby", "girder", "reader", "head", "neck", "tail")  # which belong together: those of Style2Paints V3


def checked(specs: Iterable[NetworkSpec]) -> dict[str, NetworkSpec]:
    """Rows by their names; raises `WeightsError` for two of one name."""
    specs = tuple(specs)
    twice = [name for name, count in Counter(spec.name for spec in specs).items() if count > 1]
    if twice:
        raise WeightsError(f"Two networks cannot have one name. Received twice: {', '.join(twice)}.")
    return {spec.name: spec for spec in specs}


def names() -> tuple[str, ...]:
    """Names of all networks, in the order of the table."""
    return tuple(checked(NETWORKS))


def addable() -> tuple[str, ...]:
    """Names of the networks for which users have files."""
    return tuple(spec.name for spec in NETWORKS if spec.is_addable)


def spec_of(name: str) -> NetworkSpec:
    """The row of a network; raises `NotFoundError`.

    Example:
        >>> spec_of("head").encoding()
        'layered'
    """
    table = checked(NETWORKS)
    if name not in table:
        raise NotFoundError(f"The network must be one of {', '.join(table)}. Received: {name!r}.")
    return table[name]


def encoding_of(name: str) -> HintEncoding:
    """What follows from a hint encoding; one that is not known has no peculiarity, and `s2p.hintmap` refuses it."""
    return next((one for one in ENCODINGS if one.name == name), HintEncoding(name))
