"""One picture of a forecast: reference, forecast, difference, and the errors against time.

    tools/plot RUN_FOLDER [--output PNG] [--channel NAME] [--trajectory INDEX] [--reference FILE] [--forecast FILE]

Reads RUN_FOLDER/forecast/*.hdf5, its errors beside it (*_errors.csv), and the reference: the file or folder that is
given, or the one that the forecast's deck names, or RUN_FOLDER/data/train. All are in The Well's layout; components of
vectors and tensors are channels. One space dimension is drawn as x-t images, two as a row of frames, three as frames of
the middle slice. Reference and forecast share the reference's colours; the difference has its own.

A model whose condition is a function's number has no time: its frames are functions, and the reference is the first
frame of every trajectory.
"""

import argparse
import csv
import itertools
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import h5py
import matplotlib
import numpy as np

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.ticker import MaxNLocator  # noqa: E402

SERIES = {"forecast": ("#d62728", "-"), "persistence": ("#7f7f7f", "--"), "zero": ("#bcbd22", ":"),
          "time_mean": ("#9467bd", "-."), "mean_field": ("#9467bd", "-."), "dmd": ("#1f77b4", "--"),
          "pod": ("#2ca02c", "-."), "fourier": ("#8c564b", ":"), "fourier_prior": ("#8c564b", "--")}
WINDOWS = ("fitted", "held_out", "out_t")  # by their code in the errors file
MOST_PIXELS = 1200  # along an axis of an x-t image
FRAMES = 6
ERRORS_HEIGHT = 3.0  # inches


@dataclass
class Movie:
    """One channel of one trajectory: values[T][N1]..[ND]; or of numbered functions, `times` their numbers."""
    values: np.ndarray
    times: np.ndarray
    axes: list  # (name, points), one a dimension
    name: str
    channel: str
    parameters: dict = field(default_factory=dict)
    functions: bool = False


@dataclass
class Errors:
    times: np.ndarray
    windows: list
    series: dict  # name -> values[T]
    measure: str
    functions: bool


def text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


def fields_of(file):
    """Channel -> (dataset, index of the component), for every field that varies in time."""
    names = [text(n) for n in file["dimensions"].attrs["spatial_dims"]]
    found = {}
    for order in range(3):
        group = file.get(f"t{order}_fields", {})
        for name in map(text, group.attrs.get("field_names", group)) if group else ():
            if group[name].attrs.get("time_varying", True):
                for component in itertools.product(range(len(names)), repeat=order):
                    ending = "".join(names[k] for k in component)
                    found[f"{name}_{ending}" if ending else name] = group[name], component
    return found


def read_movie(path, channel, trajectory):
    with h5py.File(path, "r") as file:
        fields = fields_of(file)
        if not fields:
            sys.exit(f"plot: {path} has no field that varies in time")
        channel = channel or next(iter(fields))
        if channel not in fields:
            sys.exit(f"plot: {path} has no channel {channel}; it has {', '.join(fields)}")
        data, component = fields[channel]
        if not 0 <= trajectory < trajectories_of(file):
            sys.exit(f"plot: {path} has {trajectories_of(file)} trajectories, there is no number {trajectory}")
        frames = data[trajectory] if data.attrs.get("sample_varying", True) else data[:]
        time = file["dimensions/time"]
        times = time[trajectory] if time.ndim == 2 else time[:]
        names = [text(n) for n in file["dimensions"].attrs["spatial_dims"]]
        axes = [(n, file["dimensions"][n][:]) for n in names]
        listed = [text(p) for p in file.attrs.get("simulation_parameters", [])]
        parameters = {p: float(file.attrs[p]) for p in listed if p in file.attrs}
        values = frames[(..., *component)].astype(float)
        if len(axes) == 3:
            middle = len(axes[2][1]) // 2
            values, axes = values[..., middle], axes[:2]
        return Movie(values, np.asarray(times, float), axes, text(file.attrs.get("dataset_name", path.stem)),
                     channel, parameters)


def trajectories_of(file):
    return next((data.shape[0] for data, _ in fields_of(file).values() if data.attrs.get("sample_varying", True)), 1)


def trajectories_in(path):
    with h5py.File(path, "r") as file:
        return trajectories_of(file)


