#!/usr/bin/env python3
"""No rank of hypercast-train ever holds the whole parameters: at the start, at checkpoints and on resuming."""
import re
import subprocess
from pathlib import Path

from runs import InFolder, command, good, main, newest_checkpoint, sets, tree

WIDTH, ALLOWANCE = 512, 24  # of the trunk; MiB beside parameters and moments: pieces on their way, factors, buffers of MPI
LARGE = sets("inr.siren.width=90", "inr.siren.depth=3", f"hypernetwork.width={WIDTH}", "train.batch=4")
SAVING = sets("data.path=runs/deck/data/train", "train.checkpoint_every=2", "train.keep_last=1", "train.validate_every=0")


def train(folder, steps, *args, ranks=1):
    return good("train", "deck.toml", "--output", folder, *SAVING, *sets(f"train.steps={steps}"), *args, ranks=ranks)


def peaks(said):
    """MiB: the most memory of a rank, and of a node."""
    return [int(number) for number in re.search(r"most memory of a rank (\d+) MiB, of a node (\d+) MiB", said).groups()]


def most_state(said, ranks):
    """MiB: 12 bytes a number of a rank's rows, 16 a number that is everybody's. Rows are dealt out in blocks of 64."""
    phi, theta = (int(number) for number in re.search(r"model phi (\d+) theta (\d+)", said).groups())
    blocks = -(-theta // 64)
    ends = [min(theta, 64 * (blocks * rank // ranks)) for rank in range(ranks + 1)]
    rows = max(end - begin for begin, end in zip(ends, ends[1:]))
    return (12 * rows * (WIDTH + 1) + 16 * (phi - theta * (WIDTH + 1))) / 2**20


class Memory(InFolder):
    @classmethod
    def prepare(cls):
        good("solve", "deck.toml")

    def test_a_rank_holds_its_part(self):
        tiny = {ranks: peaks(train(f"tiny-{ranks}", 4, ranks=ranks))[0] for ranks in (1, 2)}

        def is_within(ranks, said):
            """What was predicted holds; a rank with all of two copies more than its part would not do."""
            state, (most, node) = most_state(said, ranks), peaks(said)
            self.assertGreater(state * ranks, 85)
            self.assertLess(most - tiny[ranks], state + ALLOWANCE)
            self.assertLessEqual(most, node)
            self.assertLessEqual(node, ranks * most)
            self.assertEqual(re.findall(r"memory: ([\d.]+) MiB a rank", said), [f"{state:.1f}"])

        for ranks, others in ((1, 2), (2, 1)):
            with self.subTest("saved", ranks=ranks):
                is_within(ranks, train(f"on-{ranks}", 4, *LARGE, ranks=ranks))
            with self.subTest("resumed", ranks=others):
                is_within(others, train(f"on-{ranks}", 6, *LARGE, "--resume", "auto", ranks=others))
        self.same_payload(newest_checkpoint("on-1"), newest_checkpoint("on-2"))
        with self.subTest("begun from parameters"):
            is_within(2, train("from", 2, *LARGE, *sets(f"train.init_from={newest_checkpoint('on-1')}"), ranks=2))
        with self.subTest("predicted by --check"):
            said = [train("on-1", 6, *LARGE, "--check", ranks=ranks) for ranks in (1, 2)]
            for ranks in (1, 2):
                self.assertIn(f"memory: {most_state(said[0], ranks):.1f} MiB a rank", said[ranks - 1])

    def test_a_disk_that_is_full(self):
        """Files cannot grow beyond a limit: one line, its exit code, and the checkpoint that was there stays."""
        train("full", 2, *LARGE, ranks=2)
        before = tree("full/ckpt")
        most = len(next(iter(before.values())))
        for limit in (most // 2, most - 100_000, most - 2_000):
            for ranks in (1, 3):
                # The limit is the program's alone: mpirun has files of its own.
                words = command("train", "deck.toml", "--output", "full", "--resume", "auto", *SAVING,
                                *sets("train.steps=4"), *LARGE, ranks=ranks)
                done = subprocess.run(["timeout", "--kill-after=5", "60", *words[:3], "prlimit", f"--fsize={limit}", *words[3:]],
                                      capture_output=True, text=True, stdin=subprocess.DEVNULL)
                with self.subTest(limit=limit, ranks=ranks):
                    self.exits(74, done)
                    lines = [line for line in done.stderr.splitlines() if line.startswith("hypercast-train: ")]
                    self.assertEqual(len(lines), 1, done.stderr)
                    self.assertRegex(lines[0], r"rank 0: cannot .*step-000000004.h5.tmp: File too large")
                    self.assertEqual(tree("full/ckpt"), before)


if __name__ == "__main__":
    main()
