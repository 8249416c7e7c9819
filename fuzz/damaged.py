"""Writes `.npy` files with mutated headers into a folder, and NumPy's verdict on each.

    python3 fuzz/damaged.py fuzz/corpus/damaged

The target `damaged` starts from these files. `verdicts.jsonl`, beside the folder, has an object a line: `file`; `loads`,
whether `np.load` reads the file; and, if so, `shape` and `descr`, the type string or the text of the list.
"""

import json
import pathlib
import random
import sys
import warnings

import numpy as np
from numpy.lib import format as npy

warnings.simplefilter("ignore")

RANDOM = random.Random(13)
COUNT = 4000

DESCRS = [
    ("'|u1'", 1),
    ("'<f8'", 8),
    ("'>i4'", 4),
    ("'|S3'", 3),
    ("'<M8[ns]'", 8),
    ("'|V0'", 0),
    ("[('a', '|u1'), ('b', '<f4')]", 5),
    ("[('a', '|u1'), ('', '|V3'), ('b', '>f4', (2,))]", 12),
    ("[('shape', '<f8'), ('p', [('x', '<f4')], (3,))]", 20),
]
PLACEHOLDERS = ["****", "        ", "", "1**", "12*4", "1\0\0", "?", "-1"]
SCALARS = ["np.int64({})", "np.int32({})", "np.uint64({})", "numpy.int64({})", "np.float64({})", "({})", " {} "]
# The end of a file that a mapped log has made longer than its rows.
MARK = b"\0npyrec: behind the rows that the header counts there is room.\n\0"
CHARACTERS = " ,()[]{}':*0123456789-\0xn.\n"


def number(axis):
    return str(RANDOM.choice([axis, axis, axis, 0, 1, 7, 10**9, 2**63 - 1, 2**63, 10**25]))


def shape_text(shape, growth):
    """The text of a shape, damaged now and then."""
    axes = [str(axis) for axis in shape]
    for at in range(len(axes)):
        what = RANDOM.random()
        if what < 0.15:
            axes[at] = RANDOM.choice(SCALARS).format(axes[at])
        elif what < 0.2 or at == growth and what < 0.5:
            axes[at] = RANDOM.choice(PLACEHOLDERS)
        elif what < 0.6:
            axes[at] = number(axes[at])
    if len(axes) == 1 and RANDOM.random() < 0.2:
        return axes[0]
    opening, closing = RANDOM.choice(["()", "()", "()", "()", "[]"])
    return opening + ", ".join(axes) + ("," if len(axes) == 1 or RANDOM.random() < 0.2 else "") + closing


def mutate(text):
    """One character more, less, or another."""
    at = RANDOM.randrange(len(text) + 1)
    new = RANDOM.choice(["", RANDOM.choice(CHARACTERS)])
    return text[:at] + new + text[at + RANDOM.randrange(2) :]


def array():
    """The bytes of a file."""
    descr, itemsize = RANDOM.choice(DESCRS)
    fortran = RANDOM.random() < 0.4
    shape = [RANDOM.choice([1, 2, 3, 5]) for _ in range(RANDOM.choice([0, 1, 1, 1, 2, 2, 3, 4]))]
    growth = len(shape) - 1 if fortran else 0
    text = f"{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {shape_text(shape, growth)}, }}"
    while RANDOM.random() < 0.3:
        text = mutate(text)
    version = RANDOM.choice([1, 1, 1, 2, 3])
    width = 2 if version == 1 else 4
    padding = 64 - (8 + width + len(text) + 1) % 64
    text = (text + " " * padding + "\n").encode("utf8" if version == 3 else "latin1")
    length = len(text) + (RANDOM.choice([-2, -1, 1, 2, 8]) if RANDOM.random() < 0.1 else 0)
    data = np.arange(int(np.prod(shape, dtype=object)) * itemsize + 1, dtype="u1")
    more = RANDOM.choice([0, 0, 0, 1, -1, itemsize, 3 * itemsize, -itemsize])
    data = RANDOM.randbytes(max(len(data) - 1 + more, 0))
    if RANDOM.random() < 0.15:
        data += bytes(RANDOM.choice([0, itemsize, 700 * itemsize])) + MARK
    return b"\x93NUMPY" + bytes([version, 0]) + length.to_bytes(width, "little") + text + data


def verdict(path):
    try:
        loaded = np.load(path)
    except Exception:
        return {"loads": False}
    descr = npy.dtype_to_descr(loaded.dtype)
    return {"loads": True, "shape": loaded.shape, "descr": descr if isinstance(descr, str) else repr(descr)}


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder.with_name("verdicts.jsonl"), "w") as verdicts:
        for nth in range(COUNT):
            path = folder / f"{nth}.npy"
            path.write_bytes(array())
            print(json.dumps({"file": path.name, **verdict(path)}), file=verdicts)


main()
