"""Error against time for every row, forecast and baselines."""

import math

import matplotlib
import numpy as np

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

from report import NAMES  # noqa: E402
from results import OUT_T  # noqa: E402

STYLES = {"forecast": ("#d62728", "-"), "persistence": ("#7f7f7f", "--"), "zero": ("#bcbd22", ":"),
          "time_mean": ("#9467bd", "-."), "mean_field": ("#9467bd", "-."), "dmd": ("#1f77b4", "--"),
          "pod": ("#2ca02c", "--"), "fourier": ("#8c564b", ":"), "fourier_prior": ("#8c564b", "--")}


def draw_row(axis, result):
    errors, measure = result.errors, result.row.measure
    for name, values in errors.series.items():
        colour, style = STYLES.get(name, (None, "-"))
        shown = np.where(values[measure] > 0, values[measure], np.nan)
        axis.plot(errors.times, shown, style, color=colour, lw=2.2 if name == "forecast" else 1.3,
                  label=name.replace("_", " "), zorder=3 if name == "forecast" else 2)
    inside = errors.times[errors.windows != OUT_T]
    if inside.size:
        axis.axvspan(inside.min(), inside.max(), color="0.92", zorder=0)
    for window, most in result.row.wanted.items():
        frames = errors.times[(errors.windows == OUT_T) == (window == "out_t")]
        if frames.size:
            axis.hlines(most, frames.min(), frames.max(), color="k", lw=0.9, ls=(0, (1, 1)))
    axis.set_yscale("log")
    axis.set_title(result.row.label, fontsize=10)
    axis.set_xlabel("time t")
    axis.set_ylabel(NAMES[measure])
    axis.grid(True, alpha=0.3)


def draw(results, path):
    shown = [result for result in results if not result.failure]
    if not shown:
        return
    columns = min(2, len(shown))
    rows = math.ceil(len(shown) / columns)
    figure, axes = plt.subplots(rows, columns, figsize=(6 * columns, 3.2 * rows + 0.8), squeeze=False,
                                layout="constrained")
    for axis, result in zip(axes.flat, shown):
        draw_row(axis, result)
    for axis in list(axes.flat)[len(shown):]:
        axis.set_visible(False)
    entries = {label: line for axis in axes.flat for line, label in zip(*axis.get_legend_handles_labels())}
    figure.legend(entries.values(), entries.keys(), loc="upper center", bbox_to_anchor=(0.5, 0), ncol=6, frameon=False)
    figure.suptitle("Error against time; grey: In-t; dotted: wanted as a mean")
    figure.savefig(path, dpi=110, bbox_inches="tight")
    plt.close(figure)
