"""Suggests colours for the regions of a drawing that have no hint.

Without hints the best single guess of every region is the mean of all that it could be, which is beige. The draft
network knows more than its mean: it holds every colour of a palette likely to some degree. So the regions are coloured
one after another, the large ones first, each by a draw from what the network thinks of it given the colours drawn
before, as an artist blocks in a page. What is likely everywhere in the drawing counts less (pointwise mutual
information), and a colour that was used already is used again rather than one close to it.
"""

from __future__ import annotations

import numpy as np

from s2p.colors import rgb_of_yuv
from s2p.hintmap import draft_tensor
from s2p.pipelines.runner import NetworkRunner
from s2p.pipelines.style2paints import contracts, stages
from s2p.propagate import open_regions
from s2p.runtime import Network
from s2p.schema import Hint, Hints

MOST = 24  # hints
_SMALLEST = 0.0015  # of the page; what is smaller waits for the artist
_SHARPNESS = 2.5  # power of the likelihoods
_RARE = 0.35  # power of the likelihood in the whole drawing, by which a region's are divided
_AGAIN = 3.0  # how much likelier a colour gets by having been used


def suggest(
    call: NetworkRunner, choice: Network, palette: np.ndarray, sketch: np.ndarray, *, hints: Hints, seed: int
) -> Hints:
    """Colours for the large regions without a hint.

    Args:
        call: lets the job be cancelled and hears how far it is.
        choice, palette: of `s2p.weights.load_choice`.
        sketch: `uint8[H, W]`, 255 = paper.
        hints: those that are there already, of both kinds.
        seed: int. Another seed, other colours.

    Returns: new exact hints, at most `MOST`.
    """
    random = np.random.default_rng(seed)
    small, walls = stages.draft_lines(sketch), stages.draft_walls(sketch)
    regions, depth = open_regions(walls)
    colors = rgb_of_yuv(palette * np.float32(255.0))
    found: list[Hint] = []

    def thoughts() -> np.ndarray:
        call.report.check()
        known = Hints([Hint(x=one.x, y=one.y, color=one.color, kind="draft") for one in (*hints, *found)])
        return contracts.run_choice(choice, draft_tensor(choice.encoding, small, known, walls=walls), len(palette))

    waiting = _without_hint(regions, hints)[:MOST]
    usual = _softmax(thoughts()).mean((0, 1)) + 1e-4
    used = np.zeros(len(palette), bool)
    for done, region in enumerate(waiting):
        call.report.update(done / len(waiting))
        chance = _softmax(thoughts()[regions == region].mean(0)) ** _SHARPNESS / usual**_RARE
        chance = np.where(used, _AGAIN, 1.0) * chance
        chosen = int(random.choice(len(palette), p=chance / chance.sum()))
        used[chosen] = True
        row, column = np.unravel_index(int(np.argmax(np.where(regions == region, depth, -1.0))), depth.shape)
        found.append(Hint(
            x=(column + 0.5) / depth.shape[1], y=(row + 0.5) / depth.shape[0],
            color="#{:02x}{:02x}{:02x}".format(*(int(value) for value in colors[chosen])),
        ))
    return Hints(found)


def _without_hint(regions: np.ndarray, hints: Hints) -> list[int]:
    """Numbers of the regions that are large enough and have no hint, the largest first."""
    height, width = regions.shape
    areas = np.bincount(regions.ravel())
    areas[0] = 0
    for hint in hints:
        areas[regions[min(int(hint.y * height), height - 1), min(int(hint.x * width), width - 1)]] = 0
    order = np.argsort(-areas, kind="stable")
    return [int(region) for region in order if areas[region] >= _SMALLEST * regions.size]


def _softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)
