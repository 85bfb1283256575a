"""The painting being made, as MP4 or GIF.

MP4 is H.264, which browsers play, where `imageio-ffmpeg` is installed; else MPEG-4 by OpenCV, which players open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from s2p.errors import OutputError
from s2p.files import written_whole

ENDINGS = (".mp4", ".gif")
FPS = 40
_HOLD = 60  # frames for which the finished painting is shown
_GIF_FRAMES, _GIF_SIDE, _GIF_MS = 120, 360, 60


def write_video(
    path: str | Path, frames: Iterator[np.ndarray], count: int, *, fps: int = FPS,
    done: Callable[[float], None] | None = None,
) -> int:
    """Writes frames as a film; the last one stays for a while.

    Args:
        path: `.mp4` or `.gif`.
        frames: `uint8[H, W, 3]` RGB; may be the same array again and again.
        count: how many there will be. A GIF takes about 120 of them, at most 360 pixels wide and high.
        fps: frames a second of an MP4.
        done: told the share that is written; may raise to stop.

    Returns: how many frames the film has.
    Raises:
        OutputError: another extension, or the film cannot be written.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in ENDINGS:
        raise OutputError(f"Films can be written as {' and '.join(ENDINGS)}. Received: {Path(path).name!r}.")
    watched = _watched(frames, count, done)
    try:
        with written_whole(path) as temporary:
            if suffix == ".gif":
                return _gif(temporary, watched, count)
            if find_spec("imageio_ffmpeg") is None:
                return _mpeg4(temporary, watched, fps)
            return _h264(temporary, watched, fps)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OutputError(f"{Path(path).name} cannot be written: {reason}. Check the folder and its room.") from error


def _watched(
    frames: Iterator[np.ndarray], count: int, done: Callable[[float], None] | None
) -> Iterator[np.ndarray]:
    for number, frame in enumerate(frames, start=1):
        yield frame
        if done is not None and number % 16 == 0:
            done(min(number / max(count, 1), 1.0))


def _held(frames: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    """Frames of even sides, as codecs want them, the last one again and again."""
    even = None
    for frame in frames:
        even = np.pad(frame, ((0, frame.shape[0] % 2), (0, frame.shape[1] % 2), (0, 0)), mode="edge")
        yield even
    for _ in range(_HOLD if even is not None else 0):
        assert even is not None
        yield even


def _h264(path: Path, frames: Iterator[np.ndarray], fps: int) -> int:
    import imageio_ffmpeg

    held = _held(frames)
    first = next(held)
    size = (first.shape[1], first.shape[0])
    writer = imageio_ffmpeg.write_frames(
        str(path), size, fps=fps, codec="libx264", quality=None,  # pyright: ignore[reportArgumentType]  None is its word for -crf
        macro_block_size=1, ffmpeg_log_level="error",
        output_params=["-crf", "20", "-preset", "veryfast", "-movflags", "+faststart"],
    )
    written = 0
    writer.send(None)
    try:
        for frame in _again(first, held):
            writer.send(np.ascontiguousarray(frame))
            written += 1
    finally:
        writer.close()
    return written


def _mpeg4(path: Path, frames: Iterator[np.ndarray], fps: int) -> int:
    held = _held(frames)
    first = next(held)
    fourcc = cv2.VideoWriter.fourcc(*"mp4v")
    writer = cv2.VideoWriter(str(path), fourcc, float(fps), (first.shape[1], first.shape[0]))
    if not writer.isOpened():
        raise OutputError("This OpenCV cannot write MP4. Install the other writer: pip install imageio-ffmpeg")
    written = 0
    try:
        for frame in _again(first, held):
            writer.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
            written += 1
    finally:
        writer.release()
    return written


def _gif(path: Path, frames: Iterator[np.ndarray], count: int) -> int:
    every = max(1, round(count / _GIF_FRAMES))
    kept: list[Image.Image] = []
    last = None
    for number, frame in enumerate(frames):
        last = frame
        if number % every == 0:
            kept.append(_small(frame))
    assert last is not None
    kept.append(_small(last))
    palette = kept[-1].quantize(255, method=Image.Quantize.MEDIANCUT)  # one for all: no flicker
    flat = [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in kept]
    times = [_GIF_MS] * (len(flat) - 1) + [2500]
    flat[0].save(path, "GIF", save_all=True, append_images=flat[1:], duration=times, loop=0, optimize=False)
    return len(flat)


def _small(frame: np.ndarray) -> Image.Image:
    scale = min(1.0, _GIF_SIDE / max(frame.shape[:2]))
    size = max(1, round(frame.shape[1] * scale)), max(1, round(frame.shape[0] * scale))
    return Image.fromarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA))


def _again(first: np.ndarray, rest: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    yield first
    yield from rest
