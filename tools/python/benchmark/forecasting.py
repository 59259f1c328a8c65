"""The rows of the table of forecasts, one after the other."""

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from failure import USAGE, Failure
from picture import draw
from report import is_met, markdown, write_csv
from results import read_errors
from rows import ROWS, TRAININGS
from stages import ROOT, Stages

PLOT = ROOT / "tools" / "python" / "plot.py"


@dataclass
class Result:
    row: object
    errors: object = None
    training_seconds: float = 0.0
    forecast_seconds: float = 0.0
    failure: str = ""


def add_arguments(parser):
    parser.add_argument("--output", type=Path, default=Path("runs/benchmark"), metavar="DIR", help="default %(default)s")
    parser.add_argument("--row", action="append", metavar="NAME", help="this one only; may be repeated")
    parser.add_argument("--list", action="store_true", help="the names of the rows")
    parser.add_argument("--fresh", action="store_true", help="make data sets and trainings anew, too")
    parser.add_argument("--quick", action="store_true", help="hardly any training: tries the path in seconds")
    parser.add_argument("--ranks", type=int, default=2, metavar="N", help="of every program; default %(default)s")
    parser.add_argument("--data", action="append", default=[], metavar="DECK=FOLDER",
                        help="the run folder of a set that is solved already; may be repeated")
    parser.add_argument("--programs", type=Path, default=ROOT / "build/release/bin", metavar="FOLDER",
                        help="default build/release/bin")


def given_sets(words):
    given = {}
    for word in words:
        deck, _, folder = word.partition("=")
        if not (Path(folder) / "data" / "train").is_dir():
            raise Failure(USAGE, f"--data {word}: no data/train in '{folder}'")
        given[deck] = Path(folder).resolve()
    return given


def chosen_rows(names):
    known = {row.name: row for row in ROWS}
    for name in names or ():
        if name not in known:
            raise Failure(USAGE, f"there is no row {name}; --list shows all")
    return [known[name] for name in names] if names else ROWS


def measure(row, stages, quick):
    training = TRAININGS[row.training]
    settings = training.settings + (training.quick if quick else ())
    folder, seconds = stages.training(row.training, training.deck, settings)
    data = stages.data_set(training.deck, settings)
    forecast = stages.forecast(row.name, folder, data, training.deck,
                               settings + row.settings + (row.quick if quick else ()), row.reference)
    subprocess.run([sys.executable, PLOT, forecast, "--reference", data / "data" / row.reference, "--output",
                    forecast / "fields.png"], check=True, stdout=subprocess.DEVNULL)
    return Result(row, read_errors(forecast), seconds, stages.seconds)


def main(args):
    if args.list:
        for row in ROWS:
            print(f"{row.name:<34} {row.label}")
        return 0
    output = args.output.resolve()
    rows = chosen_rows(args.row)
    stages = Stages(output, args.programs.resolve(), args.ranks, args.fresh, given_sets(args.data))
    output.mkdir(parents=True, exist_ok=True)
    started, results = time.monotonic(), []
    for row in rows:
        try:
            results.append(measure(row, stages, args.quick))
        except Failure as failure:
            print(f"benchmark: {row.name}: {failure}", file=sys.stderr, flush=True)
            results.append(Result(row, failure=str(failure)))
        # As it grows, since rows take minutes.
        table = markdown(results, args.ranks)
        (output / "table.md").write_text(table)
        write_csv(results, output / "table.csv")
        draw(results, output / "errors.png")
    print("\n" + table)
    print(f"{time.monotonic() - started:.0f} s; {output / 'table.md'}, table.csv, errors.png, rows/*/fields.png")
    missed = [r for r in results if r.failure or (not args.quick and is_met(r.row, r.errors) is False)]
    return 1 if missed else 0
