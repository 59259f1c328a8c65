#!/usr/bin/env python3
"""tools/work_precision from the solver to the picture, in its small form, and the arithmetic behind its tables."""
import csv
import math
import re
import subprocess
import sys
from pathlib import Path

from runs import BIN, SOURCE, InFolder, main

sys.path.insert(0, str(SOURCE / "tools" / "python" / "work_precision"))

from ladder import Point, cost_at, front, ranking  # noqa: E402
from problems import Method, burgers, cole_hopf  # noqa: E402
from solver import relative_error  # noqa: E402


def point(cost, error, method=Method("spectral", "rk", "4", (64,), (0.1,))):
    return Point(method, 64, 0.1, error, cost, cost)


class Precision(InFolder):
    def test_the_small_form(self):
        done = subprocess.run([SOURCE / "tools" / "work_precision", "--quick", "--output", "study", "--solver",
                               BIN / "hypercast-solve"], capture_output=True, text=True, stdin=subprocess.DEVNULL)
        self.exits(0, done)
        self.assertEqual((Path("study/work_precision.png").read_bytes()[:4]), b"\x89PNG")
        self.assertIn(Path("study/tables.txt").read_text().split("\n\n")[0], done.stdout)
        with open("study/points.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual({row["problem"] for row in rows}, {"burgers", "kuramoto_sivashinsky", "navier_stokes"})
        for row in rows:
            self.assertGreater(float(row["core_seconds"]), 0)
            self.assertGreater(float(row["error"]), 0)
        differences = [float(text) for text in re.findall(r" differ by (\S+)", done.stdout)]
        self.assertEqual(len(differences), 3)
        self.assertLess(max(differences), 1e-6, "two references of one problem")
        self.assertRegex(done.stdout, r"\nburgers +1e-03 +\w+ \w+.* \d+ points, step 0\.\d+")
        self.assertRegex(done.stdout, r"\ndino_imex +0\.001 +0\.\d+ +\d\.\d\de-0\d\netdrk4 +0\.05 .*\netdrk4 +0\.02 ")
        self.assertRegex(done.stdout, r"256 points: 0\.\d+ ms a step of etdrk4")
        # Halving the step of a method of order 4, where the step is what limits it.
        errors = [float(row["error"]) for row in rows if row["problem"] == "kuramoto_sivashinsky" and
                  row["backend"] == "spectral" and row["integrator"] == "etdrk4"]
        self.assertAlmostEqual(math.log2(errors[-2] / errors[-1]), 4, delta=0.8)

    def test_what_is_wrong_is_said(self):
        done = subprocess.run([SOURCE / "tools" / "work_precision", "--quick", "--output", "none", "--solver", "nowhere"],
                              capture_output=True, text=True)
        self.exits(1, done)
        self.assertEqual(done.stderr, "work_precision: no nowhere; tools/build makes it\n")

    def test_a_front_leaves_out_what_is_beaten(self):
        a, b, c, wild = point(1, 1e-2), point(2, 1e-1), point(4, 1e-6), point(0.5, 1e9)
        self.assertEqual(front([c, b, wild, a]), [a, c])
        self.assertEqual(front([a, point(1.2, 2e-2), c], slack=1.5), [a, point(1.2, 2e-2), c])

    def test_costs_lie_on_straight_lines_between_points(self):
        line = [point(1, 1e-2), point(100, 1e-6)]
        self.assertAlmostEqual(cost_at(line, 1e-4), 10)
        self.assertAlmostEqual(cost_at(line, 1e-6), 100)
        self.assertEqual(cost_at(line, 0.5), 1)
        self.assertEqual(cost_at(line, 1e-7), math.inf)

    def test_the_cheapest_comes_first(self):
        dear = Method("fd2", "rk", "4", (64,), (0.1,))
        found = ranking([point(1, 1e-2), point(100, 1e-6), point(30, 1e-5, dear)], 1e-4)
        self.assertEqual([label for _, label, _ in found], ["spectral rk 4", "fd2 rk 4"])
        self.assertEqual(found[1][0], 30)
        self.assertEqual(len(ranking([point(1, 1e-2), point(30, 1e-5, dear)], 1e-4)), 1)

    def test_errors_are_compared_where_grids_meet(self):
        fine = cole_hopf(64)
        self.assertLess(relative_error(cole_hopf(16), fine), 1e-13)
        self.assertLess(relative_error(fine, cole_hopf(16)), 1e-13)
        self.assertAlmostEqual(relative_error(1.01 * fine, fine), 0.01)
        self.assertEqual(burgers(True).error(None), math.inf)


if __name__ == "__main__":
    main()
