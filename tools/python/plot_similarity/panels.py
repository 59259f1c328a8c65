"""One measure: a heat map with its tree, or the values of single models as points."""

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.ticker import MaxNLocator

from clustering import average_linkage, dissimilarities, leaf_order, tree_lines
from colours import ink_on, scale_of

MOST_NUMBERS = 12  # models up to which values are printed in the cells
MOST_NAMES = 60    # beyond them only some models are named
MOST_LETTERS = 32


def shortened(name):
    """Long names lose their middle: what tells them apart tends to be at an end."""
    keep = (MOST_LETTERS - 1) // 2
    return name if len(name) <= MOST_LETTERS else f"{name[:keep]}…{name[-keep:]}"


def number_text(value, bounded):
    """Of at most six letters."""
    if bounded:
        return f"{value:.2f}".replace("-0.00", "0.00")
    short = f"{value:.3g}"
    mantissa, _, exponent = f"{value:.1e}".partition("e")
    return short if "e" not in short else f"{mantissa}e{int(exponent)}"


def subtitle(measure):
    notes = [] if measure.similar_is_large else ["small is similar"]
    if measure.of_pairs and not measure.symmetric:
        notes.append("not symmetric: X is the row, Y the column")
    if np.isfinite(measure.median_error()):
        notes.append(f"median standard error {measure.median_error():.2g}")
    missing, reasons = measure.undefined()
    if missing:
        notes.append(f"{missing} undefined" + (f": {', '.join(reasons)}" if reasons else ""))
    return "   ".join(notes)


def title(axis, measure):
    axis.annotate(measure.name, (0, 1), (0, 21), xycoords="axes fraction", textcoords="offset points", fontsize=12,
                  weight="bold")
    axis.annotate(subtitle(measure), (0, 1), (0, 7), xycoords="axes fraction", textcoords="offset points", fontsize=8.5,
                  color="0.3")


def name_models(axis, names, size, both):
    """Names along the right side, and along the bottom too. Of many only some."""
    step = -(-len(names) // MOST_NAMES)
    places, shown = range(0, len(names), step), [shortened(name) for name in names[::step]]
    axis.set_yticks(places, shown, fontsize=size)
    axis.yaxis.tick_right()
    if both:
        axis.set_xticks(places, shown, fontsize=size, rotation=90)
    axis.tick_params(length=0 if step == 1 else 2, pad=2)


def mark_undefined(patch):
    patch.set(facecolor="0.93", edgecolor="0.65", hatch="//////", linewidth=0)


def print_numbers(axis, values, measure, cmap, norm, size):
    bounded = np.isfinite([measure.lower, measure.upper]).all()
    for (i, j), value in np.ndenumerate(values):
        if np.isfinite(value):
            axis.text(j, i, number_text(value, bounded), ha="center", va="center", fontsize=size,
                      color=ink_on(cmap(norm(value))))


def draw_tree(axis, measure, distances, order, merges):
    """The root to the left. Heights are values of the measure: at which mean of their pairs two clusters meet."""
    sign = -1.0 if measure.similar_is_large else 1.0
    best = measure.upper if measure.similar_is_large else measure.lower
    known = distances[~np.eye(len(distances), dtype=bool) & np.isfinite(distances)]
    leaf = sign * best if np.isfinite(best) else known.min(initial=np.inf) if known.size else 0.0
    brackets = [np.column_stack([sign * np.array([heights[0], height, height, heights[1]]), np.repeat(places, 2)])
                for places, heights, height in tree_lines(order, merges, leaf)]
    axis.add_collection(LineCollection(brackets, colors="0.25", linewidths=0.9))
    axis.autoscale_view()
    axis.set_ylim(len(order) - 0.5, -0.5)
    axis.xaxis.set_inverted(not measure.similar_is_large)
    axis.set_yticks([])
    axis.xaxis.set_major_locator(MaxNLocator(3))
    axis.tick_params(labelsize=7, length=2, pad=1)
    axis.spines[["left", "right", "top"]].set_visible(False)
    if not known.size:
        axis.set_axis_off()


def draw_groups(axis, groups, colours):
    axis.imshow([[colours.get(group, (1, 1, 1, 1))] for group in groups], aspect="auto", interpolation="nearest")
    axis.set_axis_off()


def draw_pairs(axes, measure, table, colours, size):
    """axes: of the map, the tree, the groups and the colour bar."""
    distances = dissimilarities(measure.values, measure.similar_is_large)
    merges = average_linkage(distances)
    order = leaf_order(distances, merges)
    values, (cmap, norm) = measure.values[np.ix_(order, order)], scale_of(measure)
    heat = axes["map"]
    if not np.isfinite(values).all():
        mark_undefined(heat.patch)
    image = heat.imshow(np.ma.masked_invalid(values), cmap=cmap, norm=norm, aspect="auto", interpolation="nearest")
    name_models(heat, [table.names[i] for i in order], size, both=True)
    if len(order) <= MOST_NUMBERS:
        print_numbers(heat, values, measure, cmap, norm, size)
    heat.figure.colorbar(image, cax=axes["bar"])
    axes["bar"].tick_params(labelsize=8)
    if not measure.similar_is_large:
        axes["bar"].invert_yaxis()  # similar is up
    draw_tree(axes["tree"], measure, distances, order, merges)
    draw_groups(axes["groups"], [table.groups[i] for i in order], colours)
    title(heat, measure)


def draw_models(axis, measure, table, colours, size):
    """Values of single models, the best on top, undefined ones at the bottom."""
    badness = -measure.values if measure.similar_is_large else measure.values
    order = np.argsort(badness, kind="stable")  # NaN comes last
    values, places = measure.values[order], np.arange(len(order))
    inks = [colours.get(table.groups[i], "0.25") for i in order]
    axis.scatter(values, places, s=16, c=inks, zorder=3)
    if measure.errors is not None:
        axis.hlines(places, values - measure.errors[order], values + measure.errors[order], colors=inks, lw=1.5)
    for place in places[~np.isfinite(values)]:
        mark_undefined(axis.axhspan(place - 0.5, place + 0.5))
    axis.set_ylim(len(order) - 0.5, -0.5)
    axis.grid(True, axis="x", alpha=0.3)
    axis.tick_params(labelsize=8)
    name_models(axis, [table.names[i] for i in order], size, both=False)
    title(axis, measure)
