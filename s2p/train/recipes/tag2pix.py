"""Recipe of Tag2Pix, the painter by words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import cv2
import keras
import numpy as np

from s2p.errors import ConfigError, InputError
from s2p.models import build, tag2pix
from s2p.models.tag2pix_official import BLOCKS, VARIANTS
from s2p.nn.blocks import Affine
from s2p.nn.losses import weighted_l1
from s2p.tags import vector
from s2p.train import simulate
from s2p.train.gan import GAN, Adversarial, Head, Term
from s2p.train.recipe import Recipe
from s2p.train.recipes.semantic import check_size, shape_of
from s2p.train.tagged import Tagged, cut, faded
from s2p.weights import find, read_weights

# What the painter is asked for on sheets, whatever the picture's own tags are.
_SHOWN = (("blue_hair", "red_dress", "red_shirt", "green_eyes"), ("pink_hair", "black_dress", "black_shirt"))


@dataclass
class Tag2pix(Recipe):
    """Pictures with tags: `s2p train tag2pix --data DRAWINGS --out OUT`, once the network `semantic` is there.

    The losses of the paper: absolute errors of painting and guide, and a discriminator that also names the tags of
    true and painted pictures, which the painter is to make nameable. What it names counts from `two_step_epoch` on,
    lines fade from `brightness_epoch` on; both follow from the epoch's number alone, so a run that goes on is no other.

    Attributes:
        size: `turbo` or `official`.
        variant: of the official painter (`s2p.models.tag2pix_official.VARIANTS`).
        edge: px, short edge of the pictures, a multiple of 128; of the official painter both edges, 256 or 512.
        l1_lambda, guide_beta: weight of the painting's error, and of the guide's within it.
        adv_lambda: weight of true and painted in the discriminator's loss.
        judge: weight of the discriminator's word in the painter's; 0 trains without any.
        cit_weight, cvt_weight: of the tags without and with colour in both losses.
        two_step_epoch, brightness_epoch: first epoch, counted from 1, of the second step and of faded lines; 0 for the
            first epoch, and for never.
        judge_rate, beta1, beta2: of Adam; the former of the discriminator alone.
        norm: False for `--no_bn` of the official painter.
        guide: whether there is a second painting from the middle of the decoder.
        semantics: whether the painter sees what the drawing is about.
        rectified: rectifiers between the dense layers of the tags (official).
        layers: blocks of the four stages of the decoder (official), such as `12 8 5 5`.
        semantic: weight file of the network `semantic`; the one in use for empty.
        forget: how often a part of the tags is left unsaid to the painter, as people do.
    """

    batch_size: int = 8
    epochs: int = 60
    rate: float = 5e-4
    clip: float = 1000.0  # the errors are a thousand times as large as other recipes'
    size: str = "turbo"
    variant: str = "tag2pix"
    edge: int = 256
    l1_lambda: float = 1000.0
    guide_beta: float = 0.9
    adv_lambda: float = 1.0
    judge: float = 1.0
    cit_weight: float = 40.0
    cvt_weight: float = 40.0
    two_step_epoch: int = 10
    brightness_epoch: int = 0
    judge_rate: float = 2e-4
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
    limits: ClassVar[str] = (
        "It learned the colours of people: hair, eyes, skin, garments and the ground behind them. A tag of what is not "
        "in the drawing may colour something else."
    )
    needs: ClassVar[tuple[str, ...]] = ("semantic",)
    part: ClassVar[float] = 0.0  # learns of tagged pictures alone: only where it is asked for

    def __post_init__(self) -> None:
        super().__post_init__()
        self._tagged: Tagged | None = None
        check_size(self.size, self.edge)
        blocks = self.layers.split()
        if self.variant not in VARIANTS or len(blocks) != 4 or not all(one.isdigit() and int(one) for one in blocks):
            raise ConfigError(
                f"variant is one of {', '.join(VARIANTS)}, layers four whole numbers from 1 on. "
                f"Received: {self.variant!r}, {self.layers!r}."
            )

    @property
    def tagged(self) -> Tagged:
        """The pictures with tags about colour."""
        if self._tagged is None:
            self._tagged = Tagged(self.art, with_color=True)
        return self._tagged

    def take_from(self, runs: Path) -> str:
        taught = runs / "semantic" / "semantic.weights.h5"
        if taught.is_file() and not self.semantic:
            self.semantic = str(taught)
        return "" if not self.semantics or self._semantic_file() else "the network semantic has learned nothing yet"

    def model(self) -> keras.Model:
        """The painter behind the frozen semantic network: ink and tags in, painting and guide out."""
        if self.size == "official":
            painter = build(
                self.name, size="official", guide=self.guide, image_size=self.edge, variant=self.variant,
                norm=self.norm, semantics=self.semantics, rectified=self.rectified,
                blocks=tuple(map(int, self.layers.split())),
            )
        else:
            painter = build(self.name, guide=self.guide)
        outputs = painter.outputs
        self._network = keras.Model(painter.inputs, outputs[0], name=self.name)
        seeing = self._seeing()
        ink, tags = (keras.Input(painter.inputs[i].shape[1:], name=name) for i, name in ((0, "ink_in"), (2, "tags_in")))
        features = seeing(ink, training=False)
        if not self.semantics:
            features = Affine(0.0, 0.0, name="unseen")(features)
        return keras.Model([ink, tags], painter([ink, features, tags]), name="tag2pix_training")

    def trainable(self, optimizer: keras.optimizers.Optimizer) -> keras.Model:
        generator = self.model()
        heads = [Head("cvt", self.cvt_weight, 2, -1)]
        if self.semantics:
            heads.append(Head("cit", self.cit_weight, 1, -2))
        gan = GAN(
            generator, tag2pix.discriminator(size=self.size) if self.judge else None, terms=self.terms(),
            seen=lambda _, pictures: (None, pictures[0]), heads=heads if self.judge else (), seed=self.seed,
            adversarial=Adversarial(kind="vanilla", weight=self.judge, judge_weight=self.adv_lambda),
        )
        adam: Any = optimizer
        adam.beta_1, adam.beta_2 = self.beta1, self.beta2
        own = keras.optimizers.Adam(self.judge_rate, beta_1=self.beta1, beta_2=self.beta2, epsilon=1e-8)
        gan.compile(optimizer=optimizer, discriminator_optimizer=own)
        return gan

    def terms(self) -> list[Term]:
        """The loss table; the discriminator's part is beside it."""
        table = [Term("pixel", self.l1_lambda, weighted_l1(), output=0)]
        if self.guide:
            table.append(Term("guide", self.l1_lambda * self.guide_beta, weighted_l1(), output=1))
        return table

    def begin(self, model: keras.Model, epoch: int) -> None:
        assert isinstance(model, GAN)
        model.weigh_heads(float(epoch + 1 >= self.two_step_epoch))

    def batch(self, step: int, random: np.random.Generator) -> tuple[Any, Any]:
        shape = (self.edge, self.edge) if self.size == "official" else shape_of(self.edge, step)
        epoch = step // self.epoch_steps + 1
        fades = 0 < self.brightness_epoch <= epoch
        samples = [
            self.sample(self.tagged.pick(shape, random), shape, random, fades=fades) for _ in range(self.batch_size)
        ]
        ink, told, picture, cit, cvt = (np.stack(one) for one in zip(*samples))
        pictures = (picture, picture) if self.guide else (picture,)
        return (ink, told), (*pictures, cit, cvt)

    def sample(
        self, i: int, shape: tuple[int, int], random: np.random.Generator, *, fades: bool = False
    ) -> tuple[np.ndarray, ...]:
        """Ink `float32[H, W, 1]`, tags told `float32[115]`, the picture in [-1, 1], true tags `[370]` and `[115]`."""
        color = self.art.color(i)
        sketch, color = cut((simulate.draw_lines(self.art.lines(i), color, random), color), shape, random)
        if fades:
            sketch = faded(sketch, float(random.uniform(1.0, 7.0)))
        if self.size == "turbo":
            color = cv2.resize(color, (shape[1] // 2, shape[0] // 2), interpolation=cv2.INTER_AREA)
        cit, cvt = self.tagged.vectors(i)
        told = cvt * (random.random(len(cvt)) < 0.5) if random.random() < self.forget else cvt
        ink = 1.0 - sketch.astype(np.float32)[..., None] / np.float32(255.0)
        return ink, told.astype(np.float32), color.astype(np.float32) / np.float32(127.5) - 1.0, cit, cvt

    @classmethod
    def released(
        cls, run: Path, network: str, settings: Mapping[str, Any], *, temperature: float = 1.0
    ) -> tuple[keras.Model, dict[str, Any]]:
        if settings["size"] != "turbo":
            raise InputError("Only runs of the turbo size are published as our own.")
        return super().released(run, network, settings, temperature=temperature)

    def sheet(self, model: keras.Model, path: Path) -> None:
        """Drawings with their own tags, their pictures, and what two other wishes make of them."""
        from s2p.train.gradients import to_numpy
        from s2p.train.sheets import write_sheet

        random, rows, shape = np.random.default_rng(7), [], shape_of(self.edge, 0)
        shape = (self.edge, self.edge) if self.size == "official" else shape
        generator = model.generator if isinstance(model, GAN) else model
        for _ in range(6):
            ink, _, picture, _, own = self.sample(self.tagged.pick(shape, random), shape, random)
            wishes = np.stack([own, *(np.array(vector(names), np.float32) for names in _SHOWN)])
            painted = generator([np.repeat(ink[None], len(wishes), 0), wishes], training=False)
            painted = painted[0] if isinstance(painted, (list, tuple)) else painted
            drawing = cv2.resize(np.repeat(1.0 - 2.0 * ink, 3, -1), picture.shape[1::-1], interpolation=cv2.INTER_AREA)
            rows.append([_shown(one) for one in (drawing, picture, *to_numpy(painted))])
        write_sheet(rows, path)

    def _seeing(self) -> keras.Model:
        """The semantic network, which learns nothing here."""
        seeing = build("semantic", size=self.size)
        file = self._semantic_file()
        if file is not None:
            read_weights(seeing, file)
        elif self.semantics:
            raise InputError(
                "The painter by words needs the network semantic, which has no weights. Train it first: s2p train "
                "semantic --data FOLDER --out RUN, then --set semantic=RUN/semantic.weights.h5; or without: --set "
                "semantics=false."
            )
        seeing.trainable = False
        return seeing

    def _semantic_file(self) -> Path | None:
        if self.semantic:
            return Path(self.semantic)
        found = find("semantic")
        return found.path if self.size == "turbo" and found.origin == "own" else None


def _shown(picture: np.ndarray) -> np.ndarray:
    return ((picture + 1.0) * 127.5).clip(0, 255).astype(np.uint8)
