"""Training steps of one model in PyTorch and in hypercast, in one run.

    tools/compare_torch [--case NAME]... [--output DIR] [--ranks N] [--rounds N] [--activation NAME] [--programs FOLDER]

Both sides train the same hypernetwork (time_fourier encoder, MLP trunk, full head, SIREN) on the same made-up frames, all
of them and all points in each step, in single precision, with Adam at one rate and without clipping. First hypercast-train
takes 20 steps; from its parameters both compute loss and gradient, which have to agree to rounding: 1e-5 and 1e-4
(relative; the gradient in L2). For scale the same gradient is also computed by PyTorch in double precision.

Then both take steps, in turns: some by PyTorch, in the fastest of the ways that its version has (batched or frame by frame,
through torch.compile or not; the forms of Adam), then a run of hypercast-train, whose timers are read from run.json. A
ratio is one of medians over the rounds; above 1 hypercast is faster. The losses after the steps of such a run have to
agree to 1e-2. At last both evaluate the INR of one frame at 10^6 points (dense), in one call and in chunks of 4096, again in
turns and after their values have agreed to 1e-5.

    dense   many points a frame: the INR is the work     large   a head of 26 million parameters is
    small   seconds: tries the path

DIR (default runs/compare_torch) gets comparison.txt, the table, and comparison.json, every number, with the versions.
N ranks stand beside N threads of PyTorch. Any PyTorch from 1.13 on will do: Debian's, or that of another Python with h5py
and matplotlib, HYPERCAST_PYTHON=/path/to/python tools/compare_torch. Its times depend on its matrix library, which the
table names.

Exit code 76 when loss or gradient differ, 78 without PyTorch.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from arguments import Parser, positive  # noqa: E402
from failure import ENVIRONMENT, Failure, exit_code  # noqa: E402

ROOT = Path(__file__).resolve().parents[3]


def parse():
    parser = Parser("tools/compare_torch", __doc__)
    parser.add_argument("--case", action="append", choices=("dense", "large", "small"), metavar="NAME",
                        help="this one only; may be repeated; default dense and large")
    parser.add_argument("--output", type=Path, default=Path("runs/compare_torch"), metavar="DIR", help="default %(default)s")
    parser.add_argument("--ranks", type=positive, default=1, metavar="N", help="and threads of PyTorch; default %(default)s")
    parser.add_argument("--rounds", type=positive, default=7, metavar="N", help="default %(default)s")
    parser.add_argument("--activation", choices=("gelu", "silu", "tanh"), default="silu",
                        help="of the trunk; default %(default)s")
    parser.add_argument("--programs", type=Path, default=ROOT / "build/release/bin", metavar="FOLDER",
                        help="default build/release/bin")
    return parser.parse_args()


def run(args):
    # Before the libraries are loaded that look at them.
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = str(args.ranks)
    try:
        import torch
    except ImportError as error:
        raise Failure(ENVIRONMENT, f"no PyTorch for {sys.executable} ({error}): apt-get install python3-torch, or let "
                      "HYPERCAST_PYTHON name a Python that has it") from error
    if tuple(map(int, torch.__version__.split(".")[:2])) < (1, 13):
        raise Failure(ENVIRONMENT, f"PyTorch {torch.__version__} is too old: 1.13 is needed")
    import comparison
    comparison.run(args)


if __name__ == "__main__":
    sys.exit(exit_code("compare_torch", lambda: run(parse())))
