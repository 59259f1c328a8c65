#!/usr/bin/env python3
"""What users bring to be compared: layouts, rows, numbers that are not finite, constant features, and everything that may be
wrong with it."""
import os
from pathlib import Path

import h5py
import numpy as np

from comparisons import KERNELS, OTHERS, RESULT, SPACES, OfZoo, deck, measures, result, save
from runs import InFolder, good, main, run, sets, together, tree, write


class Inputs(OfZoo):
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

    def test_places_stay_with_their_image(self):
        """Images that have nothing to do with each other, places of one image that are nearly alike: were places shuffled
        one by one, every pair would look significant."""
        rng = np.random.default_rng(7)
        for number in range(8):
            save(f"images/{number}.npy", rng.standard_normal((14, 3, 1, 1)) + 0.2 * rng.standard_normal((14, 3, 4, 5)))
        text = deck("images.toml", 'features = ["images/*.npy"]\nlayout = ["nchw"]\npool = ["places"]\npermutations = 39\njackknife = 7')
        said = good("similarity", text, *sets(measures(["cka_debiased", "procrustes"])), ranks=2)
        self.assertIn("rows 280 of 280", said)
        for measure in ("cka_debiased", "procrustes"):
            p = result("runs/images", measure, "p_value")[np.triu_indices(8, 1)]
            self.assertGreater(p.mean(), 0.3)
            self.assertLess(np.mean(p < 0.05), 0.2)

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
        for name in ("base", "noisy"):
            save(f"flat/{name}.npy", np.load(f"zoo/a_{name}.npy"))
        for name, flat in (("a", 0), ("flat", 1), ("z", 2)):  # first, in the middle and last
            with self.subTest(flat=name):
                save(f"flat/{name}.npy", np.ones((203, 4)))
                self.undefined(flat, [other for other in range(3) if other != flat])
                Path(f"flat/{name}.npy").unlink()

    def undefined(self, flat, others):
        done = self.exits(0, run("similarity", deck("flat.toml", 'features = ["flat/*.npy"]'), *sets(
            measures(KERNELS[:2] + SPACES + OTHERS), "similarity.jackknife=4"), ranks=2))
        self.assertIn("1 of 3 models are the same in all rows", done.stderr)
        self.assertIn("have status 1: undefined", done.stdout)
        for measure in KERNELS[:2] + SPACES + OTHERS[2:]:
            with self.subTest(measure):
                value, status = result("runs/flat", measure), result("runs/flat", measure, "status")
                self.assertTrue(np.isnan(value[flat]).all(), value)
                self.assertTrue((status[flat] == 1).all(), status)
                if measure == "linreg":  # what is the same in all rows explains nothing
                    self.assertEqual(value[others, flat].tolist(), [0, 0])
                else:
                    self.assertTrue(np.isnan(value[:, flat]).all(), value)
                self.assertTrue(np.isfinite(value[np.ix_(others, others)]).all())


class BadInput(InFolder):
    def test_all(self):
        x = np.random.default_rng(0).standard_normal((20, 3))
        for name, values in (("x", x), ("y", x ** 2), ("short", x[:19]), ("list", x[:, 0]), ("cube", x.reshape(5, 4, 3)),
                             ("holes", np.where(x > 1, np.nan, x)), ("words", np.array(["a"] * 20)), ("things", x.astype(complex)),
                             ("few", x[:3]), ("few2", x[:3] ** 2), ("half", np.full(20, 0.5)), ("labels", np.arange(20) % 3),
                             ("less", np.arange(19)), ("minus", np.arange(20) % 3 - (np.arange(20) == 1) * 2), ("far", np.full(20, 1e300)),
                             ("same", np.zeros(20, int)), ("tall", x[:10].reshape(5, 2, 3)), ("ids", np.arange(20)), ("ids2", np.arange(20)[::-1])):
            np.save(f"{name}.npy", values)
        os.symlink("gone.npy", "link.npy")
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
            (65, "minus.npy: row 1 is -1, labels are not negative", both + '\nlabels = ["minus.npy"]'),
            (65, "far.npy: row 0 is 1e.300, not a whole number below 2.53", both + '\nlabels = ["far.npy"]'),
            (65, "delta needs labels of two classes", both + '\nlabels = ["same.npy"]\nmeasures = ["delta"]'),
            (65, "vectors and conditioning = user", both + '\nlabels = ["labels.npy"]\nmeasures = ["delta"]\n[similarity.delta]\nconditioning = "user"'),
            (65, "jackknife: needs 2 groups", both + "\njackknife = 1"),
            (65, "cube has 4 places in each input, tall has 2", 'features = ["tall.npy", "cube.npy"]\nlayout = ["ntd"]\npool = ["places"]'),
            (65, "too small for cka", both + '\nmeasures = ["cka"]\nmemory = 1e-5'),
            (66, "cannot open link.npy", 'features = ["link*.npy", "x.npy"]'),
            (65, "less.npy has 19 numbers", both + '\nlabels = ["less.npy"]'),
            (66, "nolabels.npy", both + '\nlabels = ["nolabels.npy"]'),
            (65, "delta.*labels", both + '\nmeasures = ["delta"]'),
            (65, "ckaa.*did you mean 'cka'", both + '\nmeasures = ["ckaa"]'),
            (65, "twice", both + '\nmeasures = ["cka", "cka"]'),
            (65, "count", both + '\nrows = "random"'),
            (65, "unknown key", both + "\nmesures = []"),
            (65, "x.npy", '\n[similarity.inr]\ncheckpoints = ["x.npy"]\ntimes = [0.0]')]
        jobs = [(number, ranks) for number in range(len(cases)) for ranks in (1, 3)]
        for number, (_, _, text) in enumerate(cases):
            deck(f"bad{number}.toml", text)
        found = together([lambda number=number, ranks=ranks: run("similarity", f"bad{number}.toml", ranks=ranks, limit=30)
                          for number, ranks in jobs], at_once=4)
        for (number, ranks), done in zip(jobs, found):
            code, text, what = cases[number]
            with self.subTest(deck=what, ranks=ranks):
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
