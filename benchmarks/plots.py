"""Draws sizes, start times and rebuild times as SVG, readable on light and on dark pages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.samples import Samples
from benchmarks.variants import ALL, Variant

# Mid-grey text and colours of middle lightness show on white and on black alike.
TEXT = "#808080"
COLOURS = {"ours": "#2a9d55", "before": "#8792a2", "peer": "#8792a2", "reference": "#c9a227"}
SECOND = "#d2691e"
mpl.rcParams.update(
    {
        "svg.fonttype": "none",
        "svg.hashsalt": "node-multi-stage",
        "font.family": "sans-serif",
        "font.size": 11,
        "text.color": TEXT,
        "xtick.color": TEXT,
        "ytick.color": TEXT,
        "axes.labelcolor": TEXT,
    }
)
# The subject, the measure, one to draw below it, and the title.
FILES = {
    "benchmark-sizes.svg": ("greeting", "image_mb", "", "Image, MB"),
    "benchmark-starts.svg": ("greeting", "start_ms", "", "Start to the first 200, ms"),
    "benchmark-rebuilds.svg": ("greeting", "edit_s", "dependency_s", "Rebuild after an edit, s"),
    "benchmark-service-sizes.svg": ("service", "image_mb", "", "A real service: image, MB"),
    "benchmark-service-starts.svg": ("service", "start_ms", "", "A real service: start to the first 200, ms"),
    "benchmark-service-rebuilds.svg": ("service", "edit_s", "dependency_s", "A real service: rebuild after an edit, s"),
}


def write(folder: Path, samples: Samples) -> list[str]:
    """Write the plots for which there are measurements; returns their file names."""
    names = []
    for name, (subject, measure, second, title) in FILES.items():
        variants = [v for v in ALL if v.subject == subject and is_drawn(v) and samples.has(measure, v.key)]
        if variants:
            picture = draw(samples, variants, measure, second, title)
            picture.savefig(folder / name, transparent=True, metadata={"Date": None})
            names.append(name)
    return names


def is_drawn(variant: Variant) -> bool:
    """Whether a variant is in the pictures: an answer other than `none` has its own figures."""
    return not variant.answers.keys() & {"database", "metrics"}


def draw(samples: Samples, variants: Sequence[Variant], measure: str, second: str, title: str) -> Figure:
    """Return horizontal bars of medians, the lowest on top; `second` draws a thin bar below each."""
    ordered = sorted(variants, key=lambda variant: samples.median(measure, variant.key))
    two = bool(second) and all(samples.has(second, variant.key) for variant in ordered)
    figure = Figure(figsize=(8, 0.9 + (0.5 if two else 0.36) * len(ordered)), layout="constrained")
    axes = figure.subplots()
    rows = [-float(row) for row in range(len(ordered))]
    values = [samples.median(measure, variant.key) for variant in ordered]
    shift, height = (0.2, 0.36) if two else (0.0, 0.7)
    colours = [COLOURS[variant.kind] for variant in ordered]
    bars(axes, [row + shift for row in rows], values, colours, height, measure)
    if two:
        others = [samples.median(second, variant.key) for variant in ordered]
        bars(axes, [row - shift for row in rows], others, [SECOND] * len(ordered), height, second)
        title = f"{title.removesuffix(', s')} (upper bar) and a new dependency (lower, orange), s"
    axes.set_title(title, loc="left", fontsize=12)
    axes.set_yticks(rows, [variant.label for variant in ordered])
    axes.tick_params(length=0)
    axes.set_xticks([])
    axes.patch.set_visible(False)
    axes.margins(x=0.1, y=0.02)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return figure


def bars(axes: Axes, rows: list[float], values: list[float], colours: list[str], height: float, measure: str) -> None:
    """Draw bars with their value at the end."""
    drawn = axes.barh(rows, values, height=height, color=colours)
    digits = 2 if measure.endswith("_s") else 0
    axes.bar_label(drawn, [f"{value:.{digits}f}" for value in values], padding=4, color=TEXT)
