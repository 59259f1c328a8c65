#!/usr/bin/env python3
"""tools/benchmark in its small forms, what it makes again and what not, and the arithmetic of its table."""
import csv
import os
import subprocess
import sys
import unittest
from pathlib import Path
from types import SimpleNamespace

import h5py
import numpy as np

from runs import BIN, SOURCE, InFolder, main

sys.path[:0] = [str(SOURCE / "tools" / "python" / "benchmark"), str(SOURCE / "tools" / "python")]

from failure import Failure  # noqa: E402
from report import is_met, markdown, number  # noqa: E402
from results import read_errors  # noqa: E402
from rows import ROWS, TRAININGS, Row  # noqa: E402
from scaling import Measured, differences, step_seconds  # noqa: E402
from scaling_page import measured_row, quantity  # noqa: E402
from training import CASES, Steps  # noqa: E402
from training_page import page as training_page  # noqa: E402


def benchmark(*words):
    return subprocess.run([SOURCE / "tools" / "benchmark", "forecasting", "--programs", BIN, *words],
                          capture_output=True, text=True, stdin=subprocess.DEVNULL)


def programs_run(done):
    return [app for line in done.stdout.splitlines() if line.startswith("+")
            for app in ("solve", "train", "forecast") if f"hypercast-{app} " in line]


ERRORS = """t,window,forecast_relative_l2,forecast_mse,forecast_max,zero_relative_l2,zero_mse,zero_max
0,0,0.1,1,2,1,1,1
1,1,0.3,3,2,1,1,1
2,2,0.05,5,2,1,1,1
3,2,0.2,7,2,1,1,1
"""


class Comparisons(InFolder):
    def test_the_small_form(self):
        done = subprocess.run([SOURCE / "tools" / "benchmark", "similarity", "--quick", "--programs", BIN, "--output", "compared"],
                              capture_output=True, text=True, stdin=subprocess.DEVNULL)
        self.exits(0, done)
        self.assertRegex(done.stdout, r"pairs: 6 models, 64 rows, 32 columns, .*largest difference \d\.\de-1[5-9]")
        self.assertRegex(done.stdout, r"operations at \d+\.\d GF/s take")
        self.assertRegex(done.stdout, r"delta: 5 models")


class Speed(InFolder):
    def run_tool(self, *words):
        done = subprocess.run([SOURCE / "tools" / "benchmark", *words, "--quick", "--programs", BIN], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, env={**os.environ, "TORCHDYNAMO_DISABLE": "1"})
        return self.exits(0, done)

    def test_the_section_on_training(self):
        done = self.run_tool("training", "--output", "training", "--no-torch")
        text = Path("training/training.md").read_text()
        self.assertIn(text, done.stdout)
        self.assertEqual([line.split(" | ")[0] for line in text.splitlines() if line.startswith(("| 32", "| 64", "| 128"))],
                         ["| 32", "| 64", "| 128"])
        steps = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| small")]
        ranks = min(2, len(os.sched_getaffinity(0)))
        self.assertEqual([cells[:2] for cells in steps], [["small", str(r)] for r in range(1, ranks + 1)])
        for _, _, measured, floor, share, *rest in steps:
            self.assertGreater(float(measured), 0)
            self.assertGreater(float(rest[-1]), 1)
        self.assertLessEqual(max(len(line) for line in text.splitlines() if not line.startswith("|")), 125)
        self.assertEqual(" ".join(text.split()).count("times as fast as one"), ranks - 1)
        self.assertEqual(" ".join(text.split()).count("% of a step."), ranks - 1)
        self.assertIn("PyTorch was left out.", text)

    def test_the_table_of_kernels(self):
        self.run_tool("kernels", "--output", "kernels", "--filter", "w32|fma|values_sine")
        text = Path("kernels/kernels.md").read_text()
        head, _, *rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("|")]
        self.assertEqual(head[:3] + head[-1:], ["kernel", "type", "width", "portable"])
        named = {tuple(cells[:3]) for cells in rows}
        self.assertLessEqual({("multiply", "float", "32"), ("adam_of_product", "double", "32"), ("values_sine", "float", "")}, named)
        peak = next(cells for cells in rows if cells[:2] == ["fma_rounds", "float"])
        self.assertTrue(all(cell.endswith("flop/s (100 %)") for cell in peak[3:]), peak)


