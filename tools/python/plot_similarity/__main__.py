"""One picture of how similar models are: a heat map for each measure.

    tools/plot_similarity RUN_FOLDER_OR_FILE [--measure ID]... [--output PNG]

Reads RUN_FOLDER/similarity/similarity.hdf5. Models are in the order of an average-linkage clustering by the measure
itself; the tree beside the map has the measure's values at which clusters meet, and the strip between them the groups of
the models. Clusters of a measure that is not symmetric come from the mean of both directions. Bright or red is similar,
also where the measure is a distance; hatched cells have no value. Measures of single models are drawn as points with
their standard errors.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from arguments import Parser  # noqa: E402
from failure import CANNOT_CREATE, USAGE, Failure, exit_code  # noqa: E402
from picture import draw  # noqa: E402
from similarity_file import read_table  # noqa: E402

PICTURES = (".png", ".pdf", ".svg")


def parse():
    parser = Parser("tools/plot_similarity", __doc__)
    parser.add_argument("source", type=Path, metavar="RUN_FOLDER_OR_FILE")
    parser.add_argument("--measure", action="append", default=[], metavar="ID",
                        help="this one only; may be repeated; default: all")
    parser.add_argument("--output", type=Path, metavar="PNG", help="default: beside the file, with its name")
    return parser.parse_args()


def run(args):
    path = args.source / "similarity" / "similarity.hdf5" if args.source.is_dir() else args.source
    table = read_table(path, args.measure)
    output = args.output or path.with_suffix(".png")
    if output.suffix not in PICTURES:
        raise Failure(USAGE, f"{output} ends in none of {', '.join(PICTURES)}")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        draw(table, f"{path}: {len(table.names)} model{'s' * (len(table.names) > 1)}", output)
    except OSError as error:
        raise Failure(CANNOT_CREATE, f"{output} cannot be written: {error}") from error
    print(output)


if __name__ == "__main__":
    sys.exit(exit_code("plot_similarity", lambda: run(parse())))
