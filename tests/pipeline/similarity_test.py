#!/usr/bin/env python3
"""Comparing models from files to files: golden values, ranks, layouts, own models, and everything that may be wrong with
what users bring."""
import csv
import subprocess
from pathlib import Path

import h5py
import numpy as np

from runs import SOURCE, InFolder, good, main, run, sets, together, tree, write

KERNELS = ["cka", "cka_debiased", "hsic", "hsic_unbiased", "angular_cka"]
SPACES = ["cca", "cca_r2", "svcca", "pwcca", "linreg", "procrustes", "angular_shape"]
OTHERS = ["cka_rbf", "cka_minibatch", "rsa", "mutual_knn", "jaccard_knn"]
RESULT = "similarity/similarity.hdf5"


def deck(name, text):
    write(name, f"[similarity]\n{text}\n")
    return name


def save(name, values):
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    np.save(name, values)


def measures(names):
    return "similarity.measures=[" + ", ".join(f'"{name}"' for name in names) + "]"


def result(folder, measure, what="value"):
    with h5py.File(f"{folder}/{RESULT}") as file:
        return file[f"measures/{measure}/{what}"][:]


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


class Zoo(InFolder):
    @classmethod
    def prepare(cls):
        rng = np.random.default_rng(0)
        cls.x = rng.standard_normal((203, 12)) @ np.diag(np.arange(1, 13.0))
        q = np.linalg.qr(rng.standard_normal((12, 12)))[0]
        for name, values in (("base", cls.x), ("turned", 3 * cls.x @ q + 5), ("noisy", cls.x + rng.standard_normal((203, 12))),
                             ("other", rng.standard_normal((203, 30))), ("one", cls.x[:, :1])):
            save(f"zoo/a_{name}.npy", values)
        np.save("labels.npy", (cls.x[:, -1] > 0).astype(np.int64))
        deck("zoo.toml", 'features = ["zoo/a_*.npy"]\nlabels = ["labels.npy"]')
        cls.settings = sets(measures(["cka_debiased", "cka", "cka_rbf", "cka_minibatch", "cca", "pwcca", "procrustes", "rsa", "mutual_knn",
                                      "logme", "delta"]),
                            "similarity.jackknife=5", "similarity.permutations=3", "similarity.cka_minibatch.batch=32")
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
        good("similarity", "zoo.toml", "--output", "little", *self.settings, *sets("similarity.memory=0.02"), ranks=2)
        for measure in ("cka", "cca", "mutual_knn", "delta"):
            np.testing.assert_allclose(result("little", measure), result("on-1", measure), rtol=1e-9, atol=1e-12)
        self.assertEqual([path.name for path in Path("little/similarity").iterdir() if path.name.startswith(".")], [])

    def test_images(self):
        rng = np.random.default_rng(1)
        images = rng.standard_normal((30, 3, 4, 5)).astype(np.float32)
        save("shapes/labels.npy", np.arange(30) % 2)
        for layout, values in (("nchw", images), ("nhwc", images.transpose(0, 2, 3, 1))):
            save(f"shapes/{layout}/a.npy", values)
            save(f"shapes/{layout}/b.npy", values ** 3)
        by_hand = {"flatten": lambda x: x.reshape(30, -1), "average": lambda x: x.mean((2, 3)),
                   "places": lambda x: x.transpose(0, 2, 3, 1).reshape(-1, 3)}
        same = sets(measures(["cka"]), "similarity.jackknife=0")
        for pool, rows in by_hand.items():
            save("shapes/rows/a.npy", rows(images))
            save("shapes/rows/b.npy", rows(images ** 3))
            for layout in ("nchw", "nhwc", "rows"):
                good("similarity", deck("shapes.toml", f'features = ["shapes/{layout}/*.npy"]'), "--output", f"{layout}-{pool}", *same, *sets(
                    f'similarity.layout=["{layout}"]', f'similarity.pool=["{pool}"]', "similarity.labels=" + ("[]" if layout == "rows" else '["shapes/labels.npy"]')))
            for layout in ("nchw", "nhwc"):
                with self.subTest(pool=pool, layout=layout):
                    np.testing.assert_allclose(result(f"{layout}-{pool}", "cka"), result(f"rows-{pool}", "cka"), rtol=1e-5)
        # Each pattern in its own layout; arrays of two axes are rows in any.
        text = '''features = ["shapes/nchw/*.npy", "shapes/nhwc/*.npy", "shapes/rows/*.npy"]
            layout = ["nchw", "nhwc", "nchw"]
            pool = ["average"]
            name = ["first {1}", "last {1}", "rows {1}"]'''
        for name, values in (("a", images), ("b", images ** 3)):
            save(f"shapes/rows/{name}.npy", by_hand["average"](values))
        good("similarity", deck("shapes.toml", text), "--output", "mixed", *same, ranks=2)
        with h5py.File(f"mixed/{RESULT}") as file:
            models = {name: [value.decode() for value in file[f"models/{name}"][:]] for name in ("name", "layout", "pool")}
        self.assertEqual(models, {"name": ["first a", "first b", "last a", "last b", "rows a", "rows b"],
                                  "layout": ["nchw"] * 2 + ["nhwc"] * 2 + ["rows"] * 2, "pool": ["average"] * 4 + [""] * 2})
        np.testing.assert_allclose(result("mixed", "cka")[1::2, 0], result("rows-average", "cka")[1, 0], rtol=1e-5)

    def test_rows(self):
        good("similarity", "zoo.toml", "--output", "stride", *sets("similarity.rows=stride", "similarity.count=50", "similarity.jackknife=0",
                                                                    'similarity.measures=["cka"]'))
        for file in Path("zoo").glob("*.npy"):
            save(f"some/{file.name}", np.load(file)[np.arange(50) * 203 // 50])
        good("similarity", "zoo.toml", "--output", "some-rows", *sets('similarity.features=["some/a_*.npy"]', "similarity.labels=[]", "similarity.jackknife=0",
                                                                       'similarity.measures=["cka"]'))
        np.testing.assert_allclose(result("stride", "cka"), result("some-rows", "cka"), rtol=1e-12)

    def test_rows_that_are_not_finite_are_dropped_from_all(self):
        for file in Path("zoo").glob("*.npy"):
            values = np.load(file)
            if file.stem == "a_noisy":
                values[3, 0], values[77, 5] = np.nan, np.inf
            save(f"holes/{file.name}", values)
            save(f"holes/kept_{file.name}", np.delete(np.load(file), [3, 77], axis=0))
        same = sets("similarity.labels=[]", "similarity.jackknife=0", 'similarity.measures=["cka"]')
        good("similarity", "zoo.toml", "--output", "dropped", *same, *sets('similarity.features=["holes/a_*.npy"]', "similarity.nonfinite=drop"), ranks=3)
        good("similarity", "zoo.toml", "--output", "kept", *same, *sets('similarity.features=["holes/kept_a_*.npy"]'))
        np.testing.assert_allclose(result("dropped", "cka"), result("kept", "cka"), rtol=1e-12)

    def test_fewer_rows_than_ranks(self):
        save("few/a.npy", self.x[:4])
        save("few/b.npy", self.x[:4] ** 2)
        save("few4.npy", np.array([0, 1, 0, 1]))
        for ranks in (1, 5):
            good("similarity", deck("few.toml", 'features = ["few/*.npy"]\nlabels = ["few4.npy"]'), "--output", f"few-{ranks}", *sets(
                measures(["cka_debiased", "cka", "procrustes", "delta"]), "similarity.jackknife=0"), ranks=ranks)
        self.same_payload(f"few-1/{RESULT}", f"few-5/{RESULT}")

    def test_undefined_entries_do_not_stop_the_others(self):
        save("flat/flat.npy", np.ones((203, 4)))
        for name in ("base", "noisy"):
            np.save(f"flat/{name}.npy", np.load(f"zoo/a_{name}.npy"))
        done = self.exits(0, run("similarity", deck("flat.toml", 'features = ["flat/*.npy"]'), *sets(
            measures(KERNELS[:2] + SPACES + OTHERS), "similarity.jackknife=4"), ranks=2))
        self.assertIn("1 of 3 models are the same in all rows", done.stderr)
        for measure in KERNELS[:2] + SPACES:
            with self.subTest(measure):
                value, status = result("runs/flat", measure), result("runs/flat", measure, "status")
                self.assertTrue(np.isnan(value[1]).all(), value)
                self.assertTrue((status[1] == 1).all(), status)
                if measure == "linreg":  # what is the same in all rows explains nothing
                    self.assertEqual(value[[0, 2], 1].tolist(), [0, 0])
                else:
                    self.assertTrue(np.isnan(value[:, 1]).all(), value)
                self.assertTrue(np.isfinite(value[[0, 0, 2], [0, 2, 2]]).all())


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


class BadInput(InFolder):
    def test_all(self):
        x = np.random.default_rng(0).standard_normal((20, 3))
        for name, values in (("x", x), ("y", x ** 2), ("short", x[:19]), ("list", x[:, 0]), ("cube", x.reshape(5, 4, 3)),
                             ("holes", np.where(x > 1, np.nan, x)), ("words", np.array(["a"] * 20)), ("things", x.astype(complex)),
                             ("few", x[:3]), ("few2", x[:3] ** 2), ("half", np.full(20, 0.5)), ("labels", np.arange(20) % 3),
                             ("less", np.arange(19)), ("ids", np.arange(20)), ("ids2", np.arange(20)[::-1])):
            np.save(f"{name}.npy", values)
        write("cut.npy", Path("x.npy").read_bytes()[:300])
        write("text.npy", "no array at all")
        with h5py.File("x.h5", "w") as file:
            file["features"] = x
            file.create_group("group")
        both = 'features = ["x.npy", "y.npy"]'
        cases = [
            (65, "names no features", ""),
            (66, "no features fit none", 'features = ["none*.npy"]'),
            (66, "none.npy", 'features = ["x.npy", "none.npy"]'),
            (65, "short has 19 rows, x has 20", 'features = ["x.npy", "short.npy"]'),
            (65, "list.npy has 1 axes", 'features = ["x.npy", "list.npy"]'),
            (65, "cube.npy has 3 axes", 'features = ["x.npy", "cube.npy"]'),
            (65, "holes: row .* not finite", 'features = ["x.npy", "holes.npy"]'),
            (65, "words.npy", 'features = ["x.npy", "words.npy"]'),
            (65, "things.npy", 'features = ["x.npy", "things.npy"]'),
            (65, "cut.npy", 'features = ["x.npy", "cut.npy"]'),
            (65, "text.npy", 'features = ["x.npy", "text.npy"]'),
            (65, "x.h5", 'features = ["x.npy", "x.h5:group"]'),
            (66, "x.h5", 'features = ["x.npy", "x.h5:other"]'),
            (65, "two models are called", 'features = ["x.npy", "x.npy"]'),
            (65, "one model", 'features = ["x.npy"]'),
            (65, "3 rows", 'features = ["few.npy", "few2.npy"]'),
            (65, "stands for nothing", both + '\nname = ["{1}"]'),
            (65, "group: has 3 entries for 2 patterns", both + '\ngroup = ["a", "b", "c"]'),
            (65, "half.npy: row 0 is 0.5, not a whole number", both + '\nlabels = ["half.npy"]'),
            (65, "less.npy has 19 numbers", both + '\nlabels = ["less.npy"]'),
            (66, "nolabels.npy", both + '\nlabels = ["nolabels.npy"]'),
            (65, "delta.*labels", both + '\nmeasures = ["delta"]'),
            (65, "ckaa.*did you mean 'cka'", both + '\nmeasures = ["ckaa"]'),
            (65, "twice", both + '\nmeasures = ["cka", "cka"]'),
            (65, "count", both + '\nrows = "random"'),
            (65, "unknown key", both + "\nmesures = []"),
            (77, "is no model of|not a checkpoint|x.npy", '\n[similarity.inr]\ncheckpoints = ["x.npy"]\ntimes = [0.0]')]
        jobs = [(number, ranks) for number in range(len(cases)) for ranks in (1, 3)]
        for number, (_, _, text) in enumerate(cases):
            deck(f"bad{number}.toml", text)
        found = together([lambda number=number, ranks=ranks: run("similarity", f"bad{number}.toml", ranks=ranks, limit=30)
                          for number, ranks in jobs], at_once=4)
        for (number, ranks), done in zip(jobs, found):
            code, text, what = cases[number]
            with self.subTest(deck=what, ranks=ranks):
                if code != 77:
                    self.exits(code, done)
                self.says_once(done, f"hypercast-similarity: error: .*({text})")
        # Ids are one list a model.
        for name in ("x", "y"):
            save(f"ids/{name}.npy", np.load(f"{name}.npy"))
        np.save("id_x.npy", np.arange(20))
        np.save("id_y.npy", np.arange(20)[::-1])
        done = self.exits(77, run("similarity", deck("ids.toml", 'features = ["ids/*.npy"]\nids = ["id_{1}.npy"]'), ranks=2))
        self.says_once(done, "hypercast-similarity: error: rows of y are not those of x: they first differ in row 0")
        self.assertEqual([name for name in tree("runs") if "similarity.hdf5" in name], [])


if __name__ == "__main__":
    main()
