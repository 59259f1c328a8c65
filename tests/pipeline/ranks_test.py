#!/usr/bin/env python3
"""The number of ranks changes the time that a study takes and nothing else: bytes are compared."""
import csv
import os
from pathlib import Path
from unittest import mock

from runs import InFolder, good, main, newest_checkpoint, payload, run, sets, together

RANKS = (1, 2, 3, 4)
TRAINING_RANKS = (*RANKS, 6, 8)
MODELS = {
    "full": sets("train.points=12"),
    "last_layer": sets("hypernetwork.head=last_layer", "condition.encoder=time_spectral", "train.loss=relative",
                       "condition.time_spectral.modes=6"),
    "low_rank": sets("hypernetwork.head=low_rank", "hypernetwork.low_rank.rank=2", "train.batch=7"),
    "by_leaves": sets("train.points=12", "train.trunk=data_parallel", "train.clip=0.0"),
    "replicas": sets("train.points=12", "train.replicas=2"),
}


class Ranks(InFolder):
    @classmethod
    def prepare(cls):
        good("solve", "deck.toml")

    def train(self, model, ranks, *settings, folder=None, more=()):
        good("train", "deck.toml", "--output", folder or f"{model}-{ranks}", *more, *MODELS[model],
             *sets("data.path=runs/deck/data/train", "train.steps=25", "train.validate_every=10", *settings),
             ranks=ranks)

    def test_solve(self):
        cases = {"one": sets(),
                 "walls": sets("pde.name=heat", "grid.boundary=[\"neumann\"]", "initial.modes=[]",
                               "initial.family=random_field", "grid.points=[12, 20]", "time.step=0.02",
                               "grid.order=2", "grid.upper=[1.0]", "pde.heat.diffusivity=0.01"),
                 "many": sets("ensemble.train=4", "ensemble.trajectories_per_file=2", "initial.modes=[]",
                              "ensemble.valid=1")}
        together([lambda case=case, ranks=ranks: good("solve", "deck.toml", "--output", f"{case}-{ranks}",
                                                      *cases[case], ranks=ranks)
                  for case in cases for ranks in (1, 2, 4)])
        for case in cases:
            files = sorted(file.relative_to(f"{case}-1") for file in Path(f"{case}-1").rglob("*.hdf5"))
            self.assertEqual(len(files), 3 if case == "many" else 1)
            for ranks in (2, 4):
                for file in files:
                    with self.subTest(case=case, ranks=ranks, file=file):
                        self.same_payload(Path(f"{case}-1", file), Path(f"{case}-{ranks}", file))

    def test_train(self):
        together([lambda model=model, ranks=ranks: self.train(model, ranks)
                  for model in MODELS for ranks in TRAINING_RANKS])
        for model in MODELS:
            first = newest_checkpoint(f"{model}-1")
            self.assertIn("train/second_moment", payload(first))
            self.assertIn("@payload_hash", payload(first))
            for ranks in TRAINING_RANKS[1:]:
                with self.subTest(model=model, ranks=ranks):
                    self.same_payload(first, newest_checkpoint(f"{model}-{ranks}"))
                    self.assertEqual(Path(f"{model}-1/metrics.csv").read_bytes(),
                                     Path(f"{model}-{ranks}/metrics.csv").read_bytes())

    def test_ranks_without_work_are_told_of(self):
        """Five frames in leaves of two are three leaves: more ranks than that have none."""
        for ranks, calibrate, idle in ((3, "true", 0), (4, "true", 1), (5, "false", 2)):
            with self.subTest(ranks=ranks):
                done = self.exits(0, run("train", "deck.toml", "--output", f"idle-{ranks}",
                                         *sets("data.path=runs/deck/data/train", "train.steps=12", "train.batch=5",
                                               f"train.calibrate={calibrate}", "run.ranks_per_node=2"), ranks=ranks))
                self.assertEqual(done.stderr.count("have no frames of a step"), min(idle, 1), done.stderr)
                if idle:
                    self.assertIn(f"warning: {idle} of {ranks} ranks have no frames of a step: a batch of 5 frames makes 3 "
                                  "leaves; ", done.stderr)
                self.assertRegex(done.stdout, r"\nphases of 12 steps, isa \w+, " + (
                    "beside their floors at " if calibrate == "true" else r"without floors: \[train\] calibrate is off\n"))
                self.assertEqual("\ngrid: replicas 1, trunk replicated" in done.stdout, calibrate == "true")
                self.assertEqual(len(Path(f"idle-{ranks}/timing.csv").read_text().splitlines()), 9)
        too_few = good("train", "deck.toml", "--output", "too-few", *sets("data.path=runs/deck/data/train", "train.steps=9",
                                                                          "train.calibrate=true"))
        self.assertNotIn("phases of", too_few)
        self.assertNotIn("calibration", too_few)
        self.assertFalse(Path("too-few/timing.csv").exists())

    def test_instruction_sets(self):
        """AVX2 and AVX-512 give the same bits, where a processor has both."""
        made = {}
        for name in ("portable", "v3", "v4"):
            with mock.patch.dict(os.environ, HYPERCAST_ISA=name):
                if name == "portable" or run("train", "--version").returncode == 0:
                    self.train("full", 2, folder=name)
                    made[name] = newest_checkpoint(name)
        if "v3" in made:  # without fused multiply-adds the last bits are others
            self.assertNotEqual(payload(made["portable"]), payload(made["v3"]))
        if "v4" in made:
            self.same_payload(made["v3"], made["v4"])

    def test_another_grid_goes_on(self):
        """Two groups of two ranks, then one of three: the replicas are those of the deck."""
        keep = ("train.checkpoint_every=10", "train.keep_last=5")
        self.train("replicas", 4, *keep, folder="begun")
        self.train("replicas", 3, *keep, folder="ended", more=("--resume", "begun/ckpt/step-000000010.h5"))
        self.same_payload(newest_checkpoint("begun"), newest_checkpoint("ended"))

    def test_nodes(self):
        """Four ranks that share memory by twos, as on two machines; with two replicas each has one."""
        for model in ("full", "replicas"):
            one, two_by_two = f"{model}-one", f"{model}-two-by-two"
            together([lambda: self.train(model, 1, folder=one),
                      lambda: self.train(model, 4, "run.ranks_per_node=2", folder=two_by_two)])
            self.same_payload(newest_checkpoint(one), newest_checkpoint(two_by_two))

    def test_forecast(self):
        good("train", "deck.toml", *sets("train.steps=5"))
        together([lambda ranks=ranks: good(
            "forecast", "deck.toml", "--output", f"forecast-{ranks}",
            *sets("forecast.checkpoint=runs/deck/ckpt/step-000000005.h5", "forecast.reference=runs/deck/data/train"),
            ranks=ranks) for ranks in RANKS])
        for ranks in RANKS[1:]:
            for name in ("burgers.hdf5", "burgers_errors.hdf5"):
                with self.subTest(ranks=ranks, name=name):
                    self.same_payload(Path("forecast-1/forecast", name), Path(f"forecast-{ranks}/forecast", name))
        with open("forecast-3/forecast/burgers_errors.csv") as file:
            self.assertEqual(len(list(csv.reader(file))), 22)


if __name__ == "__main__":
    main()
