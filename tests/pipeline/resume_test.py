#!/usr/bin/env python3
"""Runs that are stopped in every way and go on later end where an uninterrupted run ends, to the last bit."""
import os
import shutil
import signal
from pathlib import Path

import h5py

from runs import (InFolder, end_of, good, main, newest_checkpoint, payload, ranks_of, records, run, sets, start,
                  steps_of, together, tree, wait_until, write)

STEPS, EVERY = 400, 100
# Few and long steps, a few seconds in all, so that a signal finds the run at work; a row of metrics for each.
DATA = sets("pde.name=advection_diffusion", "pde.advection_diffusion.diffusivity=1e-4", "grid.points=[1024]",
            "time.step=5e-3")
LONG = sets(f"train.steps={STEPS}", "train.metrics_every=1", "inr.siren.width=64",
            f"train.checkpoint_every={EVERY}", "train.keep_last=3", "train.validate_every=150",
            "data.path=runs/deck/data/train")


def train(folder, *args, ranks=1, **more):
    return run("train", "deck.toml", "--output", folder, *LONG, *args, ranks=ranks, **more)


def step_of(checkpoint):
    with h5py.File(checkpoint) as file:
        return int(file["train/step"][()])


def flipped(content):
    """One bit in the middle is another."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1:]


class Training(InFolder):
    @classmethod
    def prepare(cls):
        good("solve", "deck.toml", *DATA)
        good("train", "deck.toml", "--output", "whole", *LONG, ranks=2)

    def interrupt(self, folder, ranks, stop, *args):
        """Trains until some steps are done, calls `stop`, and returns the step that the run ended with."""
        before = len(steps_of(folder))
        process = start("train", "deck.toml", "--output", folder, *LONG, *args, ranks=ranks)
        wait_until(lambda: len(steps_of(folder)) > before + 20, process)
        stop(process)
        self.assertEqual(end_of(process), 75, Path("train.log").read_text())
        step = step_of(newest_checkpoint(folder))
        self.assertRegex(Path("train.log").read_text(), f"stopped step {step} .*: go on with --resume auto")
        self.assertEqual(steps_of(folder), list(range(1, step + 1)))
        return step

    def ends_like_the_whole(self, folder):
        self.same_payload(newest_checkpoint("whole"), newest_checkpoint(folder))
        self.assertEqual(Path("whole/metrics.csv").read_text(), Path(folder, "metrics.csv").read_text())

    def test_every_way_to_stop(self):
        auto = ("--resume", "auto")
        steps = [self.interrupt("stops", 2, lambda process: process.send_signal(signal.SIGUSR1))]
        with self.subTest("SIGTERM to one rank of three"):
            steps.append(self.interrupt("stops", 3, lambda process: os.kill(ranks_of(process)[2], signal.SIGTERM),
                                        *auto))
        with self.subTest("a STOP file that was there before"):
            write("stops/STOP", "")
            done = self.exits(75, train("stops", *auto, ranks=2))
            self.assertIn("stops/STOP asks this run to stop", done.stderr)
            steps.append(step_of(newest_checkpoint("stops")))
            self.assertEqual(steps[2], steps[1] + 1)
            Path("stops/STOP").unlink()
        with self.subTest("run.max_walltime"):
            self.exits(75, train("stops", *auto, *sets("run.max_walltime=0.01")))
            steps.append(step_of(newest_checkpoint("stops")))
        self.assertEqual(steps, sorted(set(steps)))
        done = self.exits(0, train("stops", *auto, ranks=2))
        self.assertIn(f"resume from stops/ckpt/step-{steps[-1]:09}.h5", done.stdout)
        self.ends_like_the_whole("stops")
        self.assertEqual([line["exit_code"] for line in records("stops")], [75] * 4 + [0])

    def test_a_stop_file_while_it_runs(self):
        # It is looked for once a second, so this run could go on for minutes.
        self.interrupt("stop-file", 2, lambda process: write("stop-file/STOP", ""), *sets("inr.siren.width=300"))

    def test_usr2_writes_a_checkpoint_and_goes_on(self):
        settings = sets("train.checkpoint_every=0", "train.checkpoint_interval=0")
        process = start("train", "deck.toml", "--output", "goes-on", *LONG, *settings, ranks=3)
        wait_until(lambda: len(steps_of("goes-on")) > 20, process)
        process.send_signal(signal.SIGUSR2)
        self.assertEqual(end_of(process), 0)
        # One more at most for each rank that gets the signal a step later.
        *early, last = (step_of(file) for file in sorted(Path("goes-on/ckpt").glob("step-*.h5")))
        self.assertTrue(early)
        self.assertLess(20, early[0])
        self.assertLess(early[-1], STEPS)
        self.assertEqual(last, STEPS)
        self.ends_like_the_whole("goes-on")

    def test_kill_loses_no_more_than_since_the_last_checkpoint(self):
        process = start("train", "deck.toml", "--output", "killed", *LONG, ranks=2)
        wait_until(lambda: len(steps_of("killed")) > 2 * EVERY + 10, process)
        for rank in ranks_of(process):
            os.kill(rank, signal.SIGKILL)
        end_of(process)
        with open("killed/metrics.csv", "a") as file:
            file.write("99")  # a line that the kill cut short
        done = self.exits(0, train("killed", "--resume", "auto"))
        self.assertRegex(done.stdout, r"resume from killed/ckpt/step-000000[23]00\.h5")
        self.ends_like_the_whole("killed")

    def test_damaged_checkpoints_are_passed_over(self):
        for folder in ("truncated", "flipped", "all"):
            shutil.copytree("whole", folder)
        last, second = (f"ckpt/step-{step:09}.h5" for step in (STEPS, STEPS - EVERY))
        for file, change in ((Path("truncated", last), lambda content: content[:-1000]),
                             (Path("flipped", last), lambda content: b""),
                             (Path("flipped", second), flipped)):
            file.write_bytes(change(file.read_bytes()))
        for file in Path("all/ckpt").iterdir():
            file.write_bytes(b"not a checkpoint at all")
        found = together([lambda: train("truncated", "--resume", "auto", ranks=2),
                          lambda: train("flipped", "--resume", "auto", ranks=3),
                          lambda: train("all", "--resume", "auto", *sets("train.steps=2"))])
        for folder, skipped, done in zip(("truncated", "flipped", "all"), (1, 2, 3), found):
            with self.subTest(folder):
                self.exits(0, done)
                warnings = [line for line in done.stderr.splitlines() if "warning: " in line]
                self.assertEqual(len(warnings), skipped, done.stderr)
                for line in warnings:
                    self.assertRegex(line, r"/step-\d+\.h5: (damaged|truncated|not a hypercast checkpoint)")
        self.ends_like_the_whole("truncated")
        self.ends_like_the_whole("flipped")
        self.assertIn("no checkpoint that verifies, a fresh start", found[2].stdout)
        # What a fresh start replaces is moved, not lost, damaged or not.
        self.assertEqual(len(list(Path("all/previous-1/ckpt").iterdir())), 3)

    def test_finished_runs_and_fresh_starts(self):
        shutil.copytree("whole", "again")
        before = {Path(name).name: content for name, content in tree("again/ckpt").items()}
        self.exits(0, train("again", "--resume", "auto", ranks=2))
        self.assertEqual({Path(name).name: content for name, content in tree("again/ckpt").items()}, before)
        self.exits(0, train("again", *sets("train.steps=5")))
        self.assertEqual({Path(name).name: content for name, content in tree("again/previous-1/ckpt").items()}, before)
        self.assertEqual(steps_of("again"), list(range(1, 6)))
        self.assertEqual(steps_of("again/previous-1"), list(range(1, STEPS + 1)))

    def test_init_from(self):
        start_from = sets("train.steps=3", f"train.init_from={newest_checkpoint('whole')}", "train.rate=1e-9")
        done = self.exits(0, train("init", *start_from, ranks=2))
        self.assertIn("parameters from whole/ckpt/", done.stdout)
        loss = [[float(line.split(",")[1]) for line in Path(folder, "metrics.csv").read_text().splitlines()[1:]]
                for folder in ("init", "whole")]
        self.assertLess(max(loss[0]), 0.01 * loss[1][0])
        self.assertEqual(steps_of("init"), [1, 2, 3])
        done = self.exits(77, train("other", *start_from, *sets("inr.siren.width=12"), ranks=2))
        self.assertIn("is of another model: [inr.siren] width = 12 here, [inr.siren] width = 64 there", done.stderr)

    def test_resume_from_a_file(self):
        """Going back to an older checkpoint; the newer ones, of what is not continued, are no longer in the way."""
        shutil.copytree("whole", "back")
        middle, last = (Path(f"back/ckpt/step-{step:09}.h5") for step in (STEPS - EVERY, STEPS))
        abandoned = last.read_bytes()
        self.exits(75, train("back", "--resume", middle, *sets("run.max_walltime=0.01"), ranks=2))
        self.assertEqual(step_of(newest_checkpoint("back")), STEPS - EVERY + 1)
        self.assertEqual(Path("back/previous-1/ckpt", last.name).read_bytes(), abandoned)
        self.assertEqual(steps_of("back"), list(range(1, STEPS - EVERY + 2)))
        self.exits(0, train("back", "--resume", "auto", ranks=3))
        self.ends_like_the_whole("back")


class Solving(InFolder):
    def test_stopped_between_files(self):
        many = sets("ensemble.train=8", "initial.modes=[]", "time.frames=101", "time.step=2e-5")
        process = start("solve", "deck.toml", *many, ranks=2)
        finished = lambda: sorted(Path("runs/deck/data/train").glob("*.hdf5"))
        wait_until(lambda: len(finished()) >= 2, process)
        process.send_signal(signal.SIGUSR1)
        self.assertEqual(end_of(process), 75, Path("solve.log").read_text())
        kept = {file: (file.stat().st_mtime_ns, file.stat().st_ino) for file in finished()}
        self.assertLess(len(kept), 8)
        for file in kept:
            payload(file)
        done = self.exits(0, run("solve", "deck.toml", *many, ranks=3))
        self.assertIn(f"files {8 - len(kept)} of 8 to make", done.stdout)
        self.assertEqual(len(finished()), 8)
        self.assertEqual({file: (file.stat().st_mtime_ns, file.stat().st_ino) for file in kept}, kept)
        self.assertEqual(list(Path("runs/deck").rglob("*.part")), [])
        self.assertEqual([line["exit_code"] for line in records("runs/deck")], [75, 0])
        good("solve", "deck.toml", "--output", "whole", *many, ranks=2)
        for file in finished():
            self.same_payload(file, Path("whole/data/train", file.name))


class Forecasting(InFolder):
    def test_stopped(self):
        good("solve", "deck.toml")
        good("train", "deck.toml", *sets("train.steps=5"))
        good("forecast", "deck.toml")
        before = tree("runs/deck/forecast")
        long = sets("forecast.refine=4000", f"forecast.times={[k / 400 for k in range(400)]}")
        process = start("forecast", "deck.toml", *long, ranks=2)
        wait_until(Path("runs/deck/forecast/burgers.hdf5.part").exists, process)
        process.send_signal(signal.SIGUSR1)
        self.assertEqual(end_of(process), 75, Path("forecast.log").read_text())
        self.assertIn("run again", Path("forecast.log").read_text())
        after = tree("runs/deck/forecast")
        self.assertEqual({name: after[name] for name in before}, before)
        self.assertLessEqual({Path(name).suffix for name in after.keys() - before.keys()}, {".part"})
        good("forecast", "deck.toml", ranks=2)
        self.assertEqual(list(Path("runs/deck").rglob("*.part")), [])


if __name__ == "__main__":
    main()
