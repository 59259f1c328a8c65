"""What the tests of the real programs share: running them as a user would, and looking at what they left.

Every test file is called with the folder of the programs, mpirun and perhaps the name of a test:

    study_test.py BIN MPIEXEC [Class.test]...
"""
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import h5py

BIN, MPIEXEC = Path(sys.argv[1]).resolve(), sys.argv[2]
SOURCE = Path(__file__).resolve().parents[2]

# Solved, learned and forecast in a second. Coarse, but a study like any other: eleven frames to learn from, two
# of them held out, ten to extrapolate to.
DECK = """
[pde]
name = "burgers"
[pde.burgers]
viscosity = 0.2
[grid]
points = [32]
[initial]
modes = [[1.0, 0.0, 1.0], [0.4, 2.0, 2.0]]
[time]
end = 2.0
frames = 21
step = 0.05
integrator = "rk"
[data]
window_frames = 11
[inr.siren]
width = 8
depth = 2
[condition.time_fourier]
frequencies = 2
[hypernetwork]
width = 16
[train]
steps = 40
batch = 8
frames_per_leaf = 2
rate = 5e-3
warmup = 5
metrics_every = 10
calibrate = false
"""


# The same as an ensemble, for models of codes: a field of four waves fits in the code.
LATENT = ["initial.family=random_field", "initial.modes=[]", "ensemble.train=6", "ensemble.test=2",
          "ensemble.trajectories_per_file=2", "pde.name=advection_diffusion", "pde.advection_diffusion.diffusivity=0.1",
          "data.hold_out_every=0", "inr.name=fourier", "inr.fourier.max_wavenumber=4.0", "condition.encoder=code",
          "condition.code.size=7", "hypernetwork.head=last_layer", "hypernetwork.depth=0", "dynamics.kind=linear",
          "forecast.mode=latent"]


def sets(*settings):
    """The flags for `section.key=value`, one after the other."""
    return [word for setting in settings for word in ("--set", setting)]


def command(app, *args, ranks=1):
    return [MPIEXEC, "-n", str(ranks), str(BIN / f"hypercast-{app}"), *map(str, args)]


def run(app, *args, ranks=1, limit=60):
    """The finished run of hypercast-`app`. One that needs more than `limit` seconds hangs: it exits with 124."""
    return subprocess.run(["timeout", "--kill-after=5", str(limit), *command(app, *args, ranks=ranks)],
                          capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL)


def start(app, *args, ranks=1):
    """The same, going on while the test looks; its output comes to `app`.log."""
    with open(f"{app}.log", "w") as log:
        return subprocess.Popen(command(app, *args, ranks=ranks), stdout=log, stderr=subprocess.STDOUT,
                                stdin=subprocess.DEVNULL)


def wait_until(happened, process, limit=60):
    """Polls until `happened()` is true. An end of the process or of the time before that is a failure."""
    deadline = time.monotonic() + limit
    while not happened():
        if process.poll() is not None:
            raise AssertionError(f"ended with {process.returncode} before it was to be stopped")
        if time.monotonic() > deadline:
            process.terminate()
            raise AssertionError(f"not reached within {limit} s")
        time.sleep(0.005)


def end_of(process, limit=90):
    """The exit code. A run that does not end is ended, and a failure."""
    try:
        return process.wait(limit)
    except subprocess.TimeoutExpired:
        process.terminate()
        raise


def ranks_of(process):
    """The process ids of the ranks that mpirun started."""
    with open(f"/proc/{process.pid}/task/{process.pid}/children") as file:
        return [int(pid) for pid in file.read().split()]


def together(jobs, at_once=3):
    """The results of functions without arguments, a few running at a time: half of a short run is waiting."""
    with ThreadPoolExecutor(at_once) as pool:
        return [job.result() for job in [pool.submit(job) for job in jobs]]


def payload(file):
    """Every dataset outside /provenance as (type, shape, bytes), and the hash of the payload if there is one."""
    found = {}

    def add(name, item):
        if isinstance(item, h5py.Dataset) and not name.startswith("provenance"):
            value = item[()]
            plain = value if isinstance(value, bytes) else value.tolist() if item.dtype == object else value.tobytes()
            found[name] = (str(item.dtype), item.shape, plain)

    with h5py.File(file, "r") as opened:
        opened.visititems(add)
        if "payload_hash" in opened.attrs:
            found["@payload_hash"] = opened.attrs["payload_hash"]
    return found


def newest_checkpoint(folder):
    return sorted(Path(folder, "ckpt").glob("step-*.h5"))[-1]


def steps_of(folder):
    """The first column of metrics.csv, its last line only if complete."""
    try:
        lines = Path(folder, "metrics.csv").read_text().split("\n")[1:-1]
    except FileNotFoundError:
        return []
    return [int(line.split(",")[0]) for line in lines]


def records(folder):
    return [json.loads(line) for line in Path(folder, "run.json").read_text().splitlines()]


def tree(folder):
    """Every file below a folder with its bytes; run.json is a log that grows."""
    return {str(file): file.read_bytes() for file in sorted(Path(folder).rglob("*"))
            if file.is_file() and file.name != "run.json"}


class InFolder(unittest.TestCase):
    """Tests that run in one temporary folder for the class. `prepare` fills it once."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="hypercast-")
        cls.addClassCleanup(folder.cleanup)
        before = os.getcwd()
        cls.addClassCleanup(lambda: os.chdir(before))
        os.chdir(folder.name)
        write("deck.toml", DECK)
        cls.prepare()

    @classmethod
    def prepare(cls):
        pass

    def same_payload(self, one, other):
        """Says which entries differ rather than printing bytes."""
        one, other = payload(one), payload(other)
        self.assertEqual(one.keys(), other.keys())
        self.assertEqual([name for name in one if one[name] != other[name]], [])

    def says_once(self, done, pattern):
        """One line of ours, which matches."""
        lines = [line for line in done.stderr.splitlines() if "hypercast" in line]
        self.assertEqual(len(lines), 1, done.stderr)
        self.assertRegex(lines[0], "^" + pattern)
        self.assertNotRegex(done.stderr, r"HDF5-DIAG|PETSC ERROR|MPI_ABORT|Signal:")

    def exits(self, code, done):
        self.assertEqual(done.returncode, code, f"{done.args}\n{done.stdout}\n{done.stderr}")
        return done


def good(app, *args, **more):
    """A run that must end well; its output."""
    done = run(app, *args, **more)
    if done.returncode != 0:
        raise AssertionError(f"exit {done.returncode}: {done.args}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def write(name, content):
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def main():
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]], verbosity=2)
