"""What hypercast-similarity wrote: models, and for each measure a table of values with what is known of them."""

from dataclasses import dataclass

import h5py
import numpy as np

from failure import DATA, NO_INPUT, USAGE, Failure

UNDEFINED = {1: "zero variance", 2: "too few rows", 3: "not finite", 4: "rank deficient", 6: "step too large", 7: "skipped"}


@dataclass
class Measure:
    """values [M][M], row = source and column = target; of single models [M]. NaN where undefined."""
    name: str
    values: np.ndarray
    errors: np.ndarray | None  # standard errors, like values
    status: np.ndarray  # like values; 0 where all is well
    lower: float
    upper: float
    similar_is_large: bool
    symmetric: bool

    @property
    def of_pairs(self):
        return self.values.ndim == 2

    def median_error(self):
        """Over pairs of two models; NaN where there is none."""
        if self.errors is None:
            return np.nan
        errors = self.errors[~np.eye(len(self.errors), dtype=bool)] if self.of_pairs else self.errors
        known = errors[np.isfinite(errors)]
        return float(np.median(known)) if known.size else np.nan

    def undefined(self):
        """How many entries are NaN, and why: words, the most frequent first."""
        codes = self.status[np.isnan(self.values)]
        kinds, counts = np.unique(codes[codes > 0], return_counts=True)
        return codes.size, [UNDEFINED.get(int(kinds[i]), f"status {kinds[i]}") for i in np.argsort(-counts, kind="stable")]


@dataclass
class Table:
    names: list
    groups: list
    measures: list


def text(value):
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def texts(group, name, count):
    if name not in group:
        return [""] * count
    if group[name].shape != (count,):
        raise Failure(DATA, f"{group.file.filename}: {group.name}/{name} is not a list of {count} words")
    return [text(value) for value in group[name][:]]


def numbers(group, name, shape=None, dtype=float):
    """A dataset; None if there is none."""
    if name not in group:
        return None
    if shape is not None and group[name].shape != shape:
        raise Failure(DATA, f"{group.file.filename}: {group.name}/{name} has the shape {group[name].shape}, not {shape}")
    return np.asarray(group[name][()], dtype)


def read_measure(group, models):
    values = numbers(group, "value")
    if values.shape not in ((models, models), (models,)):
        raise Failure(DATA, f"{group.file.filename}: {group.name}/value has the shape {values.shape} for {models} models")
    status = numbers(group, "status", values.shape, int)
    attributes = group.attrs
    return Measure(name=group.name.rpartition("/")[2], values=values, errors=numbers(group, "stderr", values.shape),
                   status=np.zeros(values.shape, int) if status is None else status,
                   lower=float(attributes.get("lower", -np.inf)), upper=float(attributes.get("upper", np.inf)),
                   similar_is_large=bool(attributes.get("larger_is_more_similar", True)),
                   symmetric=bool(attributes.get("symmetric", True)))


def chosen(found, wanted, path):
    """Names of the measures to read: those wanted, in that order, or all."""
    for name in wanted:
        if name not in found:
            raise Failure(USAGE, f"{path} has no measure {name}; it has {', '.join(found)}")
    return list(dict.fromkeys(wanted)) or found


def read_table(path, wanted=()):
    if not path.is_file():
        raise Failure(NO_INPUT, f"no file {path}; hypercast-similarity writes it")
    try:
        with h5py.File(path, "r") as file:
            measures, names = file.get("measures", {}), file.get("models/name")
            found = [name for name, group in measures.items() if isinstance(group, h5py.Group) and "value" in group]
            if names is None or names.ndim != 1 or not names.size or not found:
                raise Failure(DATA, f"{path} has no models and measures; hypercast-similarity writes such files")
            count = len(names)
            return Table(texts(file["models"], "name", count), texts(file["models"], "group", count),
                         [read_measure(measures[name], count) for name in chosen(found, wanted, path)])
    except OSError as error:
        raise Failure(DATA, f"{path} cannot be read as HDF5: {error}") from error