class SpeedPage(unittest.TestCase):
    """The page beside PyTorch, from numbers that are made up."""

    def test_what_is_measured_stands_beside_floor_and_pytorch(self):
        def measured(name, median, bound=None):
            return {"name": name, "median": median, "fraction": bound and median / bound, "bound": bound and {"value": bound}}

        def bench(floor):
            rates = [measured(f"{name}.alone", 8e10, 1e11) for name in
                     ("kernels.frame.w64", "kernels.values.w64", "evaluation.one_call", "evaluation.chunks")]
            return {"machine": {"processor": "some", "cores": 2, "hypervisor": ""},
                    "run": {"kernels": "v3", "compiler": "a compiler", "mpi": "an MPI", "cpu_share": 0.5},
                    "items": [*rates, measured("fma.float.alone", 1e11), measured("fma.float.together", 9e10),
                              {"name": "step.time", "median": 1, "bound": {"value": floor}}],
                    "tables": [{"name": "sums", "columns": ["terms", "numbers", "ordered_s", "allreduce_s", "difference_s"],
                                "rows": [[134, 2048, 3e-5, 1e-5, 2e-5]]}]}

        case = CASES["dense"]
        steps = [Steps(case, 1, bench(8e-3), [10, 11, 9], 40), Steps(case, 2, bench(4e-3), [5, 5, 6], 30)]
        sides = {"hypercast": 200, "torch": 800, "ratio": 4}
        torch = {"machine": {"torch": "1.13", "matrix_library": "libopenblas"},
                 "cases": {"dense": {"torch": {"median": 25}, "ratio": 2.5,
                                     "evaluation": {"points": 1000000, "one_call": sides, "chunks": sides}}}}
        text = " ".join(training_page(steps, torch, "").split())
        self.assertIn("| dense | 1 | 10.00 | 8.00 | 80 % | 25.0 | 2.50 | 40 |", text)
        self.assertIn("| dense | 2 | 5.00 | 4.00 | 80 % | – | – | 30 |", text)
        self.assertIn("| in one call | 80.0 | 80 % | 200 | 800 | 4.0 |", text)
        self.assertIn("2 ranks are 2.00 times as fast as one. The floors allow 2.00, the multiply-adds of this machine 1.80", text)
        self.assertIn("The difference is 0.4 % of a step.", text)
        self.assertIn("**Other programs ran**: rank 0 had a processor 50 % of the time.", text)
        without = training_page(steps[:1], None, "No PyTorch is installed here.")
        self.assertIn("| dense | 1 | 10.00 | 8.00 | 80 % | – | – | 40 |", without)
        self.assertNotIn("On two ranks", without)
        self.assertTrue(without.endswith("No PyTorch is installed here.\n"))


