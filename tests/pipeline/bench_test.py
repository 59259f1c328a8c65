#!/usr/bin/env python3
"""hypercast-bench measures whatever it is asked for on any number of ranks, and bench.json says all of it. How fast
things are is nobody's business here."""
import json
import math
from pathlib import Path

import numpy as np

from runs import SOURCE, InFolder, good, main, run, sets, together, tree, write

QUICK = sets("bench.seconds=1e-4", "bench.repeats=5", "bench.memory.dram=1", "bench.products.rows=16", "bench.products.width=8",
             "bench.kernels.widths=[8, 32]", "bench.kernels.points=100", "bench.evaluation.width=16", "bench.evaluation.points=300",
             "bench.evaluation.chunk=128", "bench.optimiser.dram=1",
             *(f"bench.{group}.{key}={size}" for group in ("head", "step") for key, size in
               (("trunk_width", 16), ("inr_width", 8), ("layers", 2), ("points_x", 4), ("points_y", 3), ("frames", 5))),
             "bench.sums.rows=200", "bench.solver.line=32", "bench.solver.square=16")
GROUPS = ["clock", "fma", "sincos", "memory", "messages", "window", "kernels", "evaluation", "optimiser", "head", "sums", "step",
          "solver", "products", "model"]

MACHINE = {"processor": str, "logical_processors": int, "cores": int, "threads_per_core": int, "usable_processors": int,
           "hypervisor": str, "megahertz": (int, float), "isa": list, "caches": list, "memory_bytes": (int, float),
           "transparent_hugepages": str}
RUN = {"ranks": int, "ranks_per_node": int, "nodes": int, "mpi": str, "compiler": str, "flags": str, "isa": str,
       "kernels": str, "seconds": float, "repeats": int, "cpu_share": float}
TOP = {"app": str, "version": str, "git_hash": str, "git_dirty": bool, "command_line": str, "started": str,
       "deck_resolved": str, "machine": dict, "run": dict, "items": list, "tables": list, "notes": list}
ITEM = {"name": str, "unit": str, "what": str, "median": (int, float), "lower_quartile": (int, float),
        "upper_quartile": (int, float), "count": int, "bound": (dict, type(None)), "fraction": (int, float, type(None))}
UNITS = {"s", "flop/s", "B/s", "Hz", "1"}
SIZES = [8, 64, 512, 4096, 32768, 262144, 1048576, 4194304]
LINK = [*map(str, SIZES), "latency", "bandwidth", "misfit"]


def items_of(ranks, nodes=1):
    """What a run of all groups must hold."""
    names = [f"clock.{who}" for who in ("alone", "together")]
    names += [f"fma.{kind}.{who}" for kind in ("float", "double") for who in ("alone", "together")]
    names += [f"sincos.{who}" for who in ("alone", "together")]
    names += [f"memory.{place}.{loop}.{who}" for place in ("l2", "last_cache", "dram")
              for loop in ("read", "copy", "triad", "update") for who in ("alone", "together")]
    if ranks > nodes:
        names += [f"messages.node.{what}" for what in LINK] + [f"window.{what}" for what in LINK]
    if nodes > 1:
        names += [f"messages.network.{what}" for what in LINK]
    if ranks > 1:
        names += ["messages.barrier", "messages.allreduce.8", "messages.allgather.4096", "sums.gather_rows", "sums.gather_columns"]
    names += [f"{what}.{who}" for who in ("alone", "together") for what in
              (*(f"kernels.{part}.w{width}" for part in ("frame", "values") for width in (8, 32)),
               "evaluation.one_call", "evaluation.chunks", *(f"optimiser.{place}" for place in ("l2", "last_cache", "dram")),
               "solver.burgers.fd", "solver.burgers.spectral", "solver.gray_scott.fd", "solver.navier_stokes.spectral")]
    names += [f"sums.{what}.{how}" for what in ("dh", "leaf") for how in ("ordered", "allreduce")]
    return sorted([*names, "window.sync", "head.forward", "head.backward", "step.time", "products.16x8"])


def read(folder):
    return json.loads(Path(folder, "bench/bench.json").read_text())


