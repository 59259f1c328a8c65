#!/usr/bin/env python3
"""The scripts around hypercast-similarity: the zoo keeps what its truth.csv says, networks learn from IDX files and are
the same for the same seed, and pictures show the values, the clusters and the holes of a file."""
import csv
import gzip
import subprocess
import sys
from pathlib import Path

import h5py
import matplotlib
import numpy as np
from matplotlib import image

from runs import SOURCE, InFolder, main, tree, write

PYTHON = SOURCE / "tools/python"
sys.path[:0] = [str(PYTHON / "plot_similarity"), str(PYTHON / "train_fashion"), str(PYTHON)]

from clustering import average_linkage, dissimilarities, leaf_order, tree_lines  # noqa: E402
from colours import ink_on, scale_of  # noqa: E402
from failure import Failure  # noqa: E402
from idx import read_idx, read_split  # noqa: E402
from network import Adam, accuracy, gradient, initial, layers_of, train  # noqa: E402
from picture import draw  # noqa: E402
from similarity_file import Measure, read_table  # noqa: E402


def tool(name, *args):
    return subprocess.run([SOURCE / "tools" / name, *map(str, args)], capture_output=True, text=True, timeout=60,
                          stdin=subprocess.DEVNULL)


def cka(x, y):
    """Linear CKA."""
    x, y = (np.asarray(f, float) - np.mean(f, axis=0, dtype=float) for f in (x, y))
    return np.linalg.norm(x.T @ y) ** 2 / (np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y))


class Tools(InFolder):
    def fails(self, code, pattern, *command):
        """One line, without a traceback."""
        done = self.exits(code, tool(*command))
        self.assertRegex(done.stderr, f"^{command[0]}: error: [^\n]*{pattern}[^\n]*\n$")

    def refuses(self, code, pattern, function, *args):
        """The same without a process of its own."""
        with self.assertRaisesRegex(Failure, f"^[^\n]*{pattern}[^\n]*$") as caught:
            function(*args)
        self.assertEqual(caught.exception.code, code)


class Zoo(Tools):
    @classmethod
    def prepare(cls):
        done = tool("make_zoo", "zoo")
        assert done.returncode == 0, done.stderr
        with open("zoo/truth.csv", newline="") as file:
            cls.truth = {row["name"]: row for row in csv.DictReader(file)}
        cls.features = {name: cls.read(row) for name, row in cls.truth.items()}

    @staticmethod
    def read(row):
        path = Path("zoo", row["file"])
        if not row["dataset"]:
            return np.load(path)
        with h5py.File(path) as file:
            return file[row["dataset"]][:]

    def test_files_are_of_all_kinds(self):
        self.assertEqual(len(self.truth), 26)
        for name, x in self.features.items():
            self.assertEqual(x.shape, (400, int(self.truth[name]["width"])), name)
        self.assertEqual({x.dtype for x in self.features.values()}, {np.dtype("f4"), np.dtype("f8")})
        self.assertTrue(self.features["waves_permuted"].flags.f_contiguous)
        labels = np.load("zoo/labels.npy")
        self.assertEqual(np.bincount(labels).tolist(), [134, 133, 133])
        self.assertEqual(len(self.truth), sum(1 for _ in Path("zoo").glob("*_*.npy")) + 2)

    def test_the_truth_is_true(self):
        copies = {name: row["copy_of"] for name, row in self.truth.items() if row["copy_of"]}
        self.assertEqual(len(copies), 9)
        for name, original in copies.items():
            self.assertAlmostEqual(cka(self.features[name], self.features[original]), 1, delta=1e-12, msg=name)
        for name in self.truth.keys() - copies.keys():
            same, other = [], []
            for second in self.truth.keys() - copies.keys() - {name}:
                alike = self.truth[name]["group"] == self.truth[second]["group"]
                (same if alike else other).append(cka(self.features[name], self.features[second]))
            if same:
                self.assertGreater(min(same), 0.5, name)
                self.assertGreater(min(same), max(other) + 0.1, name)
                self.assertLess(max(same), 1 - 1e-6, name)

    def test_a_seed_is_one_zoo(self):
        self.exits(0, tool("make_zoo", "again/zoo", "--seed", 0))
        self.exits(0, tool("make_zoo", "other/zoo", "--seed", 1))
        files = {Path(name).name: content for name, content in tree("zoo").items() if name.endswith("y")}
        again, other = ({Path(n).name: c for n, c in tree(f).items()} for f in ("again", "other"))
        for name, content in files.items():
            self.assertEqual(again[name], content, name)
            self.assertNotEqual(other[name], content, name)

    def test_what_is_wrong_is_said(self):
        write("a_file", "")
        self.fails(73, "a_file/zoo cannot be written", "make_zoo", "a_file/zoo")
        self.fails(64, "'-1' is not a whole number", "make_zoo", "zoo", "--seed=-1")


