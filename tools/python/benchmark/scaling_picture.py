"""Time of a step and efficiency against the number of ranks: measured as points, modelled as broken lines."""

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

from scaling_page import rows_of  # noqa: E402

COLOURS = {"strong": "#d62728", "weak": "#1f77b4"}
GRIDS = {"default": (":", "one replica"), "recommended": ("--", "best grid")}


def model_lines(axis, bench, column, factor):
    for scaling, colour in COLOURS.items():
        for grid, (style, label) in GRIDS.items():
            rows = rows_of(bench, f"model.{scaling}.{grid}")
            axis.plot([row["ranks"] for row in rows], [factor * row[column] for row in rows], style, color=colour, lw=1.4,
                      label=f"model, {scaling}, {label}")


def finish(axis, figure, title, path):
    axis.set_xscale("log", base=2)
    axis.set_xlabel("ranks")
    axis.set_title(title)
    axis.grid(True, alpha=0.3)
    axis.legend(fontsize=8)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def draw(bench, measured, folder):
    figure, axis = plt.subplots(figsize=(7, 4.5), layout="constrained")
    model_lines(axis, bench, "floor_s", 1e3)
    for scaling, colour in COLOURS.items():
        points = [m for m in measured if m.scaling == scaling]
        middle = [1e3 * m.median for m in points]
        spread = [[y - 1e3 * m.quartiles[0] for y, m in zip(middle, points)], [1e3 * m.quartiles[2] - y for y, m in zip(middle, points)]]
        axis.errorbar([m.ranks for m in points], middle, spread, fmt="o", color=colour, label=f"measured, {scaling}")
    axis.set_yscale("log")
    axis.set_ylabel("time of a step, ms")
    finish(axis, figure, "Time of a step: measured (points), model (lines)", folder / "time.png")

    figure, axis = plt.subplots(figsize=(7, 4.5), layout="constrained")
    model_lines(axis, bench, "efficiency", 100)
    axis.set_ylim(0, None)
    axis.set_ylabel("efficiency, %")
    finish(axis, figure, "Efficiency: model", folder / "efficiency.png")