def origin_of(path):
    """Is a condition of the forecast's model a function's number, and which trajectory did the model learn?"""
    with h5py.File(path, "r") as file:
        origin = file["provenance"].attrs if "provenance" in file else {}
        return text(origin.get("condition", "time")) == "index", int(text(origin.get("trajectory", 0)))


def read_trajectory(files, channel, number):
    """Trajectories are numbered through all files."""
    first = 0
    for path in files:
        count = trajectories_in(path)
        if 0 <= number - first < count:
            return read_movie(path, channel, number - first)
        first += count
    sys.exit(f"plot: the reference has {first} trajectories, there is no number {number}")


def read_functions(files, channel):
    """The first frame of every trajectory, numbered through all files."""
    movies = [read_movie(path, channel, b) for path in files for b in range(trajectories_in(path))]
    movies[0].values = np.stack([movie.values[0] for movie in movies])
    movies[0].times = np.arange(len(movies), dtype=float)
    return movies[0]


def read_errors(path, functions):
    """Columns t, window (a code) and <series>_relative_l2; others are passed over."""
    if not path.exists():
        return None
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    measure = "_relative_l2"
    if not rows or not any(column.endswith(measure) for column in rows[0]):
        return None
    return Errors(np.array([float(row["t"]) for row in rows]), [WINDOWS[int(float(row["window"]))] for row in rows],
                  {c[: -len(measure)]: np.array([float(row[c]) for row in rows]) for c in rows[0] if c.endswith(measure)},
                  "relative $L^2$ error", functions)


def on_grid_of(movie, target):
    """The movie at target's points (linear between its own) and times (NaN where it has none)."""
    values = movie.values
    for d, ((_, own), (_, wanted)) in enumerate(zip(movie.axes, target.axes), start=1):
        if own.shape != wanted.shape or not np.allclose(own, wanted, atol=1e-5 * np.ptp(own)):
            values = np.apply_along_axis(lambda line: np.interp(wanted, own, line), d, values)
    nearest = np.abs(movie.times[None, :] - target.times[:, None]).argmin(axis=1)
    interval = np.diff(target.times).min() if len(target.times) > 1 else 1.0
    met = np.abs(movie.times[nearest] - target.times) < 1e-2 * interval
    result = values[nearest]
    result[~met] = np.nan
    return result


def data_folder(run_folder, forecast):
    """Where the deck of the forecast says that trajectories are."""
    with h5py.File(forecast, "r") as file:
        deck = tomllib.loads(text(file["provenance"].attrs.get("deck_resolved", "")) if "provenance" in file else "")
    named = deck.get("forecast", {}).get("reference") or deck.get("data", {}).get("path")
    return Path(named) if named else run_folder / "data" / "train"


def trajectory_files(folder, wanted=None):
    if wanted and not wanted.is_dir():
        return [wanted]
    folder = wanted or folder
    if folder.is_file():
        return [folder]
    return sorted(p for p in folder.glob("*") if p.suffix in (".hdf5", ".h5") and "_errors" not in p.stem and
                  "_points" not in p.stem)


def scales(reference, forecast):
    """Colour range of the fields, and half the range of the difference (never wider than that of the fields)."""
    shown = reference if np.isfinite(reference).any() else forecast
    low, high = np.nanmin(shown), np.nanmax(shown)
    if low == high:
        low, high = low - 0.5, high + 0.5
    difference = np.abs(forecast - reference)
    finite = difference[np.isfinite(difference)]
    reach = min(np.percentile(finite, 99.5), high - low) if finite.size else 1.0
    return low, high, reach or 1.0


def rows_of(reference, forecast):
    low, high, reach = scales(reference, forecast)
    fields = dict(cmap="viridis", vmin=low, vmax=high)
    rows = [("forecast", forecast, fields)]
    if np.isfinite(reference).any():
        rows.insert(0, ("reference", reference, fields))
        rows.append(("forecast − reference", forecast - reference, dict(cmap="RdBu_r", vmin=-reach, vmax=reach)))
    return rows


