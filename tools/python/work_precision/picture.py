"""One panel a problem: error against core-seconds, a line a method."""

import math

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.lines import Line2D  # noqa: E402

from ladder import by_method, front, ranking  # noqa: E402

COLOURS = {"etdrk4": "#d62728", "arkimex 4": "#1f77b4", "arkimex 5": "#17becf", "rk 4": "#2ca02c", "rk 5dp": "#98a800",
           "rk 8vr": "#00553a", "rosw ra34pw2": "#9467bd", "ssp rk104": "#e377c2", "bdf 4": "#8c564b",
           "dino_imex": "#7f7f7f"}
STYLES = {"spectral": "-", "fd6": "--", "fd4": "-.", "fd2": ":"}


def winners(points, targets):
    """Labels of the methods that are the cheapest at some target, and their costs."""
    ranks = [(target, ranking(points, target)) for target in targets]
    return [(target, rank[0][1], rank[0][0]) for target, rank in ranks if rank]


def draw_panel(axis, problem, points, targets):
    best = winners(points, targets)
    for label, group in by_method(points).items():
        line, method = front(group), group[0].method
        wins = any(label == winner for _, winner, _ in best)
        axis.plot([p.core_seconds for p in line], [p.error for p in line], STYLES[method.backend],
                  color=COLOURS.get(method.integrator_label, "k"), lw=3.2 if wins else 1.1, alpha=1 if wins else 0.75,
                  marker="o", ms=5.5 if wins else 3, mfc="w" if method.adaptive else None, zorder=3 if wins else 2)
    for target, label, cost in best:
        axis.plot(cost, target, "*", color="gold", mec="k", ms=15, zorder=5)
        axis.annotate(label, (cost, target), xytext=(-9, -4), textcoords="offset points", ha="right", va="top",
                      fontsize=9, weight="bold", zorder=6,
                      bbox=dict(boxstyle="round,pad=0.15", fc="w", ec="none", alpha=0.75))
    for target in targets:
        axis.axhline(target, color="0.75", lw=0.8, zorder=1)
    axis.set_xscale("log")
    axis.set_yscale("log")
    axis.set_ylim(min(p.error for p in points) / 3, 3)
    left = min(p.core_seconds for p in points)
    axis.set_xlim(10 ** (math.log10(left) - 1.1), None)
    axis.set_title(problem.title)
    axis.set_xlabel("core-seconds")
    axis.grid(True, which="major", alpha=0.25)


def legend(figure, methods):
    integrators = [name for name in COLOURS if name in {m.integrator_label for m in methods}]
    backends = [name for name in STYLES if name in {m.backend for m in methods}]
    handles = [Line2D([], [], color=COLOURS[name], lw=2.5, label=name) for name in integrators]
    handles += [Line2D([], [], color="k", ls=STYLES[name], label=name) for name in backends]
    if any(m.adaptive for m in methods):
        handles.append(Line2D([], [], color="k", ls="", marker="o", mfc="w", label="adaptive steps"))
    handles.append(Line2D([], [], color="gold", mec="k", ls="", marker="*", ms=13, label="cheapest at this error"))
    figure.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, 0), ncol=8, frameon=False)


def draw(results, targets, path):
    """results: [(problem, points)]"""
    figure, axes = plt.subplots(1, len(results), figsize=(6.2 * len(results), 7), layout="constrained", squeeze=False)
    for axis, (problem, points) in zip(axes[0], results):
        draw_panel(axis, problem, points, targets)
    axes[0][0].set_ylabel("relative $L^2$ error at the end")
    legend(figure, [p.method for _, points in results for p in points])
    figure.savefig(path, dpi=110, bbox_inches="tight")
    plt.close(figure)
