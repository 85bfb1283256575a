"""Rates of the preprocessing suite: pictures per second and core for each step, and crops per second of the pipeline.

    python benchmarks/preprocess.py ART [--shards OUT] [--count 40]     # ART: a folder of pictures

CPU time of one thread is measured, so the numbers mean little else than the arithmetic even on a busy machine.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


def rate(function: Callable[[Any], Any], items: list[Any]) -> float:
    """Calls per second of CPU time, after one call to warm up."""
    function(items[0])
    started = time.process_time()
    for item in items:
        function(item)
    return len(items) / max(time.process_time() - started, 1e-9)


def steps(art: str, count: int) -> dict[str, float]:
    """Pictures per second and core, by step."""
    import cv2

    from preprocess import faces, letterbox, lines, picture, records, storage
    from preprocess.plan import Picture, Plan, has_picture_name
    from preprocess.quality import survey
    from preprocess.upscale import enlarge, shrink
    from s2p.image import encode_image, flatten_alpha, load_image

    cv2.setNumThreads(1)
    keys = [key for key in storage.list_files(art) if has_picture_name(key)]
    keys = keys[:: max(1, len(keys) // count)][:count]
    files = [storage.read_bytes(storage.join(art, key)) for key in keys]
    images = [shrink(flatten_alpha(load_image(data)), 512) for data in files]
    plan = Plan(art, "unused")
    detector = faces.Detector()
    rates = {
        "decode": rate(lambda data: flatten_alpha(load_image(data)), files),
        "survey (quality)": rate(lambda data: survey("x", data), files),
        "letterbox": rate(letterbox.remove_letterbox, images),
        "upscale to 768 (Lanczos)": rate(lambda image: enlarge(image, 768), images),
        "faces (built-in cascade)": rate(detector.detect, images),
        **{f"lines {name}": rate(lambda image, name=name: lines.draw(image, name), images)
           for name in ("xdog", "hard", "gradient", "bold", "mixed")},
        "encode JPEG": rate(lambda image: encode_image(image, "jpeg"), images),
        "encode 3 lines as PNG": rate(
            records.encode_lines, [lines.draw_all(image, plan.flavours) for image in images]
        ),
        "everything after the survey": rate(
            lambda data: picture.make_records(plan, Picture("x", "00" * 32), data), files
        ),
        **_writing(plan, [made for data in files for made in picture.make_records(plan, Picture("x", "0" * 64), data)]),
        "near-duplicates, 3.2 million hashes": round(_duplicates(), 0),
        "draw a synthetic picture": rate(_draw, list(range(min(count, 24)))),
    }  # fmt: skip
    whole = 1 / (1 / rates["survey (quality)"] + 1 / rates["everything after the survey"]
                 + 1 / rates["write TFRecord"] + 1 / rates["write HDF5"])  # fmt: skip
    rates["prepare, all of it"] = whole
    days = 3.2e6 / whole / 86_400
    print(f"3.2 million pictures: {days:.1f} days of one core, {24 * days / 16:.1f} hours of 16.", file=sys.stderr)
    return {name: round(value, 1) for name, value in rates.items()}


def _writing(plan: Any, made: list[Any]) -> dict[str, float]:
    from preprocess import records

    return {
        "write TFRecord": len(made) * rate(lambda _: records.encode_tfrecord(made), [0]),
        "write HDF5": len(made) * rate(lambda _: records.encode_hdf5(made, plan.flavours), [0]),
    }


def _duplicates(count: int = 200_000, whole: float = 3.2e6) -> float:
    """Pictures per second; hashes are random, with a tenth near copies. Time grows a little faster than the number."""
    import numpy as np

    from preprocess.duplicates import close_pairs

    random = np.random.default_rng(0)
    hashes, colors = random.integers(0, 256, (count, 32), np.uint8), random.integers(0, 256, (count, 192), np.uint8)
    places = random.permutation(count)[: count // 5].reshape(2, -1)
    hashes[places[1]], colors[places[1]] = hashes[places[0]], colors[places[0]]
    hashes[places[1], 0] ^= 1
    started = time.process_time()
    close_pairs(hashes, colors, 10)
    return count / (time.process_time() - started) * np.log2(count) / np.log2(whole)


def _draw(seed: int) -> None:
    from preprocess.synthetic import draw

    draw(seed)


def pipeline(shards: str, seconds: float) -> dict[str, float]:
    """Crops of 256 px with line mix and hints: per second of this machine, and CPU milliseconds each."""
    from preprocess.dataset import load
    from preprocess.inspection import throughput

    per_second, cost = throughput(iter(load(shards, "train", size=256, batch=8, repeat=True)), seconds)
    return {"crops per second": round(per_second, 1), "CPU ms per crop": round(cost * 1000, 2),
            "crops per second on 2 free cores": round(2 / cost, 1)}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("art")
    parser.add_argument("--shards", help="folder written by `python -m preprocess`")
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args()
    result: dict[str, Any] = {"pictures per second and core": steps(options.art, options.count)}
    if options.shards:
        result["pipeline"] = pipeline(options.shards, options.seconds)
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
