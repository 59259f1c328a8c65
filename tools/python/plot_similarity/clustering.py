"""Average-linkage clustering (R. Sokal, C. Michener, Univ. Kansas Sci. Bull. 38 (1958)) of any table of dissimilarities,
also one with holes: the dissimilarity of two clusters is the mean over the pairs that are defined."""

from dataclasses import dataclass

import numpy as np

HOLE = np.finfo(float).max  # the mean of no pairs: farther than all others


@dataclass
class Merge:
    """Two clusters become one. Clusters 0 .. M - 1 are the single models, the m-th merge makes cluster M + m."""
    one: int
    other: int
    height: float  # their dissimilarity; infinite where no pair is defined


def dissimilarities(values, similar_is_large):
    """values [M][M] as distances, up to a constant that no merge depends on; the mean of both directions, or the one
    that is defined. Infinite values count as undefined."""
    known = np.where(np.isfinite(values), values, np.nan)
    both = np.stack([known, known.T])
    counts = np.isfinite(both).sum(axis=0)
    mean = np.where(counts > 0, np.nansum(both, axis=0) / np.maximum(counts, 1), np.nan)
    return -mean if similar_is_large else mean


def average_linkage(distances):
    """The M - 1 merges, nearest clusters first; of equals the first ones. O(M^3), a second for a thousand.

    Sums and numbers of defined pairs follow the recurrence of G. Lance and W. Williams, Comput. J. 9 (1967): those of a
    merged cluster are the sums of its parts'.
    """
    count, merges = len(distances), []
    defined = np.isfinite(distances)
    sums, pairs = np.where(defined, distances, 0.0), defined.astype(float)
    means = np.where(defined, distances, HOLE)
    np.fill_diagonal(means, np.inf)  # infinite: no two clusters
    clusters = list(range(count))  # in whose row a cluster is; merged ones share the row of the first
    for number in range(count, 2 * count - 1):
        i, j = sorted(np.unravel_index(np.argmin(means), means.shape))
        merges.append(Merge(clusters[i], clusters[j], float(means[i, j]) if means[i, j] < HOLE else np.inf))
        for table in (sums, pairs):
            table[i] += table[j]
            table[:, i] = table[i]
        alive = np.isfinite(means[i])
        means[i, alive] = np.where(pairs[i] > 0, sums[i] / np.maximum(pairs[i], 1), HOLE)[alive]
        means[:, i] = means[i]
        means[j] = means[:, j] = np.inf
        clusters[i] = number
    return merges


def leaf_order(distances, merges):
    """Models from one end of the tree to the other. At each merge the two ends that are the most alike touch."""
    def gap(a, b):
        return distances[a, b] if np.isfinite(distances[a, b]) else np.inf

    leaves = {model: [model] for model in range(len(distances))}
    for number, merge in enumerate(merges, start=len(distances)):
        one, other = leaves.pop(merge.one), leaves.pop(merge.other)
        ways = [(a, b) for a in (one, one[::-1]) for b in (other, other[::-1])]
        first, second = min(ways, key=lambda way: gap(way[0][-1], way[1][0]))
        leaves[number] = first + second
    order, = leaves.values()
    return order if order[0] <= order[-1] else order[::-1]


def tree_lines(order, merges, leaf_height):
    """Brackets to draw the tree with: [(places of the two parts, their heights, height of the merge)], places counted
    along the order. Merges of infinite height are drawn a little above the highest finite one."""
    place = {model: float(at) for at, model in enumerate(order)}
    height = dict.fromkeys(order, leaf_height)
    finite = [merge.height for merge in merges if np.isfinite(merge.height)]
    top = max(finite, default=leaf_height)
    above = top + 0.08 * ((top - leaf_height) or 1.0)
    lines = []
    for number, merge in enumerate(merges, start=len(order)):
        one, other = sorted((merge.one, merge.other), key=place.get)
        height[number] = merge.height if np.isfinite(merge.height) else above
        place[number] = (place[one] + place[other]) / 2
        lines.append(((place[one], place[other]), (height[one], height[other]), height[number]))
    return lines
