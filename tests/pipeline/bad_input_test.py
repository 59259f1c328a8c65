#!/usr/bin/env python3
"""Whatever is wrong with decks, files and folders: one line that says so, the documented exit code, no rank left
waiting, and nothing lost that was there before. Every case runs on one rank and on three."""
import shutil
from pathlib import Path

import h5py
import numpy as np

from runs import DECK, InFolder, good, main, newest_checkpoint, run, sets, together, tree, write

RANKS = (1, 3)


class BadInput(InFolder):
    @classmethod
    def prepare(cls):
        """Folder `study` holds a whole study, and no case may change it."""
        good("solve", "deck.toml", "--output", "study", ranks=2)
        good("train", "deck.toml", "--output", "study", *sets("train.steps=5"), ranks=2)
        good("forecast", "deck.toml", "--output", "study", ranks=2)
        cls.data = Path("study/data/train/burgers_000000.hdf5")
        cls.checkpoint = newest_checkpoint("study")

    def refuses(self, *cases):
        """Each case is (exit code, text of the error as a regular expression, app, arguments...)."""
        before = tree("study")
        jobs = [(case, ranks) for case in cases for ranks in RANKS]
        found = together([lambda case=case, ranks=ranks: run(*case[2:], ranks=ranks, limit=30)
                          for case, ranks in jobs], at_once=5)
        for ((code, text, app, *args), ranks), done in zip(jobs, found):
            with self.subTest(app=app, args=args, ranks=ranks):
                self.exits(code, done)
                self.says_once(done, f"hypercast-{app}: error: .*{text}")
        after = tree("study")
        self.assertEqual([name for name in before if before[name] != after.get(name)], [])
        self.assertEqual([name for name in after if name not in before and not name.endswith(".part")], [])

    def test_decks(self):
        write("unknown.toml", DECK + "hidden = 8\n")
        write("section.toml", DECK + "[trian]\nsteps = 8\n")
        write("twice.toml", DECK + "steps = 41\n")
        write("type.toml", DECK.replace("steps = 40", 'steps = "many"'))
        write("range.toml", DECK.replace("steps = 40", "steps = 0"))
        write("fraction.toml", DECK.replace("steps = 40", "steps = 1.5"))
        write("garbage.toml", bytes(range(256)) * 9)
        write("cut.toml", DECK[:DECK.index("= 0.2") + 1])
        write("empty.toml", "")
        Path("folder.toml").mkdir()
        cases = []
        for app in ("solve", "train", "forecast"):
            cases += [(65, r"unknown.toml:\d+:1: .*unknown key", app, "unknown.toml"),
                      (66, "missing.toml: no such file", app, "missing.toml")]
        cases += [(65, r"section.toml:\d+:\d+: .*did you mean 'train'", "train", "section.toml"),
                  (65, r"twice.toml:\d+:\d+: ", "train", "twice.toml"),
                  (65, r"type.toml:\d+:\d+: .*steps", "solve", "type.toml"),
                  (65, r"range.toml:\d+:\d+: .*steps", "train", "range.toml"),
                  (65, r"fraction.toml:\d+:\d+: .*steps", "train", "fraction.toml"),
                  (65, r"folder.toml: is a folder", "train", "folder.toml"),
                  (65, r"garbage.toml", "train", "garbage.toml"),
                  (65, r"cut.toml:\d+:\d+: ", "solve", "cut.toml"),
                  (66, "nothing/data/train does not exist: run hypercast-solve first", "train", "empty.toml",
                   "--output", "nothing"),
                  (64, "--set train: write --set section.key=value", "train", "deck.toml", "--set", "train"),
                  (65, "--set train.rate: ", "train", "deck.toml", *sets("train.rate=nan")),
                  (65, "--set train.steps: ", "train", "deck.toml", *sets("train.steps=99999999999999999999"))]
        self.refuses(*cases)

    def test_trajectories(self):
        sealed = self.data.read_bytes()
        whole = bytes(512) + sealed[512:]  # without the seal, as files of others are
        pieces = {f"cut-{size}": whole[:size] for size in (0, 100, len(whole) // 2, len(whole) - 1)}
        pieces["text"] = b"t,x,u\n" * 300
        for name, content in pieces.items():
            write(f"{name}/a.hdf5", content)
        for name, change in (("no-field", lambda file: file.pop("t0_fields/u")),
                             ("no-axes", lambda file: file.pop("dimensions")),
                             ("not-finite", lambda file: file["t0_fields/u"].__setitem__((0, 4, 3), np.nan)),
                             ("edited", lambda file: file.attrs.__setitem__("note", "mine"))):
            with h5py.File(write(f"{name}/a.hdf5", sealed if name == "edited" else whole), "r+") as file:
                change(file)
        write("sealed-cut/a.hdf5", sealed[:-1])
        texts = {name: "a.hdf5: .*HDF5 file" for name in pieces}
        texts |= {"no-field": "a.hdf5: no 't0_fields/u'", "no-axes": "a.hdf5: .*dimensions",
                  "not-finite": "a.hdf5: trajectory 0, frame 4: field 'u' holds a value that",
                  "edited": "a.hdf5: damaged, or changed after hypercast wrote it",
                  "sealed-cut": r"a.hdf5: truncated: \d+ of \d+ bytes are there"}
        Path("empty").mkdir()
        cases = []
        for name, text in texts.items():
            cases.append((65, text, "train", "deck.toml", "--output", "fresh", *sets(f"data.path={name}")))
        for name in ("cut-100", "text", "no-field", "not-finite"):
            cases.append((65, texts[name], "forecast", "deck.toml", "--output", "study",
                          *sets(f"forecast.reference={name}")))
        for app, key in (("train", "data.path"), ("forecast", "forecast.reference")):
            cases += [(66, "no trajectory file .*in empty", app, "deck.toml", "--output", "study",
                       *sets(key + "=empty")),
                      (66, "missing", app, "deck.toml", "--output", "study", *sets(key + "=missing"))]
        self.refuses(*cases)
        self.assertEqual([file for file in Path("fresh").iterdir() if file.name != "run.json"], [])

    def test_data_that_do_not_fit(self):
        good("solve", "deck.toml", "--output", "other", *sets("grid.points=[24]"))
        self.refuses(
            (65, r"22 frames are asked for but .*burgers_000000.hdf5 holds 21", "train", "deck.toml", "--output", "study",
             *sets("data.window_frames=22")),
            (65, "there is no trajectory 1 in .*, which holds 1", "train", "deck.toml", "--output", "study",
             *sets("data.trajectory=1")),
            (65, "leaves no frame", "train", "deck.toml", "--output", "study",
             *sets("data.hold_out_every=1", "data.hold_out_offset=0")),
            (65, r"data.hold_out_offset: must be below hold_out_every", "train", "deck.toml", "--output", "study",
             *sets("data.hold_out_every=2", "data.hold_out_offset=2")),
            (77, "was trained on other data .*another training window.* init_from", "train", "deck.toml", "--output",
             "study", "--resume", "auto", *sets("data.window_frames=16")),
            (65, r"does not fit what the model was trained on: axis 'x' has another number of points", "forecast", "deck.toml", "--output", "study",
             *sets("forecast.reference=other/data/train")))

    def test_checkpoints(self):
        content = self.checkpoint.read_bytes()
        write("damaged.h5", content[:700] + bytes([content[700] ^ 4]) + content[701:])
        write("cut.h5", content[:-1])
        write("empty.h5", "")
        shutil.copy(self.data, "trajectory.h5")
        cases = []
        for give in (lambda file: ("train", "deck.toml", "--output", "study", "--resume", file),
                     lambda file: ("train", "deck.toml", "--output", "study", *sets(f"train.init_from={file}")),
                     lambda file: ("forecast", "deck.toml", "--output", "study", *sets(f"forecast.checkpoint={file}"))):
            cases += [(65, "damaged.h5: damaged", *give("damaged.h5")), (66, "missing.h5", *give("missing.h5"))]
        cases += [(65, text, *give(file)) for file, text in (
            ("cut.h5", "cut.h5: truncated"), ("empty.h5", "empty.h5: not a hypercast checkpoint"),
            ("trajectory.h5", "trajectory.h5: not a hypercast checkpoint"))]
        other = ("train", "deck.toml", "--output", "study", *sets("inr.siren.width=9"))
        cases += [(77, r"of another model: \[inr.siren\] width = 9 here", *other, "--resume", self.checkpoint),
                  (77, r"of another model: \[inr.siren\] width = 9 here", *other, "--resume", "auto"),
                  (66, "no checkpoint in fresh/ckpt: run hypercast-train first", "forecast", "deck.toml", "--output",
                   "fresh")]
        self.refuses(*cases)

    def test_times_and_points(self):
        study = ("forecast", "deck.toml", "--output", "study")
        write("nan.csv", "t,x\n0.5,nan\n")
        write("wide.csv", "t,x,y\n0.5,1,1\n")
        write("none.csv", "t,x\n")
        np.save("narrow.npy", np.zeros((4, 1)))
        with h5py.File("inf.h5", "w") as file:
            file["points"] = [[np.inf, 0.5]]
        points = {"nan.csv": "nan.csv:2: a value is not finite", "wide.csv": "wide.csv:1: ", "none.csv": "no points",
                  "narrow.npy": r"must have shape \[n\]\[2\], the columns t,x", "inf.h5": "not finite",
                  "empty-folder": "a folder, not a list of points"}
        Path("empty-folder").mkdir()
        cases = [(65, text, *study, *sets(f"forecast.points={name}")) for name, text in points.items()]
        cases += [(66, "missing.csv", *study, *sets("forecast.points=missing.csv"))]
        cases += [(65, "times", *study, *sets(f"forecast.times=[0.5, {value}]")) for value in ("nan", "inf")]
        cases += [(65, "times: must rise", *study, *sets("forecast.times=[0.5, 0.5]"))]
        self.refuses(*cases)

    def test_points_outside_the_domain(self):
        walls = sets("grid.boundary=[\"neumann\"]", "grid.upper=[3.141592653589793]", "pde.name=heat", "grid.order=2",
                     "initial.modes=[[1.0, 0.0, 1.0]]", "train.steps=2")
        for app in ("solve", "train"):
            good(app, "deck.toml", "--output", "walls", *walls)
        write("outside.csv", "0.5,0.0\n0.5,3.2\n")
        write("ends.csv", "0.5,0.0\n0.5,3.141592653589793\n")
        self.refuses((65, r"points: row 2: x = 3.2 lies outside \[0, 3.14159\]", "forecast", "deck.toml",
                      "--output", "walls", *sets("forecast.points=outside.csv")))
        good("forecast", "deck.toml", "--output", "walls", *sets("forecast.points=ends.csv"))

    def test_solve(self):
        fresh = ("solve", "deck.toml", "--output", "solved")
        write("strange/data/train/strange.hdf5", self.data.read_bytes())
        self.refuses(
            (65, "--set petsc.kps_rtol: ", *fresh, *sets("petsc.kps_rtol=1e-9")),
            (76, "diverged at t = ", *fresh, *sets("time.frames=3", "time.step=1", "pde.burgers.viscosity=9")),
            (65, "integrator rk has no method '4th'", *fresh, *sets("time.method=4th")),
            (77, "burgers_000000.hdf5 was made with other settings; use --overwrite", "solve", "deck.toml", "--output",
             "study", *sets("pde.burgers.viscosity=0.3")),
            (77, "strange.hdf5 is not one of this study's", "solve", "deck.toml", "--output", "strange"))
        self.assertEqual(list(Path("solved").rglob("*.hdf5")), [])

    def test_more_ranks_than_points(self):
        done = self.exits(65, run("solve", "deck.toml", "--output", "solved", *sets("grid.points=[6]"), ranks=4))
        self.assertRegex(done.stderr, r"hypercast-solve: error: .*at most \d")
        odd = sets("ensemble.train=4", "ensemble.ranks_per_group=2")
        done = self.exits(65, run("solve", "deck.toml", "--output", "solved", *odd, ranks=3))
        self.assertIn("ensemble.ranks_per_group = 2 does not divide the 3 ranks of this run", done.stderr)

    def test_outputs_that_cannot_be(self):
        write("file", "")
        cases = [(73, "output folder file/x cannot be created", app, "deck.toml", "--output", "file/x")
                 for app in ("solve", "train", "forecast")]
        for app, part in (("solve", "data"), ("forecast", "forecast")):
            write(f"blocked-{app}/{part}", "")
            cases.append((73, f"blocked-{app}/{part}", app, "deck.toml", "--output", f"blocked-{app}",
                          *sets(f"forecast.checkpoint={self.checkpoint}")))
        self.refuses(*cases)

    def test_training_that_diverges(self):
        """What blows up leaves the last state from which training can go on, and says where."""
        wild = sets("train.rate=1e6", "train.clip=0", "train.steps=50", "train.checkpoint_every=1", "train.keep_last=1",
                    "train.weight_decay=1e9")
        kept = "diverged/ckpt/step-000000005.h5"
        shutil.copytree("study", "diverged")
        for ranks in RANKS:
            done = self.exits(76, run("train", "deck.toml", "--output", "diverged", *wild, "--resume", "auto",
                                      ranks=ranks))
            self.says_once(done, f"hypercast-train: error: diverged: .* at step \\d+; last checkpoint: {kept}; ")
            self.assertEqual(tree("diverged/ckpt"), {kept: self.checkpoint.read_bytes()})
        done = self.exits(76, run("train", "deck.toml", "--output", "diverged", *wild))
        self.says_once(done, "hypercast-train: error: diverged: .*; last checkpoint: none; ")
        self.assertFalse(Path("diverged/ckpt").exists())


if __name__ == "__main__":
    main()