def colourbar(figure, image, axes, label, values):
    """One bar; an arrow where values go beyond the colours (1 % beyond them is not worth one)."""
    low, high = image.get_clim()
    slack = 0.01 * (high - low)
    below, above = np.nanmin(values) < low - slack, np.nanmax(values) > high + slack
    extend = {(0, 0): "neither", (1, 0): "min", (0, 1): "max", (1, 1): "both"}[(int(below), int(above))]
    bar = figure.colorbar(image, ax=axes, label=label, extend=extend, pad=0.015, aspect=12)
    bar.formatter.set_powerlimits((-2, 3))
    bar.update_ticks()


def image_of(axis, x, y, values, style):
    """values[x][y], grey where there is no number."""
    cmap = matplotlib.colormaps[style["cmap"]].with_extremes(bad="0.8")
    thin = tuple(slice(None, None, -(-n // MOST_PIXELS)) for n in values.shape)
    return axis.pcolormesh(x[thin[0]], y[thin[1]], np.ma.masked_invalid(values[thin]).T, shading="nearest",
                           **{**style, "cmap": cmap})


def in_window(errors):
    """First and last time of the training window; None without time or when the file does not tell."""
    timed = errors and not errors.functions
    inside = [t for t, w in zip(errors.times, errors.windows) if w in ("fitted", "held_out")] if timed else []
    return (min(inside), max(inside)) if inside else None


def label_conditions(axis, functions):
    axis.set_xlabel("function" if functions else "time t")
    if functions:
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))


def draw_errors(axis, errors):
    window = in_window(errors)
    if window:
        axis.axvspan(*window, color="0.92", zorder=0)
        axis.text(window[0], 1.01, " In-t", transform=axis.get_xaxis_transform(), va="bottom", color="0.35")
        if window[1] < errors.times.max():
            axis.text(window[1], 1.01, " Out-t", transform=axis.get_xaxis_transform(), va="bottom", color="0.35")
    order = sorted(errors.series, key=lambda s: list(SERIES).index(s) if s in SERIES else len(SERIES))
    for name in order:
        colour, style = SERIES.get(name, (None, "-"))
        positive = np.where(errors.series[name] > 0, errors.series[name], np.nan)
        axis.plot(errors.times, positive, "o" if errors.functions else style, color=colour,
                  label=name.replace("_", " "), lw=2.2 if name == "forecast" else 1.4, zorder=3 if name == "forecast" else 2)
    held_out = [t for t, w in zip(errors.times, errors.windows) if w == "held_out"]
    if held_out:
        axis.plot(held_out, np.full(len(held_out), 0.02), "^", color="k", ms=4, label="held-out frame",
                  transform=axis.get_xaxis_transform(), clip_on=False)
    axis.set_yscale("log")
    label_conditions(axis, errors.functions)
    axis.set_ylabel(errors.measure)
    axis.grid(True, which="major", alpha=0.4)
    axis.margins(x=0.5 / len(errors.times) if errors.functions else 0)
    axis.legend(loc="upper center", bbox_to_anchor=(0.5, -0.22), ncol=7, frameon=False)


def draw_images(figure, rows, movie, errors):
    axes = figure.subplots(len(rows) + bool(errors), 1, sharex=True, squeeze=False,
                           height_ratios=[1] * len(rows) + [1.5] * bool(errors))[:, 0]
    name, points = movie.axes[0]
    window = in_window(errors)
    for axis, (title, values, style) in zip(axes, rows):
        image = image_of(axis, movie.times, points, values, style)
        axis.set_title(title, loc="left")
        axis.set_ylabel(name)
        colourbar(figure, image, axis, movie.channel, values)
        if window:
            axis.axvline(window[1], color="k" if "−" in title else "w", lw=1.2, ls="--")
    label_conditions(axes[-1], movie.functions)
    if errors:
        draw_errors(axes[-1], errors)


def chosen_frames(times, window):
    """A few frames: the first, the last of the training window, the last, and some between."""
    last = len(times) - 1
    split = int(np.abs(times - window[1]).argmin()) if window else last // 2
    inside = np.linspace(0, split, FRAMES // 2)
    beyond = np.linspace(split, last, FRAMES - FRAMES // 2 + 1)[1:]
    return sorted(set(np.concatenate([inside, beyond]).round().astype(int)))


def draw_frames(figure, rows, movie, errors):
    frames = chosen_frames(movie.times, in_window(errors))
    total = figure.get_figheight()
    parts = figure.subfigures(2, 1, height_ratios=[total - ERRORS_HEIGHT, ERRORS_HEIGHT]) if errors else [figure]
    grid = parts[0].subplots(len(rows), len(frames), sharex=True, sharey=True, squeeze=False)
    (x_name, x), (y_name, y) = movie.axes
    window = in_window(errors)
    for axes, (title, values, style) in zip(grid, rows):
        for axis, frame in zip(axes, frames):
            image = image_of(axis, x, y, values[frame], style)
            axis.set_aspect("equal")
        axes[0].set_ylabel(f"{title}\n{y_name}")
        colourbar(parts[0], image, list(axes), movie.channel, values[frames])
    for axis, frame in zip(grid[0], frames):
        t = movie.times[frame]
        note = "" if window is None else "\nOut-t" if t > window[1] * (1 + 1e-6) else "\nIn-t"
        axis.set_title(f"function {t:.0f}" if movie.functions else f"t = {t:.4g}{note}")
    for axis in grid[-1]:
        axis.set_xlabel(x_name)
    if errors:
        axis = parts[1].subplots()
        draw_errors(axis, errors)
        for frame in frames:
            axis.axvline(movie.times[frame], color="0.6", lw=0.8, ls=":", zorder=1)


def row_height(movie):
    """Inches of a row of pictures; frames keep the proportions of the domain."""
    if len(movie.axes) == 1:
        return 1.8
    (_, x), (_, y) = movie.axes
    return float(np.clip(1.75 * np.ptp(y) / np.ptp(x), 0.5, 4)) + 0.15


def draw(movie, reference, errors, output):
    rows = rows_of(reference, movie.values)
    flat = len(movie.axes) == 1
    height = row_height(movie) * len(rows) + ERRORS_HEIGHT * bool(errors) + (0.4 if flat else 1.2)
    figure = plt.figure(figsize=(10 if flat else 12.5, height), layout="constrained")
    parameters = "   ".join(f"{k} = {v:.4g}" for k, v in movie.parameters.items())
    figure.suptitle(f"{movie.name.removesuffix('_forecast')}: {movie.channel}" + (f"     {parameters}" if parameters else ""))
    (draw_images if flat else draw_frames)(figure, rows, movie, errors)
    output.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(output, dpi=130)


def main():
    parser = argparse.ArgumentParser(prog="tools/plot", description=__doc__.split("\n\n")[0])
    parser.add_argument("run_folder", type=Path)
    parser.add_argument("--output", type=Path, help="default RUN_FOLDER/forecast/forecast.png")
    parser.add_argument("--channel", help="default: the first one")
    parser.add_argument("--trajectory", type=int,
                        help="of the reference, numbered through its files; default: the one the model learned")
    parser.add_argument("--reference", type=Path,
                        help="file or folder; default: what the forecast's deck names, or RUN_FOLDER/data/train")
    parser.add_argument("--forecast", type=Path, help="default: the first file of RUN_FOLDER/forecast")
    args = parser.parse_args()

    folder = args.run_folder / "forecast"
    path = next(iter(trajectory_files(folder, args.forecast)), None)
    if path is None or not path.exists():
        sys.exit(f"plot: no forecast (*.hdf5) in {folder}; hypercast-forecast writes it")
    functions, learned = origin_of(path)
    number = learned if args.trajectory is None else args.trajectory
    # An ensemble's forecast holds every trajectory of the reference, others one.
    movie = read_movie(path, args.channel, number if trajectories_in(path) > 1 else 0)
    movie.functions = functions
    reference = np.full_like(movie.values, np.nan)
    sources = trajectory_files(data_folder(args.run_folder, path), args.reference)
    if sources:
        truth = (read_functions(sources, movie.channel) if functions else
                 read_trajectory(sources, movie.channel, number))
        reference = on_grid_of(truth, movie)
    output = args.output or folder / "forecast.png"
    draw(movie, reference, read_errors(path.with_name(path.stem + "_errors.csv"), functions), output)
    print(output)


if __name__ == "__main__":
    main()