class Scaling(InFolder):
    def test_the_small_form(self):
        done = subprocess.run([SOURCE / "tools" / "benchmark", "scaling", "--quick", "--programs", BIN, "--output", "scaling"],
                              capture_output=True, text=True, stdin=subprocess.DEVNULL)
        self.exits(0, done)
        text = Path("scaling/scaling.md").read_text()
        self.assertIn(text, done.stdout)
        for picture in ("time.png", "efficiency.png"):
            self.assertEqual(Path("scaling", picture).read_bytes()[:4], b"\x89PNG")
            self.assertIn(f"({picture})", text)
        for ranks in (4, 8):
            self.assertIn(f"- {ranks} ranks, more than there need be cores: the checkpoint is the same as on one rank", text)
        timed = [line.split(" | ") for line in text.splitlines() if line.startswith(("| strong", "| weak"))]
        ranks = range(1, min(2, len(os.sched_getaffinity(0))) + 1)
        self.assertEqual([cells[:3] for cells in timed],
                         [["| strong", str(r), "32"] for r in ranks] + [["| weak", str(r), str(16 * r)] for r in ranks])
        # Whatever is modelled stands in a column or under a heading that says so.
        measured, model = text.split("## Model\n")
        self.assertEqual(measured.count("model: "), 1, "one column of floors")
        heads = [line for line in model.splitlines() if line.startswith("| ranks")]
        self.assertEqual(len(heads), 2)
        for head in heads:
            self.assertEqual([cell for cell in head.strip("| ").split(" | ") if not cell.startswith("model: ")], ["ranks", "frames"])
        self.assertEqual(model.count("\n| 4096 | "), 2)

    def test_a_step_is_the_sum_of_its_parts(self):
        def timer(seconds, calls=4):
            return {"max_s": seconds, "calls": calls}

        parts = {"trunk": timer(1), "frames": timer(4), "exchange": timer(2), "optimiser": timer(1), "validation": timer(50, 1)}
        self.assertEqual(step_seconds({"timers": parts}), (2, 0.25))
        self.assertEqual(step_seconds({"timers": {**parts, "step": timer(10, 5)}}), (2, 0.2))
        with self.assertRaises(Failure):
            step_seconds({"timers": {"validation": timer(1)}})

    def test_what_differs_is_named(self):
        for name, value, date in (("a.h5", 1.0, "then"), ("b.h5", 1.0, "now"), ("c.h5", 2.0, "then")):
            with h5py.File(name, "w") as file:
                file["phi"], file["text"], file["provenance/date"] = np.full(3, value), "the same", date
        self.assertEqual(differences("a.h5", "b.h5"), [])
        self.assertEqual(differences("a.h5", "c.h5"), ["phi"])
        with h5py.File("b.h5", "a") as file:
            file["more"] = 1
        self.assertEqual(differences("a.h5", "b.h5"), ["more"])

    def test_efficiency_and_rates(self):
        bench = {"items": [{"name": f"fma.float.{who}", "median": rate} for who, rate in (("alone", 2e9), ("together", 1e9))],
                 "tables": [{"name": f"model.{scaling}.default", "columns": ["ranks", "floor_s"], "rows": [[1, 0.5], [2, 0.3]]}
                            for scaling in ("strong", "weak")]}
        measured = [Measured("strong", 1, 4, [1.0, 0.9, 1.2], 0), Measured("strong", 2, 4, [0.625], 0.1),
                    Measured("weak", 1, 2, [0.5], 0), Measured("weak", 2, 4, [0.625], 0.1)]
        shape = SimpleNamespace(flops=lambda frames: 1e8 * frames)
        rows = [measured_row(bench, measured, entry, shape)[3:] for entry in measured]
        self.assertEqual(rows[0], ["1e+03", "950 – 1.1e+03", "100 %", "400 Mflop/s", "20.0 %", "0.0 %", "500", "50 %"])
        self.assertEqual(rows[1], ["625", "625 – 625", "80 %", "640 Mflop/s", "32.0 %", "10.0 %", "300", "48 %"])
        self.assertEqual([row[2] for row in rows[2:]], ["100 %", "80 %"])
        self.assertEqual([quantity(value, "s") for value in (0, 1.5e-7, 0.9996, 999.6, 2.5e-12)],
                         ["0 s", "150 ns", "1 s", "1 ks", "0.0025 ns"])

    def test_what_is_wrong_is_said(self):
        def scaling(*words):
            return subprocess.run([SOURCE / "tools" / "benchmark", "scaling", "--output", "x", *words], capture_output=True, text=True)

        self.assertRegex(self.exits(66, scaling("--programs", "nowhere")).stderr, "^benchmark: no .*hypercast-solve; tools/build makes it")
        self.assertIn("only ranks with a core of their own are timed", self.exits(64, scaling("--programs", BIN, "--ranks", "1", "4096")).stderr)


