"""Nodes for ComfyUI: line art into colour, a photo into line art.

Copy or link this folder into `ComfyUI/custom_nodes/s2p`, and install s2p into ComfyUI's Python (`pip install s2p`, or
`pip install -e` of its folder). Nothing here is ComfyUI's own: images are its tensors, `float32[B, H, W, 3]` in [0, 1].
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

import s2p
from s2p import systems


def _pictures(images: Any) -> list[np.ndarray]:
    """ComfyUI's batch as pictures, `uint8[H, W, 3]`, RGB."""
    batch = np.asarray(images.cpu() if hasattr(images, "cpu") else images, np.float32)
    return [np.clip(one[..., :3] * 255.0 + 0.5, 0, 255).astype(np.uint8) for one in batch]


def _tensor(pictures: list[np.ndarray]) -> Any:
    """Pictures as ComfyUI's batch; where there is no torch, as the same array."""
    batch = np.stack(pictures).astype(np.float32) / 255.0
    try:
        import torch
    except ImportError:
        return batch
    return torch.from_numpy(batch)


class Colorize:
    """Colours line art; hints are lines of text such as `0.5,0.25,#f0c8a0`, words such as `blonde hair, red dress`."""

    CATEGORY, FUNCTION = "s2p", "paint"
    RETURN_TYPES: ClassVar = ("IMAGE", "IMAGE")
    RETURN_NAMES: ClassVar = ("painting", "colours")

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        painters = [name for name in systems.names() if "hints" in systems.system_of(name).uses]
        return {
            "required": {
                "drawing": ("IMAGE",),
                "model": (painters,),
                "zoom": ("FLOAT", {"default": 0.5, "min": 0.25, "max": 2.0, "step": 0.05}),
                "shading": ("FLOAT", {"default": 0.6, "min": 0.0, "max": 1.0, "step": 0.05}),
            },
            "optional": {
                "hints": ("STRING", {"multiline": True, "default": ""}),
                "words": ("STRING", {"default": ""}),
                "reference": ("IMAGE",),
                "weights_set": ("STRING", {"default": ""}),
            },
        }

    def paint(
        self, drawing: Any, model: str = systems.DEFAULT, zoom: float = 0.5, shading: float = 0.6, hints: str = "",
        words: str = "", reference: Any = None, weights_set: str = "",
    ) -> tuple[Any, Any]:
        """Paintings with their lines, and their colours alone; raises `s2p.S2PError` for what cannot be used."""
        takes = systems.system_of(model).takes
        wished: dict[str, Any] = {"hints": [line for line in hints.splitlines() if line.strip()]}
        wished |= {"zoom": zoom} if takes("zoom") else {}
        wished |= {"shading": shading} if takes("shading") else {}
        wished |= {"tags": words} if words.strip() else {}
        wished |= {"weights_set": weights_set} if weights_set else {}
        if reference is not None:
            wished |= {"reference": _pictures(reference)[0], "mix": 1.0}
        results = [s2p.colorize(picture, model=model, **wished) for picture in _pictures(drawing)]
        return (
            _tensor([result.image for result in results]),
            _tensor([result.image if result.colours is None else result.colours for result in results]),
        )


class Lines:
    """Draws line art from pictures."""

    CATEGORY, FUNCTION = "s2p", "draw"
    RETURN_TYPES: ClassVar = ("IMAGE",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        return {"required": {"picture": ("IMAGE",), "method": (["learned", "xdog", "hard", "pass"],)}}

    def draw(self, picture: Any, method: str = "learned") -> tuple[Any]:
        """Lines, black on white."""
        return (_tensor([s2p.lines(one, method=method).image for one in _pictures(picture)]),)


NODE_CLASS_MAPPINGS = {"S2PColorize": Colorize, "S2PLines": Lines}
NODE_DISPLAY_NAME_MAPPINGS = {"S2PColorize": "Colour line art (s2p)", "S2PLines": "Line art of a picture (s2p)"}