def write_idx(path, values):
    header = np.array([8 << 8 | values.ndim, *values.shape], ">u4").tobytes()
    write(path, gzip.compress(header + values.astype(np.uint8).tobytes()))


def write_images(folder, split, rows, random):
    """Three classes, each bright in another third of 6 x 5 pixels."""
    labels = random.integers(0, 3, rows)
    images = random.integers(0, 100, (rows, 6, 5))
    images[np.arange(rows)[:, None], 2 * labels[:, None] + [0, 1]] += 120
    write_idx(folder / f"{split}-images-idx3-ubyte.gz", images)
    write_idx(folder / f"{split}-labels-idx1-ubyte.gz", labels)
    return images, labels


class Fashion(Tools):
    SMALL = ("--data", "idx", "--networks", 2, "--widths", "16,8", "--train", 900, "--test", 60)

    @classmethod
    def prepare(cls):
        random = np.random.default_rng(5)
        write_images(Path("idx"), "train", 1000, random)
        cls.images, cls.labels = write_images(Path("idx"), "t10k", 80, random)

    def test_layers_of_networks_that_have_learned(self):
        done = self.exits(0, tool("train_fashion", "nets", *self.SMALL, "--epochs", 15))
        said = [line.split() for line in done.stdout.splitlines()]
        self.assertEqual([line[0] for line in said], ["net1:", "net2:", "nets:"])
        for line in said[:2]:
            self.assertGreater(float(line[2].rstrip(",")), 0.95)
        np.testing.assert_array_equal(np.load("nets/labels.npy"), self.labels[:60])
        for net in ("net1", "net2"):
            for layer, width in (("layer1", 16), ("layer2", 8)):
                values = np.load(f"nets/{net}/{layer}.npy")
                self.assertEqual((values.shape, values.dtype), ((60, width), np.dtype("f4")))
                self.assertEqual(values.min(), 0, "after ReLU")
        self.assertEqual(len(tree("nets")), 5)

    def test_a_seed_is_one_set_of_networks(self):
        for folder, seed in (("one/n", 3), ("two/n", 3), ("three/n", 4)):
            self.exits(0, tool("train_fashion", folder, *self.SMALL, "--epochs", 1, "--seed", seed))
        one, two, three = ([tree(f)[name] for name in sorted(tree(f)) if "layer" in name] for f in ("one", "two", "three"))
        self.assertEqual(one, two)
        self.assertEqual(len({*one, *three}), 8, "every network is another one")

    def test_untrained_layers_are_those_of_the_images(self):
        """Pixels / 255 without the mean of the training rows, through W of the same random numbers."""
        self.exits(0, tool("train_fashion", "raw", *self.SMALL, "--epochs", 0, "--seed", 2))
        with gzip.open("idx/train-images-idx3-ubyte.gz") as file:
            rows = np.frombuffer(file.read()[16:], np.uint8).reshape(1000, 30)[:900]
        x = self.images[:60].reshape(60, 30) / 255 - rows.mean(axis=0) / 255
        first, second, _ = initial([30, 16, 8, 3], np.random.default_rng([2, 1]))
        hidden = np.maximum(x @ first[0], 0)
        np.testing.assert_allclose(np.load("raw/net1/layer1.npy"), hidden, atol=1e-5)
        np.testing.assert_allclose(np.load("raw/net1/layer2.npy"), np.maximum(hidden @ second[0], 0), atol=1e-5)

    def test_gradients_are_those_of_the_loss(self):
        random = np.random.default_rng(1)
        network = [(w.astype(float), random.standard_normal(b.shape)) for w, b in initial([4, 6, 5, 3], random)]
        x, labels = random.standard_normal((7, 4)), random.integers(0, 3, 7)

        def loss():
            _, outputs = layers_of(network, x)
            return np.mean(np.log(np.exp(outputs).sum(axis=1)) - outputs[np.arange(7), labels])

        for layer, slopes in zip(network, gradient(network, x, labels)):
            for p, g in zip(layer, slopes):
                for at in np.ndindex(p.shape):
                    before = p[at]
                    p[at] = before + 1e-6
                    above = loss()
                    p[at] = before - 1e-6
                    self.assertAlmostEqual((above - loss()) / 2e-6, g[at], delta=1e-8)
                    p[at] = before

    def test_start_and_steps(self):
        network = initial([400, 300, 10], np.random.default_rng(0))
        for w, b in network:
            self.assertAlmostEqual(w.std() / np.sqrt(2 / len(w)), 1, delta=0.05)
            self.assertFalse(b.any())
        weight, before = network[1][0], network[1][0].copy()
        adam = Adam(network)
        adam.step(network, [(np.full_like(w, 7), np.full_like(b, -7)) for w, b in network])
        np.testing.assert_allclose(before - weight, 1e-3, rtol=1e-3)  # the first step is the rate, whatever the slope
        adam.step(network, [(np.zeros_like(w), np.zeros_like(b)) for w, b in network])
        first, second = 0.9 * 0.1 * 7 / (1 - 0.9**2), 0.999 * 0.001 * 49 / (1 - 0.999**2)
        np.testing.assert_allclose(before - weight, 1e-3 * (1 + first / np.sqrt(second)), rtol=1e-3)

    def test_all_rows_are_learned_from(self):
        """300 rows are two batches and a rest."""
        x = np.eye(300, dtype=np.float32)
        labels = np.arange(300) % 3
        network = initial([300, 30, 3], np.random.default_rng(0))
        train(network, x, labels, 60, np.random.default_rng(1))
        self.assertEqual(accuracy(layers_of(network, x)[1], labels), 1)

    def test_what_is_wrong_is_said(self):
        self.fails(66, "Debian's package dataset-fashion-mnist has it", "train_fashion", "no", "--data", "nowhere")
        self.refuses(65, "has 1000 images of train, 1001 are asked for", read_split, Path("idx"), "train", 1001)
        self.fails(64, "'0' is not a positive whole number", "train_fashion", "no", "--widths", "8,0")
        for name, content, words in (("plain", b"no gzip", "not compressed"),
                                     ("cut", Path("idx/train-images-idx3-ubyte.gz").read_bytes()[:500], "damaged"),
                                     ("other", gzip.compress(b"\0\0\x08\1\0\0\0\0"), "no IDX file of bytes with 3"),
                                     ("short", gzip.compress(b"\0\0\x08\3\0\0\0\2\0\0\0\1\0\0\0\1?"),
                                      "has 1 values, not the 2 x 1 x 1")):
            self.refuses(65, words, read_idx, write(f"{name}.gz", content), 3)
        write("a_file", "")
        self.fails(73, "a_file/labels.npy cannot be written", "train_fashion", "a_file", *self.SMALL)


