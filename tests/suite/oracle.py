"""NumPy, asked by the tests: one JSON request a line, one JSON answer a line.

Rows come as nested lists, a field a place; a float that JSON cannot write comes as a string.
"""

import ast
import io
import json
import re
import sys
import warnings

import ml_dtypes
import numpy as np
from numpy.lib import format as npy

BFLOAT16 = np.dtype(ml_dtypes.bfloat16)

# A 3.0 header and one over 64 KiB warn about old readers; a Python 2 header about being slow.
warnings.simplefilter("ignore")


def dtype_of(descr):
    """The dtype of a descr, with `<V2` as the bfloat16 that it was saved from."""
    if isinstance(descr, str):
        return BFLOAT16 if descr == "<V2" else np.dtype(descr)
    names, titles, formats, offsets, end = [], [], [], [], 0
    for name, base, *shape in descr:
        dtype = np.dtype((dtype_of(base), *shape)) if shape else dtype_of(base)
        if name != "" or dtype.type is not np.void:
            title, name = name if isinstance(name, tuple) else (None, name)
            names.append(name)
            titles.append(title)
            formats.append(dtype)
            offsets.append(end)
        end += dtype.itemsize
    return np.dtype(
        {"names": names, "titles": titles, "formats": formats, "offsets": offsets, "itemsize": end}
    )


def descr_of(path):
    """The descr in the header of a file."""
    with open(path, "rb") as file:
        version = npy.read_magic(file)
        width, encoding = (2, "latin1") if version == (1, 0) else (4, "latin1" if version[0] == 2 else "utf8")
        text = file.read(int.from_bytes(file.read(width), "little")).decode(encoding)
    return ast.literal_eval(re.sub(r"(\d)L\b", r"\1", text))["descr"]


def load(path):
    array = np.load(path, max_header_size=1 << 30)
    return array.view(dtype_of(descr_of(path))) if "<V2" in repr(descr_of(path)) else array


def put(place, index, dtype, value):
    """Stores a value of the tests at an index of an array."""
    if dtype.names is not None:
        for name, item in zip(dtype.names, value, strict=True):
            put(place[name], index, dtype.fields[name][0], item)
    elif dtype.subdtype is not None:
        base, _ = dtype.subdtype
        part = place[index]
        for at in np.ndindex(part.shape):
            item = value
            for axis in at:
                item = item[axis]
            put(part, at, base, item)
    else:
        place[index] = scalar(dtype, value)


def scalar(dtype, value):
    if dtype.kind in "SV" and dtype != BFLOAT16:
        raw = bytes(value) if isinstance(value, list) else value.encode()
        return np.void(raw) if dtype.kind == "V" else raw
    if dtype.kind == "U":
        return "".join(value)
    if dtype.kind in "Mm":
        kind = np.datetime64 if dtype.kind == "M" else np.timedelta64
        if isinstance(value, dict):
            return kind(value["ns"], "ns").astype(dtype)
        return np.array(value, "<i8").view(dtype.newbyteorder("<")).astype(dtype)[()]
    if dtype.kind == "c":
        return complex(float(value[0]), float(value[1]))
    if dtype.kind == "f" or dtype == BFLOAT16:
        return float(value)
    return value


def array_of(descr, shape, rows):
    array = np.zeros(shape, dtype_of(descr))
    for row, value in enumerate(rows):
        if array.ndim == 1:
            put(array, row, array.dtype, value)
        else:
            put(array, row, np.dtype((array.dtype, array.shape[1:])), value)
    return array


def leaves(array):
    """The bytes of every value, without the padding between them."""
    if array.dtype.names is None:
        return array.tobytes()
    return [leaves(array[name]) for name in array.dtype.names]


def resave(path, out):
    array = load(path)
    np.save(out, array)
    return {"shape": array.shape, "dtype": str(array.dtype)}


def values(path, rows):
    found = load(path)
    expected = array_of(descr_of(path), found.shape, rows)
    assert len(found) == len(rows), f"{len(found)} rows, expected {len(rows)}"
    assert leaves(found) == leaves(expected), f"found {found!r}\nexpected {expected!r}"


def save(descr, shape, rows, out):
    np.save(out, array_of(ast.literal_eval(descr), shape, rows))


def concatenate(descr, shape, rows, split, out):
    array = array_of(ast.literal_eval(descr), shape, rows)
    np.save(out, np.concatenate([array[:split], array[split:]], dtype=array.dtype))


def loads(path):
    array = np.load(path)
    return {"shape": array.shape, "descr": repr(npy.dtype_to_descr(array.dtype))}


def literal(text):
    return repr(ast.literal_eval(text))


def descr(text):
    """What NumPy makes of a dtype in our spelling, and how it spells it."""
    value = ast.literal_eval(text) if text[:1] in "[(" else text
    return repr(npy.dtype_to_descr(npy.descr_to_dtype(value)))


def aligned(text):
    """The descr of the same fields with `align=True`."""
    return repr(npy.dtype_to_descr(np.dtype(ast.literal_eval(text), align=True)))


def raw(descr, shape, hex):
    """The array of a dtype in our spelling whose bytes these are."""
    value = ast.literal_eval(descr) if descr[:1] in "[(" else descr
    return np.frombuffer(bytes.fromhex(hex), dtype_of(value)).reshape(shape)


def scalars(descr, hex):
    """The text of every element."""
    return [str(value) for value in raw(descr, -1, hex)]


def cast(descr, hex):
    """Every element cast to a string."""
    return raw(descr, -1, hex).astype("S80").astype("U80").tolist()


def arrays(descr, shape, hex):
    """The text of every array of a shape."""
    return [str(array) for array in raw(descr, (-1, *shape), hex)]


def python(code):
    """Runs a few lines that leave their answer in `answer`."""
    scope = {"np": np, "io": io, "npy": npy}
    exec(code, scope)
    return scope["answer"]


ANSWERS = (
    resave, values, save, concatenate, loads, literal, descr, aligned, scalars, cast, arrays, python
)
REQUESTS = {f.__name__: f for f in ANSWERS}

for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = {"ok": REQUESTS[request.pop("ask")](**request)}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
