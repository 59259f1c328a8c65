#!/usr/bin/env python3
"""How the frame around every main ends: exit codes, messages and files, on one rank and on three.

    frame_test.py FRAME_APP MPIEXEC
"""
import datetime
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

APP, MPIEXEC = sys.argv[1:3]
RANKS = (1, 3)
GOOD = '[end]\nhow = "well"\n'


def run(args, ranks=1, launcher=True, env=None, limit=20):
    """The finished process; a run that needs longer than `limit` seconds is a hang."""
    command = [APP, *args]
    if launcher:
        command = [MPIEXEC, "-n", str(ranks), *command]
    return subprocess.run(["timeout", str(limit), *command], capture_output=True, text=True,
                          env={**os.environ, **(env or {})})


class Frame(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.before = os.getcwd()
        self.addCleanup(lambda: os.chdir(self.before))
        os.chdir(folder.name)
        self.write("study.toml", GOOD)

    def write(self, name, text):
        with open(name, "w") as file:
            file.write(text)

    def expect(self, *cases, **more):
        """Runs each case (code, args, error line) on one and on three ranks, all at once, since mpirun takes
        two seconds to report a failure. The error line must come exactly once. Returns the last run."""
        cases = [(*case, None)[:3] for case in cases]
        with ThreadPoolExecutor(6) as pool:
            jobs = [(case, ranks, pool.submit(run, case[1], ranks=ranks, **more))
                    for case in cases for ranks in RANKS]
        for (code, args, error), ranks, job in jobs:
            with self.subTest(args=args, ranks=ranks):
                done = job.result()
                self.assertEqual(done.returncode, code, done.stdout + done.stderr)
                if error:
                    self.assertEqual(done.stderr.splitlines().count(error), 1, done.stderr)
        return done

    def test_done(self):
        done = self.expect((0, ["study.toml", "--resume", "auto", "--loud"]))
        self.assertRegex(done.stdout, r"done exit 0 wall 0:00:0\d\n$")
        self.assertRegex(done.stdout, r"work +1 +\d")
        self.assertEqual(done.stdout.count("LOUD"), 1)
        self.assertIn("resume from auto\n", done.stdout)
        self.assertEqual(sorted(os.listdir("runs/study")), ["run.json"])

    def test_run_json_has_a_line_a_run(self):
        self.expect((0, ["study.toml", "--output", "a folder/x", "--set", "run.progress_interval=2"]))
        self.expect((65, ["study.toml", "--output", "a folder/x", "--set", "end.how=user"]))
        with open("a folder/x/run.json") as file:
            runs = [json.loads(line) for line in file]
        self.assertEqual([r["exit_code"] for r in runs], [0, 0, 65, 65])
        self.assertEqual(sorted(r["ranks"] for r in runs), [1, 1, 3, 3])
        one = runs[0]
        self.assertEqual(one["app"], "hypercast-frame")
        self.assertTrue(one["command_line"].endswith("--output 'a folder/x' --set run.progress_interval=2"))
        self.assertIn("progress_interval = 2.0\n", one["deck_resolved"])
        self.assertEqual(one["deck_file"], "study.toml")
        self.assertIsNotNone(datetime.datetime.fromisoformat(one["started"]).tzinfo)
        self.assertTrue(0 <= one["walltime_s"] < 20)
        self.assertTrue({"version", "git_hash", "git_dirty"} <= one.keys())
        self.assertEqual(list(one["timers"]), ["work"])
        self.assertEqual(one["timers"]["work"]["calls"], 1)
        self.assertTrue(0 <= one["timers"]["work"]["min_s"] <= one["timers"]["work"]["max_s"] <= one["walltime_s"])
        self.assertTrue(0 <= one["timers"]["work"]["cpu_s"] < 60)
        self.assertEqual(runs[2]["timers"], {})

    def test_outcomes_of_the_app_pass_through(self):
        self.expect((75, ["study.toml", "--set", "end.how=again"]),
                    (76, ["study.toml", "--set", "end.how=diverged"]))

    def test_usage(self):
        name = "hypercast-frame: error: "
        self.expect((64, [], name + "no deck given; see hypercast-frame --help"),
                    (64, ["--chekc"], name + "unknown flag --chekc; did you mean '--check'?"),
                    (64, ["study.toml", "other.toml"],
                     name + "one deck at a time; what is 'other.toml'?; see hypercast-frame --help"),
                    (64, ["study.toml", "--set", "end"], name + "--set end: write --set section.key=value"),
                    (64, ["--help", "edn"], name + "unknown section [edn]; did you mean 'end'?"),
                    (64, ["study.toml", "--output"]),
                    (64, ["study.toml", "--resume"]),
                    (64, ["study.toml", "--output", ""]))

    def test_texts_need_neither_deck_nor_mpirun(self):
        done = run(["--help"], launcher=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for text in ("usage: hypercast-frame DECK", "--resume WHICH", "--set SECTION.KEY=VALUE", "[end]", "[run]"):
            self.assertIn(text, done.stdout)
        done = run(["--help", "end"], launcher=False)
        self.assertTrue(done.stdout.startswith('# How this app ends.\n[end]\nhow = "well"'), done.stdout)
        self.assertIn("| `max_walltime` | number | `0.0` | s | >= 0 |", run(["--help", "all"], launcher=False).stdout)
        done = run(["--version"], launcher=False)
        for text in ("hypercast-frame ", "\ngit ", "\nbuild ", "\ncompiler ", "\nflags ", "\nmpi ", "\ntoml++ ",
                     "\ncli11 ", "\nnothing     1.2"):
            self.assertIn(text, done.stdout)
        self.assertEqual(run(["--list"], launcher=False).stdout, "endings: well again\n")
        self.assertEqual(run(["--nonsense"], launcher=False).returncode, 64)
        self.assertEqual(run(["study.toml"], launcher=False).returncode, 0)
        self.assertEqual(run(["--help"], ranks=3).stdout.count("usage:"), 1)

    def test_modes_need_no_deck(self):
        done = self.expect((0, ["--count", "a", "b c"]), (65, ["--count", "bad"]), (0, ["--count", "a", "--count", "b"]))
        self.assertEqual(done.stdout, "2 files on 3 ranks, the last b\n")
        self.assertEqual(os.listdir("."), ["study.toml"])
        self.assertIn("usage: hypercast-frame DECK [flags]\n       hypercast-frame --count FILE...\n",
                      run(["--help"], launcher=False).stdout)
        name = "hypercast-frame: error: "
        self.expect((64, ["--count"]),
                    (64, ["--cuont", "a"], name + "unknown flag --cuont; did you mean '--count'?"),
                    (64, ["study.toml", "--count", "a"],
                     name + "--count needs no deck; what is 'study.toml'?; see hypercast-frame --help"),
                    (64, ["--count", "a", "--loud"], name + "--count goes with no other flag; see hypercast-frame --help"),
                    (64, ["--count", "a", "--check"], name + "--count goes with no other flag; see hypercast-frame --help"),
                    (64, ["--count", "a", "--count-again", "b"],
                     name + "--count and --count-again exclude each other; see hypercast-frame --help"))

    def test_decks_that_are_wrong(self):
        name = "hypercast-frame: error: "
        self.write("typo.toml", '[end]\nhow = "wel"\n')
        os.mkdir("folder.toml")
        with open("huge.toml", "wb") as file:
            file.truncate(1 << 33)
        self.expect((65, ["typo.toml"],
                     name + "typo.toml:2:7: [end] how: unknown choice 'wel'; did you mean 'well'?"),
                    (65, ["study.toml", "--set", "end.hwo=1"],
                     name + "--set end.hwo: unknown key; did you mean 'how'?"),
                    (66, ["missing.toml"], name + "missing.toml: no such file"),
                    (65, ["folder.toml"], name + "folder.toml: is a folder, not a deck"),
                    (65, ["huge.toml"], name + "huge.toml: is larger than 1 MiB; no deck is"))
        self.assertFalse(os.path.exists("runs"))

    def test_output_that_cannot_be(self):
        self.write("file", "")
        below = "hypercast-frame: error: output folder file/x cannot be created: "
        self.expect((73, ["study.toml", "--output", "file/x"], below + "Not a directory"),
                    (73, ["study.toml", "--output", "file/x", "--check"],
                     below + os.path.realpath("file") + " is not a folder"),
                    (73, ["study.toml", "--output", "file"]),
                    (73, ["study.toml", "--output", "file", "--check"]),
                    (73, ["study.toml", "--output", "file/y/z", "--check"]),
                    (73, ["study.toml", "--output", "/proc/x"]))

    @unittest.skipIf(os.geteuid() == 0, "root may write everywhere")
    def test_output_without_permission(self):
        os.mkdir("locked", 0o555)
        self.expect((73, ["study.toml", "--output", "locked"]),
                    (73, ["study.toml", "--output", "locked/x", "--check"]))

    def test_check_writes_nothing_and_prints_a_deck(self):
        done = self.expect((0, ["study.toml", "--check"]))
        self.assertEqual(sorted(os.listdir(".")), ["study.toml"])
        self.assertTrue(done.stdout.startswith("# ranks 3\n# size 7\n[end]\n"), done.stdout)
        self.write("resolved.toml", done.stdout)
        self.assertEqual(run(["resolved.toml", "--check"], ranks=3).stdout, done.stdout)

    def test_an_error_on_one_rank_ends_all(self):
        endings = {"error": (70, "it broke ["), "error_io": (74, "the disk broke ["), "memory": (71, "out of memory"),
                   "logic": (70, "a bug"), "user_lonely": (65, "on one rank only")}
        with ThreadPoolExecutor(6) as pool:
            jobs = {how: pool.submit(run, ["study.toml", "--set", "end.how=" + how], ranks=3) for how in endings}
        for how, (code, text) in endings.items():
            with self.subTest(how=how):
                done = jobs[how].result()
                self.assertEqual(done.returncode, code, done.stderr)
                self.assertIn("hypercast-frame: rank 2: " + text, done.stderr)

    def test_an_error_of_the_only_rank(self):
        self.assertEqual(run(["study.toml", "--set", "end.how=error"], launcher=False).returncode, 70)
        self.assertEqual(run(["study.toml", "--set", "end.how=memory"], launcher=False).returncode, 71)

    def test_user_errors_of_the_run(self):
        self.expect((65, ["study.toml", "--set", "end.how=user"],
                     "hypercast-frame: error: --set end.how: asked for"),
                    (78, ["study.toml", "--set", "end.how=begin"], "hypercast-frame: error: cannot begin"))

    def test_the_instruction_set_is_chosen_and_told(self):
        done = self.expect((78, ["--version"]), env={"HYPERCAST_ISA": "fast"})
        self.assertIn("hypercast-frame: error: HYPERCAST_ISA=fast: no such instruction set; known: ", done.stderr)
        done = self.expect((0, ["study.toml"]), env={"HYPERCAST_ISA": "portable"})
        self.assertRegex(done.stdout, r"hypercast-frame \S+ ranks \d+ isa portable deck study.toml")
        self.assertRegex(self.expect((0, ["--version"]), env={"HYPERCAST_ISA": "portable"}).stdout,
                         r"isa +portable")

    def test_ranks_agree_on_the_instruction_set(self):
        """As on a cluster with processors of two kinds."""
        def mixed(*sets):
            ranks = [["-n", "1", "env", f"HYPERCAST_ISA={isa}", APP, "study.toml"] for isa in sets]
            return subprocess.run(["timeout", "20", MPIEXEC, *ranks[0], ":", *ranks[1]], capture_output=True, text=True,
                                  check=False)

        there = [isa for isa in ("v2", "v3", "v4") if run(["--version"], env={"HYPERCAST_ISA": isa}).returncode == 0]
        done = mixed("portable", "v2")
        self.assertEqual(done.returncode, 78, done.stdout + done.stderr)
        what = "ranks run on different instruction sets" if "v2" in there else "HYPERCAST_ISA=v2: "
        self.assertIn(f"hypercast-frame: error: {what}", done.stderr)
        done = mixed("v3", "v4")  # which give the same bits
        self.assertEqual(done.returncode, 0 if {"v3", "v4"} <= set(there) else 78, done.stdout + done.stderr)

    def test_stop_file_and_walltime(self):
        slow = ["study.toml", "--set", "end.how=stop"]
        self.expect((75, [*slow, "--set", "run.max_walltime=0.1"]))
        self.expect((75, slow), env={"SLURM_JOB_END_TIME": str(int(time.time()) + 30)})
        self.write("runs/study/STOP", "")
        done = self.expect((75, slow))
        self.assertIn("warning: runs/study/STOP asks this run to stop", done.stderr)

    def test_usr1_stops_with_75(self):
        app = subprocess.Popen([APP, "study.toml", "--set", "end.how=stop"], stdout=subprocess.PIPE, text=True)
        app.stdout.readline()
        app.send_signal(signal.SIGUSR1)
        self.assertEqual(app.wait(timeout=20), 75)
        app.stdout.close()

    def test_usr1_before_the_run_is_kept_and_after_it_harmless(self):
        self.expect((75, ["study.toml", "--set", "end.how=stop_early"]), (0, ["study.toml", "--set", "end.how=stop_late"]))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
