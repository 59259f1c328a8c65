#!/usr/bin/env python3
"""Comparing models from files to files: golden values, ranks, memory, stopping, own models, and the decks."""
import csv
import re
import signal
import subprocess
import time
from pathlib import Path

import h5py
import numpy as np

from comparisons import KERNELS, OTHERS, RESULT, SPACES, OfZoo, deck, measures, result, save
from runs import SOURCE, InFolder, good, main, payload, run, sets, start, together, wait_until, write


def golden():
    """The demonstration pair of google-research/representation_similarity."""
    state = np.random.RandomState(1337)
    x = state.randn(100, 10)
    return x, state.randn(100, 10) + x


class Golden(InFolder):
    @classmethod
    def prepare(cls):
        x, y = golden()
        np.save("x.npy", x)
        np.save("y.npy", np.asfortranarray(y))
        deck("pair.toml", 'features = ["x.npy", "y.npy"]')
        cls.said = good("similarity", "pair.toml", *sets(measures(KERNELS + SPACES + OTHERS), "similarity.jackknife=0"), ranks=2)

    def test_values(self):
        for measure, value in (("cka", 0.5576132566117588), ("cka_debiased", 0.513456489505526),
                               ("cka_rbf", 0.6548311822614982), ("cca_r2", 0.5453963321908328),
                               ("cca", 0.7310139587836586), ("procrustes", 0.7362553106058285),
                               ("angular_shape", 0.7432764761208088), ("linreg", 0.5634752416529545),
                               ("hsic", 11.878357269185978), ("hsic_unbiased", 9.895955787045914), ("mutual_knn", 0.279)):
            with self.subTest(measure):
                found = result("runs/pair", measure)
                np.testing.assert_allclose(found[0, 1], value, rtol=1e-12)
                if measure not in ("hsic", "hsic_unbiased", "angular_shape"):
                    np.testing.assert_allclose(np.diag(found), 1, rtol=0, atol=1e-12)
                self.assertEqual(result("runs/pair", measure, "status").tolist(), [[0, 0], [0, 0]])

    def test_what_the_file_tells(self):
        with h5py.File(f"runs/pair/{RESULT}") as file:
            self.assertEqual([name.decode() for name in file["models/name"][:]], ["x", "y"])
            np.testing.assert_array_equal(file["models/width"][:], [10, 10])
            facts = dict(file["measures/cka"].attrs)
            self.assertTrue(facts["larger_is_more_similar"] and facts["symmetric"] and not facts["is_metric"])
            self.assertIn("x.npy", file["provenance"].attrs["deck_toml"])
        self.assertRegex(self.said, r"cka: most alike x ~ y 0\.5576")

    def test_tables(self):
        with open("runs/pair/similarity/similarity_cka.csv") as file:
            rows = list(csv.reader(file))
        self.assertEqual(rows[0][1:], ["x", "y"])
        self.assertAlmostEqual(float(rows[1][2]), 0.5576132566117588, places=14)
        with open("runs/pair/similarity/similarity.csv") as file:
            long = list(csv.DictReader(file))
        self.assertEqual(len(long), 4 * len(KERNELS + SPACES + OTHERS))


