#!/usr/bin/env python3
"""tools/benchmark in its small forms, what it makes again and what not, and the arithmetic of its table."""
import csv
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

from runs import BIN, SOURCE, InFolder, main

sys.path[:0] = [str(SOURCE / "tools" / "python" / "benchmark"), str(SOURCE / "tools" / "python")]

from report import is_met, markdown, number  # noqa: E402
from results import read_errors  # noqa: E402
from rows import ROWS, TRAININGS, Row  # noqa: E402


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