def measure_of(values, **more):
    values = np.asarray(values, float)
    given = dict(name="m", errors=None, status=np.where(np.isnan(values), 1, 0), lower=0.0, upper=1.0,
                 similar_is_large=True, symmetric=True)
    return Measure(values=values, **{**given, **more})


def write_similarity(path, names, groups, measures):
    """measures: id -> (value, attributes, other datasets)."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        file.create_dataset("models/name", data=names, dtype=h5py.string_dtype())
        file.create_dataset("models/group", data=groups, dtype=h5py.string_dtype())
        for name, (value, attributes, others) in measures.items():
            group = file.create_group(f"measures/{name}")
            group.attrs.update(attributes)
            for key, data in {"value": value, **others}.items():
                group[key] = data


CKA = dict(formula="f", source="s", larger_is_more_similar=True, symmetric=True, is_metric=False, lower=0.0, upper=1.0)
CHECKERS = np.array([[1, 0.25, 1, 0.25], [0.25, 1, 0.25, 1], [1, 0.25, 1, 0.25], [0.25, 1, 0.25, 1]])


class Clustering(Tools):
    def test_a_textbook_tree(self):
        """The usual example: five bacteria by their 5S RNA."""
        d = np.array([[0, 17, 21, 31, 23], [17, 0, 30, 34, 21], [21, 30, 0, 28, 39], [31, 34, 28, 0, 43],
                      [23, 21, 39, 43, 0]], float)
        merges = average_linkage(d)
        self.assertEqual([(m.one, m.other, m.height) for m in merges], [(0, 1, 17), (5, 4, 22), (2, 3, 28), (6, 7, 33)])
        order = leaf_order(d, merges)
        self.assertEqual(order, [4, 1, 0, 2, 3][::-1], "alike ends touch, the lower number is first")
        lines = tree_lines(order, merges, 0.0)
        self.assertEqual(lines[0], ((2, 3), (0, 0), 17))
        self.assertEqual(lines[-1], ((0.5, 3.25), (28, 22), 33))

    def test_heights_are_means_over_all_pairs(self):
        random = np.random.default_rng(2)
        d = random.uniform(1, 2, (30, 30))
        d[random.uniform(size=d.shape) < 0.2] = np.nan
        d = np.where(np.isnan(d.T), np.nan, d)
        d = np.triu(d, 1) + np.triu(d, 1).T
        parts = {i: [i] for i in range(30)}
        for number, merge in enumerate(average_linkage(d), start=30):
            pairs = {(a, b): np.nanmean(d[np.ix_(parts[a], parts[b])]) for a in parts for b in parts
                     if a < b and np.isfinite(d[np.ix_(parts[a], parts[b])]).any()}
            self.assertAlmostEqual(merge.height, min(pairs.values()), places=12)
            self.assertAlmostEqual(merge.height, pairs[tuple(sorted((merge.one, merge.other)))], places=12)
            parts[number] = parts.pop(merge.one) + parts.pop(merge.other)

    def test_groups_stay_together_whatever_the_file_s_order(self):
        groups = np.random.default_rng(3).permutation(np.arange(24) % 4)
        values = np.where(groups[:, None] == groups, 0.9, 0.2) + 1e-3 * np.random.default_rng(4).uniform(size=(24, 24))
        for table, large in ((values, True), (1 - values, False)):
            d = dissimilarities(table, large)
            shown = groups[leaf_order(d, average_linkage(d))]
            self.assertEqual(np.count_nonzero(np.diff(shown)), 3, shown)

    def test_directions_are_averaged_and_holes_come_last(self):
        nan = np.nan
        d = dissimilarities(np.array([[0, 1, nan, 3], [3, 0, nan, nan], [nan] * 4, [3, 5, nan, 0]]), False)
        np.testing.assert_array_equal(d, [[0, 2, nan, 3], [2, 0, nan, 5], [nan] * 4, [3, 5, nan, 0]])
        merges = average_linkage(d)
        self.assertEqual([m.height for m in merges], [2, 4, np.inf])
        self.assertEqual(leaf_order(d, merges)[-1], 2)
        self.assertTrue(all(np.isfinite(line[2]) for line in tree_lines([0, 1, 3, 2], merges, 0.0)))
        self.assertEqual([m.height for m in average_linkage(np.full((3, 3), nan))], [np.inf, np.inf])
        self.assertEqual(leaf_order(np.zeros((1, 1)), average_linkage(np.zeros((1, 1)))), [0])


class Picture(Tools):
    def picture(self, measures, names=None, groups=None):
        size = len(next(iter(measures.values()))[0])
        names = names or [f"model {i}" for i in range(size)]
        write_similarity("a.hdf5", names, groups or [""] * size, measures)
        draw(read_table(Path("a.hdf5")), "head", "a.png")
        return image.imread("a.png")[..., :3]

    @staticmethod
    def share(pixels, colour):
        return (np.abs(pixels - np.asarray(colour)[:3]).max(axis=-1) < 0.01).mean()

    def test_cells_have_the_colours_of_their_values(self):
        pixels = self.picture({"cka": (CHECKERS, CKA, {})})
        colours = matplotlib.colormaps["viridis"]
        high, low = self.share(pixels, colours(1.0)), self.share(pixels, colours(0.25))
        self.assertGreater(high, 0.1)
        self.assertAlmostEqual(high / low, 1, delta=0.1)
        hole = CHECKERS.copy()
        hole[0] = hole[:, 0] = np.nan
        pixels = self.picture({"cka": (hole, CKA, {})})
        self.assertAlmostEqual(self.share(pixels, colours(1.0)) / high, 5 / 8, delta=0.05)

    def test_all_kinds_in_one_picture(self):
        random = np.random.default_rng(0)
        values, of_models = random.uniform(-1, 1, (13, 13)), random.uniform(size=13)
        of_models[3] = np.nan
        pixels = self.picture({
            "cka_debiased": (values, {**CKA, "lower": -1.0}, {"stderr": np.abs(values), "status": np.zeros((13, 13), int)}),
            "hsic": (1e4 * values**2, {**CKA, "upper": np.inf}, {}),
            "linreg": (values**2, {**CKA, "symmetric": False}, {}),
            "skipped": (np.full((13, 13), np.nan), CKA, {"status": np.full((13, 13), 7)}),
            "logme": (of_models, {**CKA, "lower": -np.inf, "upper": np.inf}, {"stderr": of_models})},
            names=[r"$x_1^2$ and a$\foo{$"] + ["a name so long that nobody would read all of it, number " + str(i) for i in range(12)],
            groups=[f"g{i % 3}" for i in range(13)])
        one = self.picture({"cka": (CHECKERS, CKA, {})})
        self.assertLess(one.size, pixels.size / 3)

    def test_the_command_line(self):
        write_similarity("run/similarity/similarity.hdf5", list("abcd"), list("aabb"),
                         {name: (CHECKERS, CKA, {}) for name in ("cka", "rsa", "cca")})
        for args, output in ((("run",), "run/similarity/similarity.png"),
                             (("run/similarity/similarity.hdf5", "--measure", "rsa", "--output", "out/one.png"), "out/one.png")):
            done = self.exits(0, tool("plot_similarity", *args))
            self.assertEqual((done.stdout, done.stderr), (output + "\n", ""))
        self.assertLess(image.imread("out/one.png").size, image.imread("run/similarity/similarity.png").size / 2)

    def test_one_model_and_many(self):
        for models in (1, 150):
            self.picture({"cka": (np.ones((models, models)), CKA, {})})

    def test_what_a_file_says(self):
        error = np.array([[9, 1, 3, np.nan], [1, 9, 3, 5], [3, 3, 9, 5], [np.nan, 5, 5, 9]])
        value = np.where(np.isnan(error), np.nan, CHECKERS)
        write_similarity("a.hdf5", list("abcd"), list("xxyy"), {
            "first": (value, CKA, {"stderr": error, "status": np.where(np.isnan(value), 2, 0)}),
            "second": (CHECKERS, {**CKA, "larger_is_more_similar": False, "symmetric": False, "upper": np.inf}, {})})
        table = read_table(Path("a.hdf5"), ["second", "first"])
        self.assertEqual((table.names, table.groups), (list("abcd"), list("xxyy")))
        second, first = table.measures
        self.assertEqual((first.median_error(), first.undefined()), (3, (2, ["too few rows"])))
        self.assertEqual((first.similar_is_large, first.symmetric, first.upper), (True, True, 1))
        self.assertEqual((second.similar_is_large, second.symmetric, second.upper), (False, False, np.inf))
        self.assertTrue(np.isnan(second.median_error()))

    def test_scales(self):
        def range_of(values, **more):
            cmap, norm = scale_of(measure_of(values, **more))
            return cmap.name, norm.vmin, norm.vmax

        self.assertEqual(range_of([[0.5, 0.6], [0.6, 0.5]]), ("viridis", 0, 1))
        self.assertEqual(range_of([[0, 2], [2, 0]], upper=np.inf, similar_is_large=False), ("viridis_r", 0, 2))
        self.assertEqual(range_of([[-1, 3], [3, 2]], lower=-np.inf, upper=np.inf), ("coolwarm", -3, 3))
        self.assertEqual(range_of([[0.1, 0.2], [0.3, 0.4]], lower=-0.5), ("coolwarm", -1, 1))
        for holes in (dict(lower=-np.inf), dict(lower=-np.inf, upper=np.inf), dict(upper=np.inf), dict()):
            _, low, high = range_of(np.full((2, 2), np.nan), **holes)
            self.assertLess(low, high)
        self.assertEqual([ink_on(matplotlib.colormaps["viridis"](v)) for v in (0.0, 1.0)], ["w", "k"])

    def test_what_is_wrong_is_said(self):
        write_similarity("good.hdf5", list("abcd"), list("abcd"), {"cka": (CHECKERS, CKA, {}), "rsa": (CHECKERS, CKA, {})})
        self.refuses(64, "good.hdf5 has no measure ska; it has cka, rsa", read_table, Path("good.hdf5"), ["ska"])
        self.fails(64, "a.txt ends in none of", "plot_similarity", "good.hdf5", "--output", "a.txt")
        self.fails(66, "no file similarity/similarity.hdf5", "plot_similarity", ".")
        self.refuses(65, "cannot be read as HDF5", read_table, write("text.hdf5", "no"))
        write_similarity("odd.hdf5", list("abc"), list("abc"), {"cka": (CHECKERS, CKA, {})})
        self.refuses(65, r"value has the shape \(4, 4\) for 3 models", read_table, Path("odd.hdf5"))
        write_similarity("none.hdf5", list("abc"), list("abc"), {})
        self.refuses(65, "has no models and measures", read_table, Path("none.hdf5"))
        self.fails(73, "good.hdf5/a.png cannot be written", "plot_similarity", "good.hdf5", "--output", "good.hdf5/a.png")


if __name__ == "__main__":
    main()
