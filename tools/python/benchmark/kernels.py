"""Every kernel of src/nn/kernels by itself, for each instruction set of this processor, beside the peak of that set."""

import json
import subprocess
from pathlib import Path

from failure import NO_INPUT, Failure
from report import processor
from scaling_page import quantity, table
from stages import ROOT

SETS = ("v4", "v3", "v2", "portable")
# What a benchmark counts, the most telling first: counter and unit.
COUNTERS = (("flop/s", "flop/s"), ("bytes_per_second", "B/s"), ("items_per_second", "/s"))


def add_arguments(parser):
    parser.add_argument("--output", type=Path, default=Path("runs/benchmark_kernels"), metavar="DIR", help="default %(default)s")
    parser.add_argument("--filter", default=".", metavar="REGEX", help="benchmarks whose name it fits; default all")
    parser.add_argument("--quick", action="store_true", help="hardly any repetitions: tries the path in seconds")
    parser.add_argument("--programs", type=Path, default=ROOT / "build/release/bin", metavar="FOLDER",
                        help="default build/release/bin")


def measure(program, chosen, seconds):
    """Google Benchmark's own JSON."""
    if not program.exists():
        raise Failure(NO_INPUT, f"no {program}; tools/build makes it")
    command = [program, f"--benchmark_filter={chosen}", f"--benchmark_min_time={seconds}", "--benchmark_format=json"]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0 or not done.stdout.strip():
        raise Failure(done.returncode or NO_INPUT, f"{program.name}: nothing fits {chosen!r} {done.stderr.strip()[-200:]}")
    return json.loads(done.stdout)


def rates_of(found):
    """(kernel, type, width or "") -> instruction set -> (rate, unit)."""
    rates = {}
    for entry in found["benchmarks"]:
        kernel, kind, isa, *width = entry["name"].split("/")
        rate, unit = next((entry[counter], unit) for counter, unit in COUNTERS if counter in entry)
        rates.setdefault((kernel, kind, "".join(width).removeprefix("w")), {})[isa] = (rate, unit)
    return rates


def cell(rate, unit, peak):
    share = f" ({100 * rate / peak:.0f} %)" if unit == "flop/s" and peak else ""
    return quantity(rate, unit) + share


def page(found):
    rates = rates_of(found)
    sets = [isa for isa in SETS if any(isa in row for row in rates.values())]
    rows = []
    for (kernel, kind, width), row in rates.items():
        peaks = rates.get(("fma_rounds", kind, ""), {})
        rows.append([kernel, kind, width] + [cell(*row[isa], peaks.get(isa, (0, ""))[0]) if isa in row else "–" for isa in sets])
    text = (f"Kernels of `src/nn/kernels` on {processor()}, one core, for each instruction set that it has; in brackets the part "
            "of the peak of multiply-adds of that set (`fma_rounds`).")
    return f"{text}\n\n{table(['kernel', 'type', 'width', *sets], rows)}\n"


def main(args):
    output = args.output.resolve()
    output.mkdir(parents=True, exist_ok=True)
    found = measure(args.programs.resolve() / "hypercast-microbench", args.filter, 1e-5 if args.quick else 0.1)
    (output / "kernels.json").write_text(json.dumps(found, indent=1) + "\n")
    text = page(found)
    (output / "kernels.md").write_text(text)
    print(text)
    print(f"{output / 'kernels.md'}, kernels.json")
    return 0