class Benchmark(InFolder):
    def test_the_small_form(self):
        rows = ("--row", "burgers1d_direct", "--row", "burgers1d_galerkin", "--quick", "--output", "bench")
        done = benchmark(*rows)
        self.exits(0, done)
        self.assertEqual(programs_run(done), ["solve", "train", "forecast", "forecast"], "one set and one training")
        for picture in ("bench/errors.png", "bench/rows/burgers1d_galerkin/fields.png"):
            self.assertEqual(Path(picture).read_bytes()[:4], b"\x89PNG")
        table = Path("bench/table.md").read_text()
        self.assertIn(table, done.stdout)
        self.assertRegex(table, r"\| burgers1d, galerkin \| rel\. L2 \| \S+ / \S+ \| – / ≤ 1\.0e-3 \|")
        with open("bench/table.csv", newline="") as file:
            found = {(row["row"], row["series"]): row for row in csv.DictReader(file)}
        self.assertEqual({series for _, series in found}, {"forecast", "persistence", "zero", "time_mean", "dmd"})
        galerkin, direct = (float(found[name, "forecast"]["relative_l2_out_t"])
                            for name in ("burgers1d_galerkin", "burgers1d_direct"))
        self.assertLess(galerkin, direct)

        self.assertEqual(programs_run(benchmark(*rows)), ["forecast", "forecast"], "sets and trainings are kept")
        self.assertEqual(programs_run(benchmark(*rows[:2], *rows[4:], "--fresh")), ["solve", "train", "forecast"])
        given = benchmark(*rows[:2], "--quick", "--output", "other", "--data", "burgers1d=bench/sets/burgers1d")
        self.exits(0, given)
        self.assertEqual(programs_run(given), ["train", "forecast"])

    def test_what_is_wrong_is_said(self):
        done = benchmark("--row", "nothing")
        self.exits(64, done)
        self.assertEqual(done.stderr, "benchmark: there is no row nothing; --list shows all\n")
        done = benchmark("--data", "burgers1d=nowhere")
        self.exits(64, done)
        self.assertIn("no data/train in 'nowhere'", done.stderr)
        done = benchmark("--programs", "nowhere")
        self.exits(66, done)
        self.assertIn("tools/build makes it", done.stderr)

    def test_rows_name_what_there_is(self):
        self.assertEqual(len({row.name for row in ROWS}), len(ROWS))
        for row in ROWS:
            deck = TRAININGS[row.training].deck
            self.assertTrue((SOURCE / "inputs" / f"{deck}.toml").exists(), deck)
            self.assertIn(row.measure, ("mse", "relative_l2"))
            self.assertLessEqual(set(row.wanted), {"in_t", "out_t"})

    def test_means_and_demands(self):
        Path("run/forecast").mkdir(parents=True)
        Path("run/forecast/a_errors.csv").write_text(ERRORS)
        errors = read_errors(Path("run"))
        self.assertEqual([errors.mean("forecast", "mse", window) for window in ("in_t", "out_t")], [2, 6])
        self.assertEqual(errors.valid_until("forecast"), 1)
        self.assertEqual(errors.valid_until("forecast", 0.5), None)
        row = Row("a", "a set", "burgers1d", measure="mse", wanted={"in_t": 2, "out_t": 6})
        self.assertIs(is_met(row, errors), True)
        self.assertIs(is_met(Row("a", "a", "burgers1d", wanted={"out_t": 5.9}), errors), False)
        self.assertIsNone(is_met(Row("a", "a", "burgers1d"), errors))
        self.assertEqual([number(value) for value in (None, 1.234e-5, 0, float("nan"), float("inf"))],
                         ["–", "1.2e-5", "0.0e0", "nan", "inf"])
        result = SimpleNamespace(row=row, errors=errors, failure="", training_seconds=90, forecast_seconds=6)
        failed = SimpleNamespace(row=row, errors=None, failure="no", training_seconds=0, forecast_seconds=0)
        lines = markdown([result, failed], 2).splitlines()
        self.assertTrue(lines[2].startswith("| a set | MSE | 2.0e0 / 6.0e0 | ≤ 2.0e0 / ≤ 6.0e0 | yes | – | 1.0e0 / 1.0e0 |"))
        self.assertTrue(lines[2].endswith("| 1.5 + 0.1 min |"))
        self.assertTrue(lines[3].startswith("| a set | MSE | failed |"))
        self.assertEqual(len({line.count("|") for line in lines[:4]}), 1)


if __name__ == "__main__":
    main()
