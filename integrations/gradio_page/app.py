"""A page made with Gradio: a drawing, words and a few points in, a painting out.

    pip install gradio s2p && python integrations/gradio_page/app.py

s2p's own page (`s2p serve`) does more; this one is a start for pages of your own, and for places that host such pages.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import s2p

_EXAMPLE = "0.5,0.25,#f0c8a0\n0.3,0.6,#4060c0"


def paint(
    drawing: np.ndarray | None, hints: str = "", words: str = "", reference: np.ndarray | None = None,
    shading: float = 0.6,
) -> tuple[np.ndarray | None, str]:
    """What the button does.

    Args:
        drawing: `uint8[H, W, 3]`, RGB.
        hints: a line for each, such as `0.5,0.25,#f0c8a0`.
        words: such as `blonde hair, red dress`.
        reference: a picture whose colours are followed, or None.
        shading: in [0, 1].

    Returns: the painting, and a sentence: how long it took, or what cannot be used.
    """
    if drawing is None:
        return None, "Put a drawing in first."
    wished: dict[str, Any] = {} if reference is None else {"reference": reference, "mix": 1.0}
    try:
        result = s2p.colorize(
            drawing, hints=[line for line in hints.splitlines() if line.strip()], tags=words.strip(), shading=shading,
            **wished,
        )
    except s2p.S2PError as error:
        return None, str(error)
    notes = [f"{sum(result.timings.values()):.1f} s"]
    notes += [f"UNTRAINED: {', '.join(result.untrained)}"] if result.untrained else []
    notes += [f"Not to be seen in the drawing: {', '.join(result.unfound)}"] if result.unfound else []
    return result.image, ". ".join(notes)


def page() -> Any:
    """The page, not launched yet."""
    import gradio as gr

    with gr.Blocks(title="s2p") as blocks:
        gr.Markdown("# Line art into colour")
        with gr.Row():
            with gr.Column():
                drawing = gr.Image(label="Drawing", type="numpy")
                hints = gr.Textbox(label="Hints", lines=4, placeholder=_EXAMPLE)
                words = gr.Textbox(label="Words", placeholder="blonde hair, red dress")
                reference = gr.Image(label="Picture whose colours are followed", type="numpy")
                shading = gr.Slider(0.0, 1.0, 0.6, label="Shading")
                button = gr.Button("Paint", variant="primary")
            with gr.Column():
                painting = gr.Image(label="Painting", format="png")
                note = gr.Markdown()
        button.click(paint, [drawing, hints, words, reference, shading], [painting, note], concurrency_limit=1)
    return blocks


if __name__ == "__main__":
    page().launch()
