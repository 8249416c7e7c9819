"""The ways of Python, for the program beside it, which runs

    python python.py FUNCTION OPS ROWS FOLDER

with a Python that has what requirements.txt names:

    python -m venv target/venv
    target/venv/bin/pip install -r requirements.txt

It prints what the work took of the processor and of the clock, in seconds, without imports and what is
prepared.
"""

import json
import os
import sys
import time

import numpy as np

RECORD = np.dtype(
    [("time", "<i8"), ("price", "<f8"), ("size", "<f4"), ("side", "<u4"), ("order", "<u8")]
)
BATCH = 10_000
CHUNK = (64, 128)


def records(count):
    rows = np.arange(count)
    made = np.empty(count, RECORD)
    made["time"] = rows * 1000
    made["price"] = rows * 0.25
    made["size"] = rows
    made["side"] = rows & 1
    made["order"] = rows
    return made


def chunk():
    return np.arange(CHUNK[0] * CHUNK[1], dtype="<f4").reshape(1, *CHUNK)


class Job:
    def __init__(self, ops, rows, folder):
        self.ops, self.rows, self.folder = ops, rows, folder
        self.start = None
        self.begin()

    def begin(self):
        """From here on it is the work that takes time."""
        self.start = (time.process_time(), time.perf_counter())

    def end(self):
        processor, clock = self.start
        return {"processor": time.process_time() - processor, "clock": time.perf_counter() - clock}

    def path(self, name):
        return os.path.join(self.folder, name)

    @property
    def out(self):
        return self.path("out")

    @property
    def passes(self):
        return max(self.ops // max(self.rows, 1), 1)


# The libraries, each as a thing to append arrays to.


class NpyAppend:
    def __init__(self, path, like):
        from npy_append_array import NpyAppendArray

        self.file = NpyAppendArray(path)
        self.append = self.file.append

    def flush(self):
        if self.file.fp is not None:
            self.file.fp.flush()

    def close(self):
        self.file.close()


class PyTables:
    def __init__(self, path, like):
        import tables

        self.file = tables.open_file(path, "w")
        if like.dtype.names:
            expected = 10_000_000
            self.rows = self.file.create_table("/", "rows", like.dtype, expectedrows=expected)
        else:
            atom, shape = tables.Atom.from_dtype(like.dtype), (0, *like.shape[1:])
            self.rows = self.file.create_earray("/", "rows", atom, shape, expectedrows=20_000)
        self.append = self.rows.append
        self.flush = self.rows.flush

    def close(self):
        self.file.close()


class Hdf5:
    def __init__(self, path, like, swmr=False, block=1 << 20):
        import h5py

        self.file = h5py.File(path, "w", libver="latest" if swmr else None)
        row = like[:1].nbytes
        self.rows = self.file.create_dataset(
            "rows",
            shape=(0, *like.shape[1:]),
            maxshape=(None, *like.shape[1:]),
            chunks=(max(block // row, 1), *like.shape[1:]),
            dtype=like.dtype,
        )
        if swmr:
            self.file.swmr_mode = True
        self.flush = self.rows.flush

    def append(self, rows):
        before = len(self.rows)
        self.rows.resize(before + len(rows), axis=0)
        self.rows[before:] = rows

    def close(self):
        self.file.close()


class Zarr:
    def __init__(self, path, like, block=1 << 20):
        import zarr

        self.rows = zarr.create_array(
            path,
            shape=(0, *like.shape[1:]),
            chunks=(max(block // like[:1].nbytes, 1), *like.shape[1:]),
            dtype=like.dtype,
            compressors=None,
        )
        self.append = self.rows.append

    def close(self):
        pass


def append_single(job, library, flush=False, **options):
    rows = records(job.ops)
    file = library(job.out, rows, **options)
    job.begin()
    for row in range(job.ops):
        file.append(rows[row : row + 1])
        if flush:
            file.flush()
    file.close()


def append_same(job, library, rows):
    file = library(job.out, rows)
    job.begin()
    for _ in range(job.ops):
        file.append(rows)
    file.close()


def append_npy_append_array(job):
    append_single(job, NpyAppend)


def append_pytables(job):
    append_single(job, PyTables)


def append_pytables_row(job):
    rows = records(job.ops)
    file = PyTables(job.out, rows)
    job.begin()
    row = file.rows.row
    for record in rows.tolist():
        row["time"], row["price"], row["size"], row["side"], row["order"] = record
        row.append()
    file.close()


def append_h5py(job):
    append_single(job, Hdf5)


def append_zarr(job):
    append_single(job, Zarr)


def batches_npy_append_array(job):
    append_same(job, NpyAppend, records(BATCH))


def batches_pytables(job):
    append_same(job, PyTables, records(BATCH))


def batches_h5py(job):
    append_same(job, Hdf5, records(BATCH))


def batches_zarr(job):
    append_same(job, Zarr, records(BATCH))


def commit_npy_append_array(job):
    append_single(job, NpyAppend, flush=True)


def commit_pytables(job):
    append_single(job, PyTables, flush=True)


def commit_h5py(job):
    append_single(job, Hdf5, flush=True)


def commit_h5py_swmr(job):
    append_single(job, Hdf5, flush=True, swmr=True)


def chunks_npy_append_array(job):
    append_same(job, NpyAppend, chunk())


def chunks_pytables(job):
    append_same(job, PyTables, chunk())


def chunks_h5py(job):
    append_same(job, Hdf5, chunk())


def chunks_zarr(job):
    append_same(job, Zarr, chunk())


# One record more. Files other than those of NumPy are made by the first run, and grow.


def large(job, name, library):
    path = job.path(name)
    if not os.path.exists(path):
        file, rows = library(path, records(1)), records(min(job.rows, 1_000_000))
        left = job.rows
        while left > 0:
            now = min(left, len(rows))
            file.append(rows[:now])
            left -= now
        file.close()
        os.sync()
    job.begin()
    return path


def grow_npy_append_array(job):
    from npy_append_array import NpyAppendArray

    row = records(1)
    job.begin()
    for _ in range(job.ops):
        with NpyAppendArray(job.path("big.npy")) as file:
            file.append(row)


def grow_h5py(job):
    import h5py

    row = records(1)
    path = large(job, "big.h5", Hdf5)
    for _ in range(job.ops):
        with h5py.File(path, "r+") as file:
            rows = file["rows"]
            rows.resize(len(rows) + 1, axis=0)
            rows[-1:] = row


def grow_pytables(job):
    import tables

    row = records(1)
    path = large(job, "big.tables", PyTables)
    for _ in range(job.ops):
        with tables.open_file(path, "a") as file:
            file.root.rows.append(row)


def grow_zarr(job):
    import zarr

    row = records(1)
    path = large(job, "big.zarr", Zarr)
    for _ in range(job.ops):
        zarr.open_array(path, mode="r+").append(row)


def grow_concatenate(job):
    row = records(1)
    job.begin()
    for _ in range(job.ops):
        path = job.path("big.npy")
        np.save(path, np.concatenate([np.load(path), row]))


# Reading.


def read_numpy(job):
    for _ in range(job.passes):
        np.load(job.path("whole.npy"))


def read_h5py(job):
    import h5py

    path = large(job, "whole.h5", Hdf5)
    for _ in range(job.passes):
        with h5py.File(path) as file:
            file["rows"][:]


def read_pytables(job):
    import tables

    path = large(job, "whole.tables", PyTables)
    for _ in range(job.passes):
        with tables.open_file(path) as file:
            file.root.rows.read()


def column_numpy(job):
    rows = np.load(job.path("whole.npy"), mmap_mode="r")
    for _ in range(job.passes):
        rows["price"].sum()


def random_numpy(job):
    count = max(job.rows // 10, 1)
    places = np.random.default_rng(1).integers(job.rows, size=count)
    rows = np.load(job.path("whole.npy"), mmap_mode="r")
    rows["order"].sum()
    job.begin()
    for _ in range(max(job.ops // count, 1)):
        rows[places]["order"].sum()


def copy_numpy(job):
    rows = np.load(job.path("whole.npy"), mmap_mode="r")
    for _ in range(job.passes):
        rows["price"].copy()


def row_numpy(job):
    count = max(job.rows // 10, 1)
    places = np.random.default_rng(1).integers(job.rows, size=count).tolist()
    rows = np.load(job.path("whole.npy"), mmap_mode="r")
    job.begin()
    for place in places:
        rows[place]


# Conversions.


def converted(job, convert):
    for _ in range(job.passes):
        convert(np.load(job.path("convert.npy")))


def convert_none(job):
    converted(job, lambda rows: rows)


def convert_list(job):
    converted(job, lambda rows: (rows["bytes"].tolist(), rows["text"].tolist()))


def convert_f4(job):
    converted(job, lambda rows: rows.astype("<f4"))


def convert_f8(job):
    converted(job, lambda rows: rows.astype("<f8"))


def convert_i8(job):
    converted(job, lambda rows: rows.astype("<i8"))


def convert_c16(job):
    converted(job, lambda rows: rows.astype("<c16"))


def convert_wide(job):
    types = ["<f8", "<i8", "<f8", "<u8", "<i4", "<f8", "<u4", "<i8", "<f8"]
    converted(job, lambda rows: rows.astype(list(zip("abcdefghi", types))))


def convert_times(job):
    converted(job, lambda rows: rows.astype([("time", "<M8[ns]"), ("value", "<f8")]))


def convert_little(job):
    converted(job, lambda rows: rows.astype(rows.dtype.newbyteorder("<")))


def fortran(job):
    for _ in range(job.passes):
        np.load(job.path("fortran.npy"))


def fortran_c_order(job):
    for _ in range(job.passes):
        np.ascontiguousarray(np.load(job.path("fortran.npy")))


# Room for a header.


def make_appendable(job, in_place):
    from npy_append_array import ensure_appendable, is_appendable

    os.rename(job.path("old.npy"), job.out)
    assert not is_appendable(job.out)
    job.begin()
    ensure_appendable(job.out, inplace=in_place)


def make_appendable_copy(job):
    make_appendable(job, False)


def make_appendable_in_place(job):
    make_appendable(job, True)


if __name__ == "__main__":
    function, ops, rows, folder = sys.argv[1:]
    job = Job(int(ops), int(rows), folder)
    globals()[function](job)
    print(json.dumps(job.end()))
