"""Recipe of Tag2Pix, the painter by words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, ClassVar

import cv2
import keras
import numpy as np

from s2p import tensors
from s2p.config import Settings
from s2p.errors import ConfigError, InputError
from s2p.models import build, tag2pix
from s2p.models.tag2pix_official import BLOCKS, KINDS
from s2p.nn.blocks import Affine
from s2p.nn.losses import naming, weighted_l1
from s2p.parts import NAMES, TOLD_CELL, TOLD_EDGES, name_parts
from s2p.progress import Reporter
from s2p.runtime import Network
from s2p.tags import GARMENTS, THINGS, vector, vocabulary
from s2p.train import simulate
from s2p.train.decoded import UNKNOWN_PART
from s2p.train.gan import GAN, Adversarial, Head, Term
from s2p.train.recipe import Recipe
from s2p.train.recipes.semantic import check_edge, shape_of
from s2p.train.rewording import reworded, with_usual_colors
from s2p.train.tagged import Tagged, cut, things_of
from s2p.weights import find, load_network, read_weights

JUDGED = 48  # drawings before it is published
_ONE = 24  # weight of a pixel like any other; weights are whole numbers
_WEIGHTS = {"iris": 6.0, "eye white": 3.0, "mouth": 3.0, "brow": 2.0}  # of pixels of small parts
# Of what takes little room, or is hard to tell from others of its kind, a place counts more.
_RARE = [4.0 if thing in (*GARMENTS, "brow", "eye white", "iris", "mouth") else 1.0 for thing in THINGS]
# What the painter is asked for on sheets, whatever the picture's own tags are.
_SHOWN = (("blue_hair", "red_dress", "red_shirt", "green_eyes"), ("pink_hair", "black_dress", "black_shirt"))


@dataclass
class Tag2pix(Recipe):
    """Pictures with tags: `s2p train tag2pix --data DRAWINGS --out OUT`.

    Our painter is told by the network `parts` what every place of a drawing shows, and learns from drawings whose
    parts are known (our own) to tell garments apart, too; what their words name has another colour every time, and
    what no word names its usual one (`s2p.train.rewording`). The paper's is told by the network `semantic`, which is
    trained first.

    The losses of the paper: absolute errors of painting and guide, and a discriminator that also names the tags of
    true and painted pictures, which the painter is to make nameable. What it names counts from `two_step_epoch` on,
    lines fade from `brightness_epoch` on; both follow from the epoch's number alone, so a run that goes on is no other.

    Attributes:
        variant: `turbo` or `official`.
        kind: of the official painter (`s2p.models.tag2pix_official.KINDS`).
        edge: px, short edge of the pictures, a multiple of 128; of the official painter both edges, 256 or 512.
        l1_lambda, guide_beta: weight of the painting's error, and of the guide's within it.
        adv_lambda: weight of true and painted in the discriminator's loss.
        adversarial: weight of the discriminator's word in the painter's; 0 trains without any.
        things_weight: of telling what every place shows (turbo).
        reworded: share of the pictures whose words and colours are exchanged, where their parts are known.
        cit_weight, cvt_weight: of the tags without and with colour in both losses.
        two_step_epoch, brightness_epoch: first epoch, counted from 1, of the second step and of faded lines; 0 for the
            first epoch, and for never.
        discriminator_rate, beta1, beta2: of Adam; the former of the discriminator alone.
        norm: False for `--no_bn` of the official painter.
        guide: whether there is a second painting from the middle of the decoder (official; ours always has one).
        semantics: whether the painter is told what the drawing shows.
        rectified: rectifiers between the dense layers of the tags (official).
        layers: blocks of the four stages of the decoder (official), such as `12 8 5 5`.
        semantic: weight file of the network `semantic` (official).
        forget: how often a part of the tags is left unsaid to the painter, as people do.
    """

    batch_size: int = 8
    epochs: int = 60
    rate: float = 1.5e-3
    clip: float = 300.0  # the errors are a thousand times as large as other recipes'
    variant: str = "turbo"
    kind: str = "tag2pix"
    edge: int = 256
    l1_lambda: float = 1000.0
    guide_beta: float = 0.9
    adv_lambda: float = 1.0
    adversarial: float = 0.0
    things_weight: float = 150.0
    reworded: float = 0.9
    cit_weight: float = 40.0
    cvt_weight: float = 40.0
    two_step_epoch: int = 10
    brightness_epoch: int = 0
    discriminator_rate: float = 2e-4
    beta1: float = 0.5
    beta2: float = 0.999
    norm: bool = True
    guide: bool = True
    semantics: bool = True
    rectified: bool = False
    layers: str = " ".join(map(str, BLOCKS))
    semantic: str = ""
    forget: float = 0.3
    name: str = field(default=tag2pix.NAME, init=False)

    read_by: ClassVar[str] = "s2p/pipelines/tag2pix.py"
    lines: ClassVar[str] = (
        "Lines were those that the drawings were made with, or drawn from their pictures by program, mixed, broken, "
        "toned and made pale."
    )
    limits: ClassVar[str] = (
        "It learned the colours of people: hair, eyes, skin, garments and the ground behind them. A tag of what is not "
        "in the drawing may colour something else. What no tag names has one usual colour (`s2p/color_words.py`)."
    )
    needs: ClassVar[tuple[str, ...]] = ("parts",)
    part: ClassVar[float] = 0.0  # learns of tagged pictures alone: only where it is asked for

    def __post_init__(self) -> None:
        super().__post_init__()
        self._tagged: Tagged | None = None
        self._namer: Network | None = None
        self._lock = Lock()
        if self.variant in KINDS:  # what kinds were called before
            raise ConfigError(f"variant is turbo or official; the paper's kinds are set by kind={self.variant}.")
        if self.variant not in ("turbo", "official"):
            raise ConfigError(f"variant is turbo or official. Received: {self.variant!r}.")
        check_edge(self.edge)
        blocks = self.layers.split()
        if self.kind not in KINDS or len(blocks) != 4 or not all(one.isdigit() and int(one) for one in blocks):
            raise ConfigError(
                f"kind is one of {', '.join(KINDS)}, layers four whole numbers from 1 on. "
                f"Received: {self.kind!r}, {self.layers!r}."
            )

    @property
    def tagged(self) -> Tagged:
        """The pictures with tags about colour."""
        if self._tagged is None:
            self._tagged = Tagged(self.art, with_color=True)
        return self._tagged

    @property
    def is_told(self) -> bool:
        """Whether batches hold what `parts` says of drawings."""
        return self.variant == "turbo"

    def take_from(self, runs: Path) -> str:
        if not self.is_told or not self.semantics or find("parts").trained:
            return ""
        return "the network parts has learned nothing yet"

    def model(self) -> keras.Model:
        """Ink and tags in, of ours also what every place shows; painting, guide and, of ours, what they show out.

        The paper's painter stands behind the frozen semantic network.
        """
        if self.is_told:
            painter = build(self.name, guide=True)
            self._network = keras.Model(painter.inputs, painter.outputs[0], name=self.name)
            return painter
        return self._official()

    def _official(self) -> keras.Model:
        if self.semantics and not self.semantic:  # before the painter is built, which takes long
            raise InputError(
                "The paper's painter needs the network semantic, which has no weights. Train it first: s2p train "
                "semantic --data FOLDER --out RUN, then --set semantic=RUN/semantic.weights.h5; or without: --set "
                "semantics=false."
            )
        painter = build(
            self.name, variant="official", guide=self.guide, image_size=self.edge, kind=self.kind, norm=self.norm,
            semantics=self.semantics, rectified=self.rectified, blocks=tuple(map(int, self.layers.split())),
        )
        outputs = painter.outputs
        self._network = keras.Model(painter.inputs, outputs[0], name=self.name)
        seeing = build("semantic", variant=self.variant)
        if self.semantic:
            read_weights(seeing, Path(self.semantic))
        seeing.trainable = False  # learns nothing here
        ink, tags = (keras.Input(painter.inputs[i].shape[1:], name=name) for i, name in ((0, "ink_in"), (2, "tags_in")))
        features = seeing(ink, training=False)
        if not self.semantics:
            features = Affine(0.0, 0.0, name="unseen")(features)
        return keras.Model([ink, tags], painter([ink, features, tags]), name="tag2pix_training")

    def trainable(self, optimizer: keras.optimizers.Optimizer) -> keras.Model:
        generator = self.model()
        heads = [Head("cvt", self.cvt_weight, 2, -1)]
        heads += [Head("cit", self.cit_weight, 1, -2)] if self.semantics or self.is_told else []
        gan = GAN(
            generator, tag2pix.discriminator(variant=self.variant) if self.adversarial else None, terms=self.terms(),
            seen=lambda _, pictures: (None, pictures[0][..., :3]), heads=heads if self.adversarial else (),
            seed=self.seed,
            adversarial=Adversarial(kind="vanilla", weight=self.adversarial, discriminator_weight=self.adv_lambda),
        )
        adam: Any = optimizer
        adam.beta_1, adam.beta_2 = self.beta1, self.beta2
        own = keras.optimizers.Adam(self.discriminator_rate, beta_1=self.beta1, beta_2=self.beta2, epsilon=1e-8)
        gan.compile(optimizer=optimizer, discriminator_optimizer=own)
        return gan

    def terms(self) -> list[Term]:
        """The loss table; the discriminator's part is beside it."""
        table = [Term("pixel", self.l1_lambda, weighted_l1(), output=0)]
        if self.guide or self.is_told:
            table.append(Term("guide", self.l1_lambda * self.guide_beta, weighted_l1(), output=1))
        if self.is_told:
            table.append(Term("things", self.things_weight, naming(_RARE), output=2))
        return table

    def begin(self, model: keras.Model, epoch: int) -> None:
        assert isinstance(model, GAN)
        model.weigh_heads(float(epoch + 1 >= self.two_step_epoch))

    def gather(self, step: int, random: np.random.Generator) -> Any:
        shape = (self.edge, self.edge) if self.variant == "official" else shape_of(self.edge, step)
        epoch = step // self.epoch_steps + 1
        fades = 0 < self.brightness_epoch <= epoch
        samples = [
            self.sample(self.tagged.pick(shape, random), shape, random, fades=fades) for _ in range(self.batch_size)
        ]
        return tuple(np.stack(one) for one in zip(*samples))

    def tensors(self, gathered: Any) -> tuple[Any, Any]:
        sketch, factor, told, color, cit, cvt, *more = gathered
        picture = tensors.signed(color)
        ink = tensors.ink(tensors.faded(sketch, factor[:, None, None]))
        if not self.is_told:
            return (ink, told), (*((picture, picture) if self.guide else (picture,)), cit, cvt)
        named, weight, things = more
        picture = tensors.joined(picture, tensors.cast(weight)[..., None] / np.float32(_ONE))
        return (ink, tensors.light(named), told), (picture, picture, things, cit, cvt)

    def sample(
        self, i: int, shape: tuple[int, int], random: np.random.Generator, *, fades: bool = False
    ) -> tuple[Any, ...]:
        """Drawing `uint8[H, W]` and by how much it fades, `float32`; tags told `float32[115]`; the picture,
        `uint8[., ., 3]` RGB; true tags `float32[370]` and `[115]`.

        Of ours also what `parts` says, `uint8[H/4, W/4, 12]`, 255 = surely; what the picture's pixels weigh,
        `uint8[H/2, W/2]`; and what cells show, `int32[H/4, W/4]`: the number in `THINGS` + 1, 0 where nobody knows.
        """
        color, lines, parts, tags = self.art.color(i), self.art.lines(i), self.art.parts(i), self.art.tags(i)
        sketch, ink = simulate.draw_lines(lines, color, random), np.ascontiguousarray(lines[..., 0])
        parts = np.full(sketch.shape, UNKNOWN_PART, np.uint8) if parts is None else parts
        sketch, ink, color, parts = cut((sketch, ink, color, parts), shape, random, numbers=1)
        garments = self.art.garments(i)
        things = things_of(parts, garments)
        is_known = self.is_told and bool((parts != UNKNOWN_PART).any())
        if is_known and random.random() < self.reworded:
            color, tags, garments = reworded(color, ink, parts, tags, garments, random)
        factor = np.float32(random.uniform(1.0, 7.0) if fades else 1.0)
        cit, cvt = self.tagged.vectors_of(tags)
        told = cvt * (random.random(len(cvt)) < 0.5) if random.random() < self.forget else cvt
        if is_known:
            said = np.array(vocabulary().cvt)[told > 0].tolist()
            is_plain = vocabulary().ids["simple_background"] in tags
            color = with_usual_colors(color, ink, parts, said, garments, has_plain_ground=is_plain)
        found = (told.astype(np.float32), color, cit, cvt)
        if not self.is_told:
            return sketch, factor, *found
        half, cells = (shape[1] // 2, shape[0] // 2), (shape[0] // TOLD_CELL, shape[1] // TOLD_CELL)
        named = (self._named(sketch, cells) * 255.0 + 0.5).astype(np.uint8)
        middle = slice(TOLD_CELL // 2, None, TOLD_CELL)
        return (
            sketch, factor, found[0], cv2.resize(color, half, interpolation=cv2.INTER_AREA), cit, cvt, named,
            _weight(cv2.resize(ink, half, interpolation=cv2.INTER_AREA), parts[1::2, 1::2]), things[middle, middle],
        )  # fmt: skip

    def _named(self, sketch: np.ndarray, cells: tuple[int, int]) -> np.ndarray:
        """What the installed network `parts` says of a drawing, `float32[h, w, 12]`."""
        if not self.semantics:
            return np.full((*cells, len(NAMES)), 1.0 / len(NAMES), np.float32)
        with self._lock:  # several threads gather
            if self._namer is None:
                self._namer = load_network(find("parts"), Settings(threads=1))
            return name_parts(self._namer, sketch, cells, edges=TOLD_EDGES, mirrored=False)

    @classmethod
    def released(
        cls, run: Path, network: str, settings: Mapping[str, Any], *, temperature: float = 1.0
    ) -> tuple[keras.Model, dict[str, Any]]:
        if settings["variant"] != "turbo":
            raise InputError("Only runs of the variant turbo are published as our own.")
        return super().released(run, network, settings, temperature=temperature)

    @classmethod
    def judged(
        cls, run: Path, model: keras.Model, settings: Mapping[str, Any], *, report: Reporter | None = None
    ) -> tuple[str, str]:
        """Whether words are obeyed on the drawings that its folder holds out; hints would say nothing of it."""
        from s2p import weights
        from s2p.evaluation import evaluate_words, word_table

        try:
            with weights.preferring(run / "release"):
                result = evaluate_words(settings["data"], limit=JUDGED, baselines=False, report=report)
        except InputError as error:
            return f"Not judged: {error}", ""
        agreed = result["summary"]["systems"][tag2pix.NAME]["other"]["agree"]
        told = ", ".join(
            f"{group} {100 * value['mean']:.0f} % of {value['count']}"
            for group, value in agreed.items() if value["count"]
        )
        return word_table(result), (
            f"Of things asked for in other colours than their own, on drawings held out, have that colour: {told} "
            f"(`s2p evaluate --model tag2pix --data DRAWINGS --limit {JUDGED}`)."
        )

    def sheet(self, model: keras.Model, path: Path) -> None:
        """Drawings with their own tags, their pictures, and what two other wishes make of them."""
        from s2p.nn.gradients import to_numpy
        from s2p.train.sheets import write_sheet

        random, rows, shape = np.random.default_rng(7), [], shape_of(self.edge, 0)
        shape = (self.edge, self.edge) if self.variant == "official" else shape
        generator = model.generator if isinstance(model, GAN) else model
        for _ in range(6):
            sample = self.sample(self.tagged.pick(shape, random), shape, random)
            (ink, *told, _), (picture, *_, own) = self.tensors([np.asarray(one)[None] for one in sample])
            wishes = np.stack([own[0], *(np.array(vector(names), np.float32) for names in _SHOWN)])
            seen = [np.repeat(np.asarray(one), len(wishes), 0) for one in (ink, *told)]
            painted = generator([*seen, wishes], training=False)
            painted = painted[0] if isinstance(painted, (list, tuple)) else painted
            picture, drawing = np.asarray(picture)[0, ..., :3], np.repeat(1.0 - 2.0 * np.asarray(ink)[0], 3, -1)
            drawing = cv2.resize(drawing, picture.shape[1::-1], interpolation=cv2.INTER_AREA)
            rows.append([_shown(one) for one in (drawing, picture, *to_numpy(painted))])
        write_sheet(rows, path)


def _weight(ink: np.ndarray, parts: np.ndarray) -> np.ndarray:
    """What pixels weigh, `uint8[H, W]`, `_ONE` for usual ones: little on lines, which lie over what is painted."""
    weight = np.maximum(ink.astype(np.float32) / 255.0, 0.05) ** 2
    for name, more in _WEIGHTS.items():
        weight[parts == NAMES.index(name)] *= more
    return np.minimum(weight * _ONE + 0.5, 255).astype(np.uint8)


def _shown(picture: np.ndarray) -> np.ndarray:
    return ((picture + 1.0) * 127.5).clip(0, 255).astype(np.uint8)
