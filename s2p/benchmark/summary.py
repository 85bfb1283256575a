"""A benchmark as markdown for people and JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

NAMES = {"tensorflow": "TensorFlow", "openvino": "OpenVINO", "onnxruntime": "ONNX Runtime", "predict": "Keras predict"}


def write(result: dict[str, Any], path: str | Path) -> None:
    """Writes all figures as JSON; raises `OutputError`."""
    from s2p.files import write_whole

    write_whole(path, (json.dumps(result, indent=1, ensure_ascii=False) + "\n").encode())


def table(result: dict[str, Any]) -> str:
    """The figures as markdown: what it ran on, a line per configuration, and how well each network uses the machine."""
    return "\n".join([*_head(result), "", *_times(result), "", *_networks(result)])


def _head(result: dict[str, Any]) -> Iterator[str]:
    about, plan = result["machine"], result["plan"]
    versions = ", ".join(
        f"{NAMES.get(name, name)} {about['versions'][key]}"
        for name, key in (
            ("tensorflow", "tensorflow-cpu"), ("tensorflow", "tensorflow"), ("openvino", "openvino"),
            ("onnxruntime", "onnxruntime"),
        ) if key in about["versions"]
    )
    size = f"{plan['width']} x {plan['height']}" if plan["width"] else "its own size"
    memory = f", {about['memory_gib']} GiB" if about["memory_gib"] else ""
    yield f"{about['processor']}, {about['cores']} cores{memory}; {versions}; {about['date']}."
    yield (
        f"Sketch {plan['sketch']} at {size}; medians of {plan['repeat']} interleaved rounds, each in a fresh process; "
        "seconds (CPU seconds)."
    )
    if about.get("matrix_product_gflops"):
        yield f"Matrix product of this machine: {about['matrix_product_gflops']:.0f} GFLOP/s."
    if about["load_before"] is not None and about["load_before"] > 0.5:
        yield f"The computer was busy when this began (load {about['load_before']}); only the CPU seconds mean much."
    if not result["complete"]:
        yield "This run was stopped before its end."


def _times(result: dict[str, Any]) -> Iterator[str]:
    yield (
        "| networks | runtime | zoom | start | first start ever | prepare | first painting | after an exact hint "
        "| after a draft hint | peak memory | GFLOP first / exact | share of the peak, first / exact "
        "| faster than the reference, first / exact (CPU) |"
    )
    yield "|---|---|---|---|---|---|---|---|---|---|---|---|---|"
    for row in result["rows"]:
        networks = row["variant"] + ("" if _is_trained(row) else ", random weights")
        name = f"| {networks} | {_runtime(row)} | {row['zoom']:g} |"
        if "tasks" not in row:
            yield f"{name} {row.get('error', 'not finished')} |"
            continue
        tasks, first, exact = row["tasks"], row["tasks"]["first"], row["tasks"]["exact"]
        times = " | ".join(f"{tasks[t]['seconds']:.2f} ({tasks[t]['cpu']:.2f})" for t in ("prepare", "first", "exact",
                                                                                          "draft"))
        ever = f"{row['first_start']:.1f}" if row["first_start"] else ""
        peak = f"{row['peak_mb']:.0f} MB" if row["peak_mb"] else ""
        ratio = ""
        if "ratio" in first:
            ratio = f"{first['ratio']:.1f} / {exact['ratio']:.1f} ({first['cpu_ratio']:.1f} / {exact['cpu_ratio']:.1f})"
        yield (
            f"{name} {row['ready']:.1f} | {ever} | {times} | {peak} | {first['gflop']:.1f} / {exact['gflop']:.1f} | "
            f"{_percent(first)} / {_percent(exact)} | {ratio} |"
        )
    if result["reference"]:
        yield ""
        yield (
            "The reference is the line with Keras `predict`: networks of V3's size at zoom 1, called as the original "
            "calls them. First painting and preparation begin with the picture and nothing remembered."
        )


def _networks(result: dict[str, Any]) -> Iterator[str]:
    yield "| networks | runtime | zoom | network | calls | GFLOP | seconds | share of the peak |"
    yield "|---|---|---|---|---|---|---|---|"
    for row in result["rows"]:
        first = row.get("tasks", {}).get("first")
        if first is None:
            continue
        about = f"| {row['variant']} | {_runtime(row)} | {row['zoom']:g} |"
        for name, one in first["networks"].items():
            yield f"{about} {name} | {one['calls']} | {one['gflop']:.1f} | {one['seconds']:.3f} | {_percent(one)} |"
        rest = first["seconds"] - sum(one["seconds"] for one in first["networks"].values())
        yield f"{about} everything else | | | {rest:.3f} | |"


def _runtime(row: dict[str, Any]) -> str:
    """The runtime's name; networks that it could not take, and that TensorFlow computed, are named."""
    others = [one["name"] for one in row.get("networks", ()) if one["backend"] != row["backend"]]
    return NAMES[row["backend"]] + (f" (TensorFlow: {', '.join(others)})" if others else "")


def _is_trained(row: dict[str, Any]) -> bool:
    return all(one["trained"] for one in row.get("networks", ()))


def _percent(told: dict[str, Any]) -> str:
    return "" if told.get("share_of_peak") is None else f"{100 * told['share_of_peak']:.0f} %"
