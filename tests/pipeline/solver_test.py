#!/usr/bin/env python3
"""hypercast-solve as its users run it: ensembles that survive signals and kills, numbers measured and demanded,
PETSc's own monitors, and settings that cannot be."""
import os
import signal
from pathlib import Path

import h5py
import numpy as np

from runs import InFolder, end_of, good, main, run, sets, start, together, wait_until, write

# Each trajectory takes many times as long as the first save of its state needs, so that a signal meets it half way.
LONG = """
[pde]
name = "burgers"
[pde.burgers]
viscosity = 0.05
[grid]
points = [128, 96]
upper = [6.283185307179586, 12.566370614359172]
backend = "spectral"
[initial]
max_wavenumber = 2
amplitude = 0.5
[time]
end = 2.0
frames = 41
step = 0.005
integrator = "etdrk4"
[ensemble]
train = 3
ranks_per_group = 1
checkpoint_interval = 0.02
"""


def frames(folder, split="train"):
    found = {}
    for path in sorted(Path(folder, "data", split).glob("*.hdf5")):
        with h5py.File(path) as file:
            found[path.name] = {name: file["t0_fields"][name][:] for name in file["t0_fields"]}
    return found


def provenance(path):
    with h5py.File(path) as file:
        return dict(file["provenance"].attrs)