class Zoo(OfZoo):
    @classmethod
    def prepare(cls):
        super().prepare()
        good("similarity", "zoo.toml", "--output", "on-1", *cls.settings)

    def test_ranks_change_nothing(self):
        found = together([lambda ranks=ranks: run("similarity", "zoo.toml", "--output", f"on-{ranks}", *self.settings, ranks=ranks)
                          for ranks in (2, 3, 4, 7)], at_once=1)
        for ranks, done in zip((2, 3, 4, 7), found):
            with self.subTest(ranks=ranks):
                self.exits(0, done)
                self.same_payload(f"on-1/{RESULT}", f"on-{ranks}/{RESULT}")

    def test_statistics(self):
        names = [name.decode() for name in h5py.File(f"on-1/{RESULT}")["models/name"][:]]
        at = {name: i for i, name in enumerate(names)}
        value = result("on-1", "cka_debiased")
        self.assertAlmostEqual(value[at["base"], at["turned"]], 1, places=12)
        self.assertLess(abs(value[at["base"], at["other"]]), 0.1)
        error = result("on-1", "cka_debiased", "stderr")
        self.assertLess(error[at["base"], at["turned"]], 1e-12)
        self.assertTrue(0 < error[at["base"], at["noisy"]] < 0.1)
        p = result("on-1", "cka_debiased", "p_value")
        self.assertEqual(p[at["base"], at["turned"]], 0.25)
        null = result("on-1", "cka_debiased", "null_mean")
        self.assertLess(np.abs(null[at["base"], at["turned"]]), 0.1)
        # The jackknife of one pass is that of separate runs.
        groups = [np.arange(203 * g // 5, 203 * (g + 1) // 5) for g in range(5)]
        x, y = self.x, np.load("zoo/a_noisy.npy")

        def cka(rows):
            a, b = x[rows] - x[rows].mean(0), y[rows] - y[rows].mean(0)
            return np.linalg.norm(a.T @ b) ** 2 / np.linalg.norm(a.T @ a) / np.linalg.norm(b.T @ b)

        parts = np.array([cka(np.setdiff1d(np.arange(203), group)) for group in groups])
        self.assertAlmostEqual(result("on-1", "cka", "stderr")[at["base"], at["noisy"]],
                               np.sqrt(4 / 5 * ((parts - parts.mean()) ** 2).sum()), places=10)

    def test_little_memory_and_files_in_other_forms(self):
        for file in Path("zoo").glob("*.npy"):
            values = np.load(file)
            save(f"forms/{file.stem}.npy", np.asfortranarray(values))
            with h5py.File(f"forms/{file.stem}.h5", "w") as opened:
                opened.create_dataset("deep/features", data=values.astype(">f8"), chunks=(50, 1), compression="gzip")
        for name, features in (("fortran", "forms/*.npy"), ("hdf5", "forms/*.h5:deep/features")):
            good("similarity", "zoo.toml", "--output", name, *sets(f'similarity.features=["{features}"]'), *self.settings, ranks=2)
            self.assertEqual(result(name, "cka").tolist(), result("on-1", "cka").tolist())

    def test_memory(self):
        rng = np.random.default_rng(5)
        z = rng.standard_normal((4000, 8))
        for number in range(12):
            save(f"large/{number}.npy", z @ rng.standard_normal((8, 256)) + 0.1 * rng.standard_normal((4000, 256)))
        save("large_labels.npy", rng.integers(0, 3, 4000))
        names = ["cka_debiased", "cka_minibatch", "procrustes", "rsa", "logme", "delta"]
        text = deck("large.toml", 'features = ["large/*.npy"]\nlabels = ["large_labels.npy"]\njackknife = 0')

        def peak(said):
            return float(re.search(r"most memory of a rank (\d+) MiB", said).group(1))

        small = peak(good("similarity", "zoo.toml", "--output", "small", *sets(measures(["cka"]))))
        # 94 MiB of features, which 60 do not hold.
        little = good("similarity", text, "--output", "little", *sets(measures(names[:4]), "similarity.memory=60", "similarity.rsa.rows=500"))
        plenty = good("similarity", text, "--output", "plenty", *sets(measures(names), "similarity.memory=4000", "similarity.rsa.rows=500"))
        self.assertLess(peak(little), small + 60)
        self.assertGreater(peak(plenty), small + 94)
        for measure in names[:4]:
            np.testing.assert_allclose(result("little", measure), result("plenty", measure), rtol=1e-9, atol=1e-12)
        done = self.exits(65, run("similarity", text, "--output", "less", *sets(measures(["procrustes"]), "similarity.memory=40"), ranks=2))
        self.says_once(done, r"hypercast-similarity: error: .*memory: is too small for procrustes: set \d+ or more")

    def test_stopped_as_often_as_one_likes(self):
        settings = [*self.settings, *sets("similarity.permutations=400")]
        good("similarity", "zoo.toml", "--output", "whole", *settings)
        said = []
        for _ in range(4):
            process = start("similarity", "zoo.toml", "--output", "parts", *settings, ranks=2)
            wait_until(lambda: "models 5" in Path("similarity.log").read_text(), process)
            time.sleep(0.3)
            process.send_signal(signal.SIGUSR1)
            self.assertIn(process.wait(60), (0, 75), Path("similarity.log").read_text())
            said.append(Path("similarity.log").read_text())
            self.assertNotIn("internal", said[-1])
        self.assertTrue(any("stopped before the comparison was complete" in text for text in said), said)
        self.assertEqual(self.same_results("whole", "parts", settings), [])
        self.assertFalse(Path("parts/similarity/progress.h5").exists())
        # A wish that is there from the beginning; what another deck has left is left alone.
        write("parts/STOP", "")
        self.exits(75, run("similarity", "zoo.toml", "--output", "parts", *settings, ranks=2))
        Path("parts/STOP").unlink()
        write("parts/similarity/progress.h5", "damaged")
        done = run("similarity", "zoo.toml", "--output", "parts", *settings, *sets("similarity.seed=1"))
        self.assertIn("begins anew", self.exits(0, done).stdout + done.stderr)

    def same_results(self, one, other, settings):
        """Names of what differs between a run and another that is brought to its end."""
        good("similarity", "zoo.toml", "--output", other, *settings, ranks=2)
        a, b = payload(f"{one}/{RESULT}"), payload(f"{other}/{RESULT}")
        return [name for name in a if a[name] != b.get(name)] + [name for name in b if name not in a]

    def test_tables_of_an_earlier_run_do_not_stay(self):
        same = sets("similarity.jackknife=0")
        good("similarity", "zoo.toml", "--output", "tables", *same, *sets(measures(["cka", "cca"])))
        good("similarity", "zoo.toml", "--output", "tables", *same, *sets(measures(["rsa"])))
        self.assertEqual(sorted(path.name for path in Path("tables/similarity").iterdir()),
                         ["similarity.csv", "similarity.hdf5", "similarity_rsa.csv"])


class Decks(InFolder):
    """The decks of inputs/, and the one of the README, on less."""

    def groups(self, folder, measure):
        with h5py.File(f"{folder}/{RESULT}") as file:
            return {name: file[f"group_separation/{measure}/{name}"][0] for name in ("average_precision", "base_rate", "violations")}

    def test_the_zoo(self):
        made = subprocess.run([SOURCE / "tools/make_zoo", "zoo"], capture_output=True, text=True)
        self.assertEqual(made.returncode, 0, made.stderr)
        said = good("similarity", SOURCE / "inputs/similarity_quick.toml", *sets("similarity.jackknife=2", "similarity.permutations=2"), ranks=2)
        found = self.groups("runs/similarity_quick", "cka_debiased")
        self.assertEqual((found["average_precision"], found["violations"]), (1, 0), said)
        self.assertLess(found["base_rate"], 0.4)
        with open("zoo/truth.csv") as file:
            truth = [row for row in csv.DictReader(file) if row["copy_of"] and set(row["by"]) <= set("TOSP") and row["file"].endswith(".npy")]
        with h5py.File(f"runs/similarity_quick/{RESULT}") as file:
            at = {name.decode().replace("/", "_"): i for i, name in enumerate(file["models/name"][:])}
        self.assertGreater(len(truth), 5)
        for row in truth:
            for measure in ("cka", "cka_debiased", "procrustes", "delta"):
                value = result("runs/similarity_quick", measure)[at[row["name"]], at[row["copy_of"]]]
                self.assertAlmostEqual(value, 1, places=4, msg=f"{measure} of {row}")

    def test_layers(self):
        rng = np.random.default_rng(2)
        layers = [rng.standard_normal((60, 20))]
        for _ in range(3):
            layers.append(np.maximum(layers[-1] @ rng.standard_normal((20, 20)) / 4, 0))
        for net in range(3):
            for number, layer in enumerate(layers, 1):
                save(f"fashion/net{net}/layer{number}.npy", layer @ np.linalg.qr(rng.standard_normal((20, 20)))[0] + 0.01 * rng.standard_normal((60, 20)))
        save("fashion/labels.npy", np.arange(60) % 4)
        said = good("similarity", SOURCE / "inputs/similarity_layers.toml", ranks=2)
        self.assertRegex(said, r"cka: 100.0 % of 24 layers find their own, chance 25.0 %")
        with h5py.File(f"runs/similarity_layers/{RESULT}") as file:
            self.assertEqual(file["layer_match/cka"].attrs["accuracy"], 1)
            self.assertEqual(file["layer_match/cka/correct"][:].tolist(), [1] * 24)
            self.assertLess(file["layer_match/hsic"].attrs["accuracy"], 1)

    def test_own_models(self):
        deck_file = SOURCE / "inputs/similarity_inrs.toml"
        small = sets("grid.points=[32]", "time.step=0.02", "train.steps=20", "inr.siren.width=8", "similarity.inr.points=100",
                     'similarity.inr.checkpoints=["inrs/seed*/ckpt/step-*20.h5"]')
        good("solve", deck_file, "--output", "inrs/data", *small)
        for seed in (0, 1):
            good("train", deck_file, "--output", f"inrs/seed{seed}", *small, *sets("data.path=inrs/data/data/train", f"train.seed={seed}"))
        for ranks in (1, 3):
            good("similarity", deck_file, "--output", f"inrs-{ranks}", *small, ranks=ranks)
        self.same_payload(f"inrs-1/{RESULT}", f"inrs-3/{RESULT}")
        with h5py.File(f"inrs-1/{RESULT}") as file:
            names = [name.decode() for name in file["models/name"][:]]
            self.assertEqual(len(names), 2 * 5 * 3)
            self.assertIn("seed1 t=0.5 layer 2", names)
            self.assertTrue(np.isfinite(file["measures/cka_debiased/value"][:]).all())
            self.assertEqual(file["models/width"][0], 8)
            self.assertIn("layer_match/cka_debiased", file)
        # Beside features of files, rows of which are taken to be the points; fields as layer 0.
        save("field.npy", np.random.default_rng(0).standard_normal((100, 3)))
        good("similarity", deck_file, "--output", "both", *small, *sets('similarity.features=["field.npy"]', "similarity.inr.layers=[0, 3]"))
        with h5py.File(f"both/{RESULT}") as file:
            self.assertEqual(file["models/width"][:3].tolist(), [3, 1, 8])
        for setting, code, text in (("similarity.inr.layers=[4]", 77, "has 3 hidden layers, not 4"),
                                    ("similarity.inr.parameters=[1.0]", 77, "depends on 0 parameters"),
                                    ("similarity.inr.times=[]", 65, "times: says which INRs"),
                                    ('similarity.inr.checkpoints=["inrs/none*.h5"]', 66, "no checkpoint fits")):
            done = self.exits(code, run("similarity", deck_file, "--output", "wrong", *small, *sets(setting), ranks=2))
            self.says_once(done, f"hypercast-similarity: error: .*{text}")

    def test_the_ten_lines_of_the_readme(self):
        readme = (SOURCE / "README.md").read_text()
        text = readme.split("# models.toml\n", 1)[1].split("```", 1)[0]
        write("models.toml", text)
        rng = np.random.default_rng(0)
        for name in "abc":
            save(f"features/{name}.npy", rng.standard_normal((40, 6)))
        good("similarity", "models.toml", *sets("similarity.permutations=3"), ranks=2)
        self.assertEqual(result("runs/models", "mutual_knn").shape, (3, 3))
        drawn = subprocess.run([SOURCE / "tools/plot_similarity", "runs/models"], capture_output=True, text=True)
        self.assertEqual(drawn.returncode, 0, drawn.stderr)


if __name__ == "__main__":
    main()
