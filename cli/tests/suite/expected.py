"""Prints, for each file of the corpus, the rows that NumPy reads, as the command prints them in JSON.

    python3 expected.py FOLDER SUITE

SUITE is the folder of the tests of the library.
"""

import ast
import json
import math
import sys
import warnings

import numpy as np

sys.path.append(sys.argv[2])
from dtypes import BFLOAT16, dtype_of

warnings.simplefilter("ignore")


def number(value):
    """A float with the digits of a single where it is not wider than one."""
    wide = float(value)
    if math.isnan(wide):
        return "NaN"
    if math.isinf(wide):
        return "Infinity" if wide > 0 else "-Infinity"
    return float(str(np.float32(value))) if value.dtype.itemsize <= 4 else wide


def plain(array):
    """An array as nested lists, down to the scalars."""
    if array.size == 0:
        return []
    if array.ndim:
        return [plain(array[i, ...]) for i in range(len(array))]
    dtype = array.dtype
    if dtype.names is not None:
        return {name: plain(array[name]) for name in dtype.names}
    value = array[()]
    if dtype == BFLOAT16 or dtype.kind == "f":
        return number(value)
    if dtype.kind == "c":
        return [number(value.real), number(value.imag)]
    if dtype.kind == "M":
        # Far away, NumPy's own texts overflow; null stands for any text.
        ticks = int(value.astype("<i8"))
        return None if 2**52 < abs(ticks) < 2**63 else str(value)
    if dtype.kind == "m":
        return "NaT" if np.isnat(value) else int(value.astype("<i8"))
    if dtype.kind == "S":
        try:
            return bytes(value).decode()
        except UnicodeDecodeError:
            return list(bytes(value))
    if dtype.kind == "V":
        return list(value.tobytes())
    if dtype.kind == "U":
        value.encode()  # A lone surrogate is an error.
    return value.item()


folder = sys.argv[1]
for line in open(f"{folder}/expected.jsonl", encoding="utf8"):
    entry = json.loads(line)
    path = f"{folder}/{entry['file']}"
    descr, rows = entry["descr"], None
    if not entry["refused"]:
        try:
            array = np.load(path, max_header_size=1 << 30)
            if "<V2" in descr:
                array = array.view(dtype_of(ast.literal_eval(descr) if descr[0] in "[(" else descr))
            array = array if array.ndim else array[None]
            rows = [plain(array[i, ...]) for i in range(len(array))]
        except ValueError:
            pass  # Elements of no bytes, or a lone surrogate.
    print(json.dumps({"file": entry["file"], "shape": entry["shape"], "rows": rows}))