class Solver(InFolder):
    @classmethod
    def prepare(cls):
        write("long.toml", LONG)
        good("solve", "long.toml", "--output", "whole", ranks=2)
        cls.whole = frames("whole")

    def same_frames(self, folder):
        found = frames(folder)
        self.assertEqual(sorted(found), sorted(self.whole))
        for name, fields in self.whole.items():
            for field, values in fields.items():
                self.assertTrue(np.array_equal(found[name][field], values), f"{name} {field}")
        self.assertEqual(list(Path(folder).rglob("*.state")) + list(Path(folder).rglob("*.part")), [])

    def begun(self, folder):
        return lambda: any(Path(folder).rglob("*.state")) and any(Path(folder).rglob("*.part"))

    def test_a_signal_loses_nothing(self):
        process = start("solve", "long.toml", "--output", "stopped")
        wait_until(self.begun("stopped"), process)
        process.send_signal(signal.SIGUSR1)
        self.assertEqual(end_of(process), 75)
        self.assertIn("files continued from a saved state: 1", good("solve", "long.toml", "--output", "stopped", ranks=2))
        self.same_frames("stopped")

    def test_a_kill_loses_what_came_after_the_last_save(self):
        process = start("solve", "long.toml", "--output", "killed")
        wait_until(self.begun("killed"), process)
        with open(f"/proc/{process.pid}/task/{process.pid}/children") as file:
            os.kill(int(file.read().split()[0]), signal.SIGKILL)
        self.assertNotIn(end_of(process), (0, 75))
        self.assertIn("files continued from a saved state: 1", good("solve", "long.toml", "--output", "killed"))
        self.same_frames("killed")

    def test_groups_do_not_matter(self):
        for ranks in (1, 3):
            good("solve", "long.toml", "--output", f"groups{ranks}", ranks=ranks)
            self.same_frames(f"groups{ranks}")

    def test_ranks_of_a_group_hardly_matter(self):
        good("solve", "long.toml", "--output", "pair", *sets("ensemble.ranks_per_group=2"), ranks=2)
        for name, fields in frames("pair").items():
            difference = np.abs(fields["u"] - self.whole[name]["u"]).max()
            self.assertLess(difference, 1e-6)  # of single precision

    def test_certificates_and_demands(self):
        certify = sets("certify.every=2", "time.frames=5", "time.end=0.2", "grid.points=[32, 24]")
        out = good("solve", "long.toml", "--output", "certified", *certify, ranks=2)
        self.assertRegex(out, r"certified 2 trajectories, at worst: err_time \d")
        first, second = sorted(Path("certified/data/train").glob("*.hdf5"))[:2]
        found = provenance(first)
        self.assertEqual(list(found["certified_trajectories"]), [0])
        self.assertLess(found["err_time"][0], 1e-6)
        self.assertGreater(found["err_time"][0], 0)
        self.assertAlmostEqual(found["order_time"][0], 4, delta=0.3)
        self.assertIn("tail_energy", found)
        self.assertNotIn("err_time", provenance(second))
        done = run("solve", "long.toml", "--output", "demanding", *certify, *sets("certify.tolerance=1e-13"), ranks=2)
        self.exits(76, done)
        self.assertRegex(done.stderr, r"burgers_000000.hdf5: trajectory 0: its error \S+ misses certify.tolerance")
        self.assertEqual(len(list(Path("demanding/data/train").glob("*.hdf5"))), 1, "the one that was not certified")

    def test_chaos_is_no_lack_of_accuracy(self):
        chaotic = sets("pde.name=kuramoto_sivashinsky", "grid.points=[64]", "grid.upper=[60.0]", "time.frames=3",
                       "time.end=0.2", "ensemble.train=1", "certify.every=1")
        self.assertIn("kuramoto_sivashinsky is chaotic", good("solve", "long.toml", "--output", "chaotic", *chaotic))
        self.assertNotIn("is chaotic", good("solve", "long.toml", "--output", "short", *chaotic,
                                            *sets("certify.until=0.1")))
        self.assertNotIn("is chaotic", good("solve", "long.toml", "--output", "calm", *chaotic,
                                            *sets("pde.name=korteweg_de_vries")))

    def test_a_blow_up_says_where_and_when(self):
        settings = sets("pde.name=heat", "grid.backend=fd", "time.integrator=rk", "time.step=0.1", "time.end=400",
                        "ensemble.vary=diffusivity", "ensemble.vary_range=[0.0001, 1.2]", "ensemble.train=6",
                        "grid.points=[16, 16]")
        done = run("solve", "long.toml", "--output", "wild", *settings, ranks=2)
        self.exits(76, done)
        self.assertRegex(done.stderr, r"heat_00000\d.hdf5: trajectory 0 diverged at t = \d")
        kept = len(list(Path("wild/data/train").glob("*.hdf5")))
        self.assertGreater(kept, 0, "those that did not diverge are kept, whichever came first")
        self.assertLess(kept, 6)

    def test_monitors_of_petsc(self):
        for settings in (sets("grid.backend=spectral", "time.integrator=etdrk4"), sets("time.step=0.02")):
            out = good("solve", "deck.toml", "--output", "monitored", "--overwrite", *settings,
                       *sets("petsc.ts_monitor=true", "petsc.log_view=true"))
            self.assertRegex(out, r"\n40 TS dt 0.05 time 2\." if "step" not in str(settings) else r"\n100 TS dt 0.02")
            self.assertRegex(out, r"TSStep +\d")

    def test_settings_that_cannot_be(self):
        spectral = sets("grid.backend=spectral")
        cases = [
            (65, "grid.backend: spectral needs periodic axes", 1, spectral + sets('grid.boundary=["neumann"]')),
            (65, "runs on one rank a group, not 2; set ensemble.ranks_per_group = 1", 2,
             spectral + sets("ensemble.ranks_per_group=2")),
            (65, "integrator: etdrk4 needs .* backend = \"spectral\"", 1, sets("time.integrator=etdrk4")),
            (65, "tolerance: dino_imex estimates no error", 1,
             spectral + sets("time.integrator=dino_imex", "time.tolerance=1e-6")),
            (65, "viscosity: must be .*> 0", 1, sets("pde.burgers.viscosity=-1")),
            (65, "viscosity: must be finite", 1, sets("pde.burgers.viscosity=nan")),
            (65, "points: must be .*>= 4", 1, sets("grid.points=[3]")),
            (71, "needs about .* GiB of memory", 1, sets("grid.points=[2000000000]")),
            (65, "at least", 1, sets("grid.points=[5]", "grid.order=6")),
            (65, "cannot be divided among 3 ranks", 3, sets("grid.points=[8]", "grid.order=6")),
            (65, "cannot be cut into slabs for 4 ranks", 4, spectral + sets("grid.points=[16, 4]", "ensemble.ranks_per_group=4", "initial.modes=[]")),
            (65, r"petsc.ksp_rtoll: .*is an option that PETSc does not ask for", 1, sets("petsc.ksp_rtoll=1e-9")),
        ]
        found = together([lambda case=case: run("solve", "deck.toml", "--output", "refused", *case[3], ranks=case[2])
                          for case in cases])
        for (code, text, _, settings), done in zip(cases, found):
            with self.subTest(settings=settings):
                self.exits(code, done)
                self.assertRegex(done.stderr, text)
                self.assertNotRegex(done.stderr, "PETSC ERROR|HDF5-DIAG|Signal:")
        self.assertFalse(list(Path("refused").rglob("*.hdf5")))


if __name__ == "__main__":
    main()