class Bench(InFolder):
    @classmethod
    def prepare(cls):
        write("bench.toml", "[bench]\n")

    def has_keys(self, entry, keys):
        self.assertEqual(entry.keys(), keys.keys())
        for key, kind in keys.items():
            self.assertIsInstance(entry[key], kind, key)

    def is_sound(self, found):
        self.has_keys(found, TOP)
        self.has_keys(found["machine"], MACHINE)
        self.has_keys(found["run"], RUN)
        self.assertGreater(found["run"]["cpu_share"], 0)
        for item in found["items"]:
            with self.subTest(item=item["name"]):
                self.has_keys(item, ITEM)
                self.assertIn(item["unit"], UNITS)
                self.assertEqual(item["count"], 5)
                numbers = [item[key] for key in ("lower_quartile", "median", "upper_quartile")]
                self.assertTrue(all(math.isfinite(number) and number > 0 for number in numbers), numbers)
                self.assertEqual(numbers, sorted(numbers))
                self.assertEqual(item["bound"] is None, item["fraction"] is None)
                if item["bound"]:
                    parts = (item["bound"]["value"], item["median"])
                    reached = parts[0] / parts[1] if item["unit"] == "s" else parts[1] / parts[0]
                    self.assertAlmostEqual(item["fraction"], reached, places=12)
                    self.assertTrue(item["bound"]["name"])

    def tables_are_sound(self, tables, ranks):
        sums, step, *tables = tables
        self.assertEqual([sums["name"], step["name"]], ["sums", "step.floor"])
        for row in sums["rows"]:
            terms, numbers, ordered, other, difference = row
            self.assertAlmostEqual(difference, ordered - other, places=12)
        self.assertEqual([row[:2] for row in sums["rows"]], [[4, 16 * 128], [4, 18816]])
        self.assertEqual([table["name"] for table in tables],
                         ["model.machine", "model.strong.default", "model.weak.default", "model.strong.recommended",
                          "model.weak.recommended"])
        for table in tables:
            for row in table["rows"]:
                self.assertEqual(len(row), len(table["columns"]))
                self.assertTrue(all(math.isfinite(number) and number >= 0 for number in row))
        for table in tables[1:]:
            rows = [dict(zip(table["columns"], row)) for row in table["rows"]]
            self.assertEqual([row["ranks"] for row in rows], ranks)
            for row in rows:
                parts = [row[name] for name in row if name.endswith("_s") and name not in
                         ("floor_s", "head_compute_s", "head_memory_s", "unsharded_head_memory_s")]
                self.assertAlmostEqual(row["floor_s"], sum(parts) + max(row["head_compute_s"], row["head_memory_s"]), places=12)
            frames = [row["frames"] for row in rows]
            self.assertEqual(frames, [3 * r for r in ranks] if "weak" in table["name"] else [24] * len(ranks))
        default, best = ([row[-3] for row in tables[i]["rows"]] for i in (1, 3))
        self.assertEqual(tables[1]["columns"][-3], "floor_s")
        self.assertTrue(all(b <= d for b, d in zip(best, default)), "the recommended grid is not slower")

    def test_all_groups_on_one_to_three_ranks(self):
        model = sets("bench.model.ranks=[1,2,64]", "bench.model.frames=24", "bench.model.frames_per_rank=3")
        for ranks in (1, 2, 3):
            with self.subTest(ranks=ranks):
                said = good("bench", "bench.toml", "--output", f"on{ranks}", *QUICK, *model, ranks=ranks)
                found = read(f"on{ranks}")
                self.is_sound(found)
                self.assertEqual(sorted(item["name"] for item in found["items"]), items_of(ranks))
                self.tables_are_sound(found["tables"], [1, 2, 64])
                self.assertEqual([found["run"][key] for key in ("ranks", "nodes", "ranks_per_node", "repeats", "seconds")],
                                 [ranks, 1, ranks, 5, 1e-4])
                for item in found["items"]:
                    self.assertEqual(said.count(f"\n{item['name']} "), 1, item["name"])
                self.assertIn("\nmodel.weak.recommended: modelled", said)
                notes = [note.split(":")[0] for note in found["notes"]]
                told = ["messages", "window", "model"] if ranks == 1 else ["model"]
                self.assertEqual(notes[:len(told)], told)
                self.assertEqual(len(set(found["notes"])), len(found["notes"]), "each is made once")
                made = {item["name"]: item for item in found["items"]}
                self.assertEqual(made["kernels.frame.w32.alone"]["bound"]["name"], "fma.float.alone")
                self.assertEqual(made["optimiser.l2.together"]["bound"]["name"], "memory.l2.update.together")
                self.assertEqual(made["step.time"]["bound"]["name"], "its floor")
                self.assertNotIn("frames", [path.name for path in Path(f"on{ranks}/bench").iterdir()])

    def test_nodes_talk_to_each_other(self):
        for ranks, most in ((2, 1), (3, 2)):
            with self.subTest(ranks=ranks):
                folder = f"nodes{ranks}"
                good("bench", "bench.toml", "--output", folder, *QUICK, *sets(f"run.ranks_per_node={most}"), ranks=ranks)
                found = read(folder)
                self.is_sound(found)
                self.assertEqual(sorted(item["name"] for item in found["items"]), items_of(ranks, 2))
                self.assertEqual([found["run"]["nodes"], found["run"]["ranks_per_node"]], [2, most])
                machine = next(table for table in found["tables"] if table["name"] == "model.machine")
                network = dict(zip(machine["columns"], machine["rows"][0]))["network_latency_s"]
                items = {item["name"]: item for item in found["items"]}
                self.assertEqual(network, items["messages.network.latency"]["median"])

    def test_what_is_asked_for_and_nothing_else(self):
        good("bench", "bench.toml", "--output", "few", *QUICK, *sets('bench.groups=["products", "clock"]', "bench.products.rows=7"))
        found = read("few")
        self.assertEqual([item["name"] for item in found["items"]], ["products.7x8", "clock.alone", "clock.together"])
        self.assertEqual([found["tables"], found["notes"]], [[], []])

    def test_given_weights_are_evaluated_at_given_places(self):
        random = np.random.default_rng(0)
        width, omega = 5, 3.0
        sizes = [(1, width), (width, width), (width, 2)]
        layers = [(random.normal(size=(outputs, inputs)) / 3, random.normal(size=outputs)) for inputs, outputs in sizes]
        x = random.uniform(-1, 1, size=(300, 1)).astype(np.float32)
        np.save("theta.npy", np.concatenate([part.ravel() for layer in layers for part in layer]).astype(np.float32))
        np.save("x.npy", x)
        a = x.astype(float)
        for weight, bias in layers:
            a = a @ weight.astype(np.float32).T + bias.astype(np.float32)
            a = np.sin(omega * a) if len(bias) == width else a
        shape = sets(f"bench.evaluation.width={width}", "bench.evaluation.layers=2", "bench.evaluation.inputs=1",
                     "bench.evaluation.outputs=2", f"bench.evaluation.omega={omega}", 'bench.groups=["fma", "evaluation"]',
                     "bench.evaluation.weights=theta.npy")
        good("bench", "bench.toml", "--output", "given", *QUICK, *shape, *sets("bench.evaluation.places=x.npy"), ranks=2)
        np.testing.assert_allclose(np.load("given/bench/values.npy"), a, atol=1e-5)
        for places, text in (("theta.npy", "holds 52 numbers instead of 300"), ("bench.toml", "is no NPY file")):
            done = run("bench", "bench.toml", "--output", "given", *QUICK, *shape, *sets(f"bench.evaluation.places={places}"), ranks=2)
            self.exits(65, done)
            self.says_once(done, f"hypercast-bench: error: .*{text}")

    def test_what_it_says_of_itself(self):
        self.assertEqual([line.split()[0] for line in good("bench", "--list").splitlines()[1:]], sorted(GROUPS))
        said = good("bench", "bench.toml", "--check", "--output", "unmade")
        self.assertIn("# 7 samples of 0.05 s for each item of " + " ".join(GROUPS) + "\n", said)
        self.assertFalse(Path("unmade").exists())

    def test_the_deck_that_is_shipped(self):
        deck = SOURCE / "inputs" / "bench.toml"
        self.assertIn("\n#   mpirun -n 2 hypercast-bench inputs/bench.toml\n", deck.read_text())
        self.assertIn("`bench.toml`", (SOURCE / "inputs" / "README.md").read_text())
        good("bench", deck, "--output", "shipped", *QUICK, ranks=2)
        self.is_sound(read("shipped"))
        self.assertEqual(good("bench", "--help", "all"), good("train", "--help", "all"))

    def test_what_is_wrong_is_said(self):
        cases = [
            ('bench.groups=["memry"]', 65, r"groups: unknown group of measurements 'memry'; did you mean 'memory'\?"),
            ('bench.groups=["clock", "clock"]', 65, "names clock twice"),
            ("bench.groups=[]", 65, "names none"),
            ('bench.groups=["clock", "fma", "sincos", "model", "memory"]', 65, "model needs memory before it"),
            ("bench.seconds=-1", 65, "seconds.*> 0"), ("bench.seconds=0", 65, "seconds.*> 0"),
            ("bench.repeats=4", 65, "repeats.*>= 5"), ("bench.memory.dram=-1", 65, "dram.*>= 0"),
            ("bench.model.ranks=[1, 0]", 65, "ranks.*>= 1"), ("bench.model.width=3", 65, "unknown key"),
            ("bench.products.rows=0", 65, "rows.*>= 1")]
        jobs = [(case, 1) for case in cases] + [(case, 3) for case in cases[:4]]
        found = together([lambda case=case, ranks=ranks: run("bench", "bench.toml", "--output", "wrong", *QUICK, *sets(case[0]),
                                                             ranks=ranks) for case, ranks in jobs])
        for ((setting, code, text), ranks), done in zip(jobs, found):
            with self.subTest(setting=setting, ranks=ranks):
                self.exits(code, done)
                self.says_once(done, f"hypercast-bench: error: .*{text}")
        self.assertEqual([name for name in tree("wrong") if "bench.json" in name], [])

    def test_a_stopped_run_leaves_no_file(self):
        write("stopped/STOP", "")
        done = run("bench", "bench.toml", "--output", "stopped", *QUICK, ranks=2)
        self.exits(75, done)
        self.assertFalse(Path("stopped/bench").exists())


if __name__ == "__main__":
    main()
