"""The figure: panels side by side, placed in inches, so that a cell is a cell whatever the length of the names."""

import math

import matplotlib

matplotlib.use("Agg")
matplotlib.rcParams["text.parse_math"] = False  # names are names
import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.patches import Patch  # noqa: E402
from matplotlib.textpath import TextPath  # noqa: E402

from colours import group_colours  # noqa: E402
from panels import MOST_NAMES, MOST_NUMBERS, draw_models, draw_pairs, shortened  # noqa: E402

TREE, GROUPS, BAR = 0.95, 0.1, 0.14   # widths
LEFT, GAP, BAR_TICKS = 0.15, 0.05, 0.6
TITLE, HEAD, LEGEND = 0.65, 0.45, 0.22  # heights: of a panel's title, of the figure's head, of a line of its legend
POINTS, LEGEND_FONT = 72, 9  # points an inch


def text_width(text, size):
    """In inches."""
    return TextPath((0, 0), text, size=size).vertices[:, 0].max(initial=0.0) / POINTS


class Panel:
    """Sizes of a panel for a table's models."""

    def __init__(self, table):
        models = len(table.names)
        cell = 0.46 if models <= MOST_NUMBERS else 0.2 if models <= MOST_NAMES // 2 else 0.125
        self.side = min(max(cell * models, 3.4), 7.5)
        self.font = min(9.0, 0.82 * POINTS * self.side / min(models, MOST_NAMES))
        self.names = 0.1 + max(text_width(shortened(name), self.font) for name in table.names)
        self.width = LEFT + TREE + GAP + GROUPS + GAP + self.side + self.names + GAP + BAR + BAR_TICKS
        self.height = TITLE + self.side + max(self.names, 0.3) + 0.15

    def boxes(self, x, y):
        """Part -> (left, bottom, width, height) for a panel whose upper left corner is at x, y."""
        bottom, map_left = y - TITLE - self.side, x + LEFT + TREE + GROUPS + 2 * GAP
        return {"tree": (x + LEFT, bottom, TREE, self.side), "map": (map_left, bottom, self.side, self.side),
                "groups": (map_left - GAP - GROUPS, bottom, GROUPS, self.side),
                "bar": (map_left + self.side + self.names + GAP, bottom, BAR, self.side)}


def place(figure, box):
    width, height = figure.get_size_inches()
    return figure.add_axes((box[0] / width, box[1] / height, box[2] / width, box[3] / height))


def legend_columns(colours, width):
    entry = 0.6 + max(text_width(shortened(group), LEGEND_FONT) for group in colours)
    return min(len(colours), max(1, int(width / entry)))


def draw_legend(figure, colours):
    width = figure.get_figwidth()
    figure.legend(handles=[Patch(color=colour, label=shortened(group)) for group, colour in colours.items()],
                  loc="lower left", bbox_to_anchor=(0, 0), ncol=legend_columns(colours, width), frameon=False, fontsize=LEGEND_FONT)


def draw(table, head, output):
    panel, colours, count = Panel(table), group_colours(table.groups), len(table.measures)
    columns = min(count, max(1, round(math.sqrt(1.3 * count))))
    width, below = columns * panel.width, 0.0
    if colours:
        below = 0.15 + LEGEND * -(-len(colours) // legend_columns(colours, width))
    height = -(-count // columns) * panel.height + HEAD + below
    figure = plt.figure(figsize=(width, height))
    figure.text(LEFT / width, 1 - 0.3 / height, head, fontsize=11)
    for number, measure in enumerate(table.measures):
        row, column = divmod(number, columns)
        boxes = panel.boxes(column * panel.width, height - HEAD - row * panel.height)
        if measure.of_pairs:
            draw_pairs({part: place(figure, box) for part, box in boxes.items()}, measure, table, colours, panel.font)
        else:
            draw_models(place(figure, boxes["map"]), measure, table, colours, panel.font)
    if colours:
        draw_legend(figure, colours)
    figure.savefig(output, dpi=110)
    plt.close(figure)
