#!/usr/bin/env python3
"""tools/compare_torch: its small case where PyTorch is there, its message where it is not, and, with NumPy alone, what it
reads from hypercast-train: parameters, batch, loss and gradient."""
import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from runs import BIN, MPIEXEC, SOURCE, InFolder, main, write

PYTHON = SOURCE / "tools/python"
sys.path[:0] = [str(PYTHON / "compare_torch"), str(PYTHON)]
os.environ["PATH"] = os.pathsep.join([str(Path(MPIEXEC).resolve().parent), os.environ["PATH"]])

from agreement import demand  # noqa: E402
from batch import batch_of  # noqa: E402
from cases import CASES  # noqa: E402
from failure import Failure  # noqa: E402
from trainer import Trainer, layout_of, time_of_step  # noqa: E402


def compare(*words, **variables):
    """Without torch.compile, which takes half a minute for the small case too."""
    return subprocess.run([SOURCE / "tools" / "compare_torch", "--programs", BIN, *words], capture_output=True, text=True,
                          timeout=120, stdin=subprocess.DEVNULL,
                          env={**os.environ, "HYPERCAST_PYTHON": sys.executable, "TORCHDYNAMO_DISABLE": "1", **variables})


def loss_of(case, batch, layout, phi):
    """In double precision, with tanh in the trunk."""
    blocks = [phi[offset:offset + rows * columns].reshape(rows, columns) for _, offset, rows, columns in layout]
    h = batch.features.astype(float)
    for weight, bias in zip(blocks[:-2:2], blocks[1:-2:2]):
        h = np.tanh(h @ weight.T + bias.T)
    errors = []
    for theta, targets in zip(h @ blocks[-2].T + blocks[-1].T, batch.targets):
        a, at = batch.points.astype(float), 0
        for inputs, outputs, omega in case.inr_layers:
            weight, bias = theta[at:at + outputs * inputs].reshape(outputs, inputs), theta[at + outputs * inputs:]
            a = a @ weight.T + bias[:outputs]
            a = a if omega is None else np.sin(omega * a)
            at += outputs * (inputs + 1)
        errors.append(np.mean((a - targets) ** 2))
    return np.mean(errors)


class WithoutTorch(InFolder):
    def test_what_hypercast_train_leaves_is_read_right(self):
        case = CASES["small"]
        trainer = Trainer(case, Path.cwd(), BIN, 2, "tanh")
        start = trainer.run(20)
        one = trainer.run(1, start.checkpoint)
        batch, phi = batch_of(case, start.facts), start.phi.astype(float)
        loss = loss_of(case, batch, start.layout, phi)
        self.assertLess(abs(one.loss / loss - 1), 1e-5)
        half = np.random.default_rng(0).random(phi.size) < 0.5
        for part in (1, half):  # a wrong entry shows in one of the slopes
            along = one.gradient * part / np.linalg.norm(one.gradient * part)
            ahead, behind = (loss_of(case, batch, start.layout, phi + step * along) for step in (1e-5, -1e-5))
            self.assertLess(abs((ahead - behind) / 2e-5 / (one.gradient @ along) - 1), 1e-4)
        self.assertGreater(one.milliseconds, 0)
        self.assertGreater(one.memory, 1)

    def test_layout_and_timers(self):
        self.assertEqual(layout_of("head.weight 6 3 2\ntrunk.layer0.weight 0 2 3\n"),
                         [("trunk.layer0.weight", 0, 2, 3), ("head.weight", 6, 3, 2)])
        parts = {"read": {"calls": 1, "max_s": 9}, "frames": {"calls": 4, "max_s": 2}, "optimiser": {"calls": 2, "max_s": 1}}
        self.assertEqual(time_of_step(parts), (1000, "frames + optimiser"))
        self.assertEqual(time_of_step({**parts, "step": {"calls": 10, "max_s": 6}}), (600, "step"))
        self.assertRaises(Failure, time_of_step, {"read": {"calls": 1, "max_s": 9}})

    def test_differences_end_it(self):
        good = {"loss": 1e-6, "gradient": 1e-6, "gradient_torch_double": 1e-6, "gradient_hypercast_double": 1e-6}
        demand(good)
        demand({**good, "last_loss": 1e-3})
        for name, value in (("loss", 2e-5), ("gradient", 2e-4), ("gradient", float("nan")), ("last_loss", 0.1)):
            with self.assertRaisesRegex(Failure, f"^the {name.replace('_', ' ')} of hypercast and that of PyTorch") as caught:
                demand({**good, name: value})
            self.assertEqual(caught.exception.code, 76)

    def test_what_is_missing_is_said(self):
        write("without/torch.py", "raise ImportError('none here')\n")
        done = self.exits(78, compare("--case", "small", PYTHONPATH=str(Path("without").resolve())))
        self.assertRegex(done.stderr, r"^compare_torch: error: no PyTorch for \S+ \(none here\): "
                         r"apt-get install python3-torch, or [^\n]*\n$")
        done = self.exits(64, compare("--case", "none"))
        self.assertRegex(done.stderr, r"^compare_torch: error: [^\n]*'none'[^\n]*\n$")
        with self.assertRaisesRegex(Failure, "tools/build makes it"):
            Trainer(CASES["small"], Path.cwd(), Path("nowhere"), 1, "tanh")


class WithTorch(InFolder):
    def test_the_small_case(self):
        done = self.exits(0, compare("--case", "small", "--rounds", "2", "--output", "compared"))
        result = json.loads(Path("compared/comparison.json").read_text())
        small = result["cases"]["small"]
        self.assertLess(small["differences"]["gradient"], 1e-4)
        self.assertLess(small["differences"]["gradient_hypercast_double"], 1e-4)
        self.assertLess(small["differences"]["last_loss"], 1e-2)
        self.assertLess(small["losses"]["torch"], small["losses"]["first"], "it learns")
        self.assertEqual([len(small[side]["all"]) for side in ("torch", "hypercast")], [2, 2])
        self.assertAlmostEqual(small["ratio"], small["torch"]["median"] / small["hypercast"]["median"])
        self.assertEqual(small["parameters"], 16 * (5 + 1) + 16 * (16 + 1) + 354 * (16 + 1))
        self.assertLessEqual({"processor", "torch", "matrix_library", "threads"}, set(result["machine"]))
        evaluation = small["evaluation"]
        self.assertLess(evaluation["difference"], 1e-5)
        for name in ("one_call", "chunks"):
            self.assertEqual([len(evaluation[name]["all"][side]) for side in ("torch", "hypercast")], [2, 2])
            self.assertAlmostEqual(evaluation[name]["ratio"], evaluation[name]["torch"] / evaluation[name]["hypercast"])
        self.assertEqual([file.name for file in sorted(Path("compared").iterdir())], ["comparison.json", "comparison.txt"])
        self.assertIn(Path("compared/comparison.txt").read_text().splitlines()[-1], done.stdout)


if not find_spec("torch"):
    del WithTorch  # the message is what there is to test

if __name__ == "__main__":
    main()
