#!/usr/bin/env python3
"""Training on frames that do not fit in [data] memory: any number of ranks, stopped anywhere, in bounded memory."""
import re
import shutil
from pathlib import Path

from runs import LATENT, InFolder, good, main, newest_checkpoint, run, sets, together

STEPS, EVERY = 60, 13
# 201 frames of which 81 fit: blocks of two frames, 37 at a time, three windows an epoch, 2.6 epochs.
STREAMED = sets("data.path=runs/deck/data/train", "data.window_frames=0", "data.memory=0.01", "train.batch=7",
                f"train.steps={STEPS}", "train.validate_every=20")
MODELS = {
    "full": sets("train.points=12"),
    "last_layer": sets("hypernetwork.head=last_layer", "condition.encoder=time_spectral", "train.loss=relative",
                       "condition.time_spectral.modes=6", "data.hold_out_every=0"),
}
# 55 frames of training and 11 for validation, of which 49 fit.
CODES = sets(*LATENT, "data.path=linear/data/train", "data.memory=0.006")


class Streaming(InFolder):
    @classmethod
    def prepare(cls):
        together([lambda: good("solve", "deck.toml", *sets("time.frames=201", "time.step=0.01")),
                  lambda: good("solve", "deck.toml", "--output", "linear", *sets(*LATENT))])

    def train(self, folder, *settings, ranks=1):
        return good("train", "deck.toml", "--output", folder, *settings, ranks=ranks)

    def ends_like(self, one, other):
        self.same_payload(newest_checkpoint(one), newest_checkpoint(other))
        self.assertEqual(Path(one, "metrics.csv").read_text(), Path(other, "metrics.csv").read_text())

    def test_ranks_and_nodes(self):
        cases = [(1, 0), (2, 0), (3, 0), (4, 0), (2, 1), (4, 2)]
        said = together([lambda model=model, ranks=ranks, node=node: self.train(
            f"{model}-{ranks}-{node}", *STREAMED, *MODELS[model], *sets(f"run.ranks_per_node={node}"), ranks=ranks)
            for model in MODELS for ranks, node in cases])
        for text in said:
            self.assertRegex(text, r"training: 201 frames of .* streamed from disk, .*; windows of 37 of \d+ blocks of 2")
            self.assertRegex(text, r"read \d+ frames, .* a node")
        for model in MODELS:
            for ranks, node in cases[1:]:
                with self.subTest(model=model, ranks=ranks, ranks_per_node=node):
                    self.ends_like(f"{model}-1-0", f"{model}-{ranks}-{node}")
        with self.subTest("every frame is read once, then every fitted frame once an epoch"):
            # All steps, and the one of the checkpoint; held-out frames three times.
            frames = int(re.search(r"read (\d+) frames", said[0]).group(1))
            used, fitted, held_out = 7 * (STEPS + 1), 161, 40
            self.assertLessEqual(201 + used + 3 * held_out, frames)
            self.assertLessEqual(frames, 201 + used + 81 + 3 * held_out)

    def test_stopped_anywhere_and_gone_on_with(self):
        saving = sets(f"train.checkpoint_every={EVERY}", "train.keep_last=9")
        self.train("whole", *STREAMED, *MODELS["full"], *saving, ranks=2)

        def go_on(step, ranks):
            folder = f"from-{step}"
            shutil.copytree("whole", folder)
            self.train(folder, *STREAMED, *MODELS["full"], *saving, "--resume", f"{folder}/ckpt/step-{step:09}.h5", ranks=ranks)

        steps = list(range(EVERY, STEPS, EVERY))
        together([lambda step=step, ranks=ranks: go_on(step, ranks) for step, ranks in zip(steps, (1, 3, 4, 2))])
        for step in steps:
            with self.subTest(step=step):
                self.ends_like("whole", f"from-{step}")
        with self.subTest("stopped at every step"):
            for ranks in (1, 3, 2):
                done = run("train", "deck.toml", "--output", "stopped", *STREAMED, *MODELS["full"], *saving, "--resume", "auto",
                           *sets("run.max_walltime=0.001"), ranks=ranks)
                self.exits(75, done)
            self.assertEqual(newest_checkpoint("stopped").name, "step-000000003.h5")
            self.train("stopped", *STREAMED, *MODELS["full"], *saving, "--resume", "auto", ranks=4)
            self.ends_like("whole", "stopped")

    def test_codes(self):
        """What visits all frames in order gives what it gives with all of them in memory."""
        learned = sets("inr.name=siren", "inr.siren.width=12", "train.steps=30", "train.validate_every=10")
        decoded = sets("inr.name=siren", "hypernetwork.head=low_rank", "hypernetwork.depth=1", "train.steps=30",
                       "hypernetwork.low_rank.rank=2", "condition.code.size=3", "data.observed=0.5")
        modes = sets("inr.name=pod", "inr.pod.modes=9")
        own = sets("data.observed=0.4", "data.mask=trajectory")
        jobs = {"plain": (), "learned": learned, "decoded": decoded, "modes": modes, "own": own}
        said = dict(zip(jobs, together([lambda name=name: self.train(f"{name}-1", *CODES, *jobs[name]) for name in jobs])))
        together([lambda name=name, ranks=ranks: self.train(f"{name}-{ranks}", *CODES, *jobs[name], ranks=ranks)
                  for name in jobs for ranks in (2, 3)] +
                 [lambda name=name: self.train(f"{name}-0", *CODES, *jobs[name], *sets("data.memory=0"), ranks=2)
                  for name in ("plain", "own")])
        for name in jobs:
            self.assertRegex(said[name], "training: 55 frames of .* streamed")
            for ranks in (2, 3):
                with self.subTest(name, ranks=ranks):
                    self.ends_like(f"{name}-1", f"{name}-{ranks}")
        for name in ("plain", "own"):
            with self.subTest(name + " in memory"):
                self.ends_like(f"{name}-1", f"{name}-0")

    def test_memory_is_bounded(self):
        good("solve", "deck.toml", "--output", "large", *sets(
            "grid.points=[16384]", "grid.backend=spectral", "time.integrator=etdrk4", "time.frames=1001", "time.end=1.0",
            "time.step=1e-3"))
        most = {}
        for memory in (0, 8):
            said = self.train(f"large-{memory}", *sets("data.path=large/data/train", "data.window_frames=0",
                                                       "data.hold_out_every=100", f"data.memory={memory}", "train.batch=4",
                                                       "train.points=64", "train.steps=300"))
            most[memory] = float(re.search(r"most memory of a rank (\d+) MiB", said).group(1))
        self.assertIn("8.0 of 62.6 MiB in memory a node", said)
        self.assertLess(most[8], most[0] - 50, f"of 62.6 MiB of frames: {most}")

    def test_check_tells_what_is_in_memory(self):
        said = good("train", "deck.toml", "--check", *STREAMED)
        self.assertRegex(said, r"# training: 201 frames of 0.0001221 MiB: streamed from disk, .*; windows of 37 of 81 blocks of 2")
        said = good("train", "deck.toml", "--check", *STREAMED, *sets("data.memory=1"))
        self.assertRegex(said, r"# training: 201 frames of 0.0001221 MiB: all in memory, 0.0 MiB a node")
        said = good("train", "deck.toml", "--check", *CODES)
        self.assertRegex(said, r"# training: 55 frames .* streamed from disk")
        self.assertRegex(said, r"# validation: 11 frames ")

    def test_too_little_memory(self):
        jobs = [(settings, check, ranks) for settings in (STREAMED, CODES) for check in ((), ("--check",)) for ranks in (1, 3)]
        found = together([lambda settings=settings, check=check, ranks=ranks: run(
            "train", "deck.toml", "--output", "small", *settings, *sets("data.memory=0.001"), *check, ranks=ranks, limit=30)
            for settings, check, ranks in jobs])
        for (settings, check, ranks), done in zip(jobs, found):
            with self.subTest(check=check, ranks=ranks):
                self.exits(65, done)
                self.says_once(done, r"hypercast-train: error: --set data.memory: at least 0\.\d+ MiB are needed")
        for settings, done in ((STREAMED, found[0]), (CODES, found[-1])):
            enough = re.search(r"at least (\S+) MiB", done.stderr).group(1)
            self.assertIn("streamed", self.train("enough", *settings, *sets(f"data.memory={enough}"), ranks=2))
        done = run("train", "deck.toml", *STREAMED, *sets("data.memory=-1"))
        self.exits(65, done)
        self.says_once(done, "hypercast-train: error: --set data.memory: ")


if __name__ == "__main__":
    main()
