"""Colours that are as different as the numbers they stand for: a lightness that rises evenly (viridis), or falls evenly
to both sides of zero (K. Moreland, Diverging color maps for scientific visualization, ISVC 2009)."""

import matplotlib
import numpy as np
from matplotlib.colors import Normalize


def scale_of(measure):
    """Colour map and range. The range is the one the measure promises; where it promises none, that of the values.
    Light or red is similar."""
    known = measure.values[np.isfinite(measure.values)]
    low = measure.lower if np.isfinite(measure.lower) else known.min(initial=0.0)
    high = measure.upper if np.isfinite(measure.upper) else known.max(initial=low)
    if measure.lower < 0:
        reach = max(abs(low), abs(high)) or 1.0
        low, high = -reach, reach
    if low == high:
        high = low + 1.0
    name = "coolwarm" if measure.lower < 0 else "viridis"
    return matplotlib.colormaps[name if measure.similar_is_large else name + "_r"], Normalize(low, high)


def ink_on(colour):
    """Black or white, whichever can be read."""
    linear = np.where(np.array(colour[:3]) <= 0.04045, np.array(colour[:3]) / 12.92,
                      ((np.array(colour[:3]) + 0.055) / 1.055) ** 2.4)
    return "k" if linear @ (0.2126, 0.7152, 0.0722) > 0.18 else "w"


def group_colours(groups):
    """Group -> colour; nothing to tell apart when there is one group, or more than can be told apart."""
    distinct = list(dict.fromkeys(group for group in groups if group))
    if len(distinct) < 2 or len(distinct) > 20:
        return {}
    palette = matplotlib.colormaps["tab10" if len(distinct) <= 10 else "tab20"]
    return {group: palette(i) for i, group in enumerate(distinct)}
