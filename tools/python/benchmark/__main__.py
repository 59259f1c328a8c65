"""Makes the tables of the README from nothing.

    tools/benchmark forecasting [--output DIR] [--row NAME]... [--fresh] [--quick]
    tools/benchmark similarity  [--output DIR] [--case NAME]... [--quick]
    tools/benchmark scaling     [--output DIR] [--quick]
    tools/benchmark training    [--output DIR] [--quick] [--no-torch]
    tools/benchmark kernels     [--output DIR] [--quick] [--filter REGEX]

forecasting: every row of the table is solved, trained and forecast with the programs and the decks of inputs/, and compared with
what must be beaten. Data sets and trainings are kept in DIR (default runs/benchmark) and made again only when their deck
has changed, or with --fresh; forecasts are made each time. DIR gets table.md (for the README), table.csv (every number),
errors.png (error against time, all rows) and for every row rows/NAME/fields.png (reference, forecast, difference).

Exit code 1 when a row failed or misses what is wanted of it.

similarity: comparisons of many models, timed beside a loop over pairs in NumPy and beside the operations they need at the
rate at which this machine does them, all in one run.

scaling: time of a training step on one and on two ranks, with as many frames in all and with as many a rank; the checkpoints of
4 and 8 ranks compared with that of one; and, from what hypercast-bench measures, a model of up to 4096 ranks. DIR gets scaling.md,
time.png and efficiency.png, in which whatever is modelled says so. Exit code 1 when checkpoints differ.

training: the section of the README on its speed, as training.md: passes of INRs, their evaluation, whole steps of two models
on one and two ranks beside their floors and beside PyTorch (tools/compare_torch), ordered sums, memory.

kernels: every kernel of src/nn/kernels by itself, for each instruction set of this processor, as kernels.md.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import forecasting  # noqa: E402
import kernels  # noqa: E402
import scaling  # noqa: E402
import similarity  # noqa: E402
import training  # noqa: E402
from failure import Failure  # noqa: E402


def main():
    about = __doc__.split("\n\n")
    parser = argparse.ArgumentParser(prog="tools/benchmark", description=about[0] + "\n\n" + "\n\n".join(about[2:]),
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    one = commands.add_parser("forecasting", help="the table of forecasts")
    forecasting.add_arguments(one)
    similarity.add_arguments(commands.add_parser("similarity", help="times of comparisons of models"))
    scaling.add_arguments(commands.add_parser("scaling", help="time of a training step against the number of ranks"))
    training.add_arguments(commands.add_parser("training", help="the speed of training, beside its floor and PyTorch"))
    kernels.add_arguments(commands.add_parser("kernels", help="the speed of every kernel, by instruction set"))
    args = parser.parse_args()
    try:
        return {"forecasting": forecasting, "similarity": similarity, "scaling": scaling, "training": training,
                "kernels": kernels}[args.what].main(args)
    except Failure as failure:
        print(f"benchmark: {failure}", file=sys.stderr)
        return failure.code


if __name__ == "__main__":
    sys.exit(main())
