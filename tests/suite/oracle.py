"""NumPy, asked by the tests: one JSON request a line, one JSON answer a line.

Rows come as nested lists, a field a place; a float that JSON cannot write comes as a string.
"""

import ast
import io
import json
import math
import random
import re
import string
import sys
import warnings

import numpy as np
from numpy.lib import format as npy

from dtypes import BFLOAT16, dtype_of

try:
    from numpy.lib._format_impl import _read_array_header as read_array_header
except ImportError:  # Before NumPy 2.3.
    from numpy.lib.format import _read_array_header as read_array_header

# A 3.0 header and one over 64 KiB warn about old readers; a Python 2 header about being slow.
warnings.simplefilter("ignore")


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


LEVELS = ["no", "equiv", "safe", "same_kind"]


def least_level(source, target):
    """The index of the least casting that allows it, or None."""
    return next((nth for nth, level in enumerate(LEVELS) if np.can_cast(source, target, level)), None)


def can_cast(dtypes):
    """For each pair, the index of the least casting that allows it."""
    return [[least_level(dtype_of(a), dtype_of(b)) for b in dtypes] for a in dtypes]


def interesting(dtype):
    """Values of a scalar dtype: the ends of its range, what is near to them, and some others."""
    random = np.random.default_rng(1)
    if dtype.kind == "b":
        return np.array([False, True], dtype)
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        some = [info.min, info.min + 1, 0, 1, 7, 100, info.max - 1, info.max]
        return np.array([*some, *random.integers(info.min, info.max, 20, dtype.newbyteorder("="))], dtype)
    if dtype == BFLOAT16:
        return np.array([*interesting(np.dtype("f4")), 3.3895e38, 9.2e-41], BFLOAT16)
    if dtype.kind in "fc":
        info = np.finfo(dtype)
        some = [0.0, -0.0, 1.0, 0.1, -2.5, 1e-5, 1e3, 1e4, 65504.0, 65519.9, 65520.0, np.inf, -np.inf, np.nan]
        some += [2.0**-24, 2.0**-25, 3 * 2.0**-26, 1.0 + 2.0**-11, 1.0 + 3 * 2.0**-11, 2.0**-126, 2.0**-149]
        some += [float(info.smallest_subnormal), float(info.max), *random.normal(size=20)]
        reals = np.array(some).astype(dtype)
        if dtype.kind == "f":
            return reals
        parts = reals.view(dtype.newbyteorder(">" if dtype.byteorder == ">" else "<").str.replace("c", "f")[:2] + str(dtype.itemsize // 2))
        parts[1::2] = parts[::-2][: len(parts[1::2])]
        return reals
    if dtype.kind in "mM":
        some = [0, 1, -1, 59, -61, 1000, -1001, 86399, 12345, -719528, np.iinfo("i8").min]
        return np.array(some, "i8").astype(dtype.byteorder.replace("=", "<") + "i8").view(dtype)
    texts = ["", "a", "ab", "x y z", "0123456789", "\x00inner"]
    if dtype.kind == "U":
        return np.array([*texts, "é日\U0001f600"], dtype)
    if dtype.kind == "S":
        return np.array([text.encode() for text in texts], dtype)
    return np.frombuffer(random.bytes(5 * dtype.itemsize), dtype)


def astype(dtypes, to, folder):
    """Saves an array of each dtype, and beside it the bytes of what `astype` makes of it."""
    target, files = dtype_of(to), []
    for nth, name in enumerate(dtypes):
        source = interesting(dtype_of(name))
        level = least_level(source.dtype, target)
        file = f"{nth}.npy"
        if level is not None and {source.dtype.kind, target.kind} <= set("mM"):
            # Where it overflows, NumPy gives any number.
            source = source[[fits(value, target) for value in source]]
        np.save(f"{folder}/{file}", source)
        if level is not None:
            try:
                cast = source.astype(target)
            except (OverflowError, ValueError):
                continue  # The ratio of the units is too large for NumPy; a bfloat16 is no void.
            with open(f"{folder}/{nth}.cast", "wb") as out:
                # A time keeps its byte order where the target has no unit.
                out.write((cast if cast.dtype == target else cast.byteswap()).tobytes())
        files.append({"file": file, "from": name, "level": level})
    return files


def stored(sources, targets, folder):
    """For each pair of numbers, saves what `astype` makes of each value, and whether it is equal or only rounded."""
    levels = []
    for source in sources:
        values = interesting(dtype_of(source))
        np.save(f"{folder}/{source}.npy", values)
        for target in targets:
            levels.append(least_level(dtype_of(source), dtype_of(target)))
            with np.errstate(all="ignore"):
                cast = values.astype(dtype_of(target))
            held = [is_held(*pair) for pair in zip(values.tolist(), cast.tolist(), strict=True)]
            with open(f"{folder}/{source}-{target}", "wb") as out:
                out.write(bytes(held) + cast.tobytes())
    return levels


def is_held(value, stored):
    """Whether a number is stored as itself, or as a rounded float."""
    if isinstance(value, int):
        return stored == value
    value, stored = complex(value), complex(stored)
    parts = [(value.real, stored.real), (value.imag, stored.imag)]
    return all(math.isfinite(a) == math.isfinite(b) for a, b in parts)


def fits(value, target):
    """Whether a time is in the range of another unit."""
    if np.isnat(value) or np.datetime_data(target)[0] == "generic":
        return True
    if np.datetime_data(value)[0] == "generic":
        return value.dtype.kind == "m"
    unit, count = np.datetime_data(value)
    seconds = {"Y": 31556952, "M": 2629746, "W": 604800, "D": 86400, "h": 3600, "m": 60, "s": 1}
    seconds |= {unit: 10.0 ** (-3 * nth) for nth, unit in enumerate(["s", "ms", "us", "ns", "ps", "fs", "as"])}
    size = seconds[unit] * count * abs(int(value.view("i8") if value.dtype.isnative else value.newbyteorder().view("i8")))
    to_unit, to_count = np.datetime_data(target)
    return size / seconds[to_unit] / to_count < 2**62


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


def spell(dtype):
    """A dtype in our spelling: `dtype_to_descr`, but for subarrays at the top and types of `ml_dtypes`."""
    if dtype.type.__module__ == "ml_dtypes":
        return f"<V{dtype.itemsize}"
    if dtype.subdtype is not None:
        base, shape = dtype.subdtype
        return (spell(base), shape)
    return npy.dtype_to_descr(dtype)


def text_of(dtype):
    spelled = spell(dtype)
    return spelled if isinstance(spelled, str) else repr(spelled)


def spellings():
    """Texts for `np.dtype`, each with what NumPy makes of it, or null if NumPy refuses it."""
    orders = ["", "<", ">", "|", "=", "!"]
    sizes = ["", *map(str, [0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 64, 128]), "04", "016", " 8", "+8", "-8",
             "8 ", "0x8", "2147483647", "2147483648", "99999999999999999999"]
    letters = string.ascii_letters.replace("T", "") + "?"
    names = sorted(name for name in np.sctypeDict if isinstance(name, str))
    texts = [order + letter + size for order in orders for letter in letters for size in sizes]
    texts += [order + name + end for order in orders for name in names for end in ["", " ", "_", "8", "[ns]"]]
    texts += [name.title() for name in names]
    units = ["Y", "M", "W", "D", "h", "m", "s", "ms", "us", "\u03bcs", "\u00b5s", "ns", "ps", "fs", "as", "generic", "x", "NS"]
    inner = [count + unit for unit in units for count in ["", "1", "25", "2147483647", "2147483648", " 7", "+7", "007"]]
    inner += ["Y/12", "Y/52", "Y/365", "M/4", "W/7", "W/168", "D/24", "D/48", "h/60", "m/120", "s/2", "ms/1000000",
              "3us/8", "ps/1000", "fs/1000", "fs/500000", "as/1", "as/10", "s/1", "s/7", "s/", "s/2x", "generic/2", "1", ""]
    brackets = ["", "[ns", "ns]", "[", "]", "[ns]]", "[[ns]]", "[ns] ", *(f"[{unit}]" for unit in inner)]
    texts += [order + prefix + end for order in ["", ">", "|"] for prefix in ["M8", "m8", "M", "m08", "datetime64", "timedelta64"]
              for end in brackets]
    counts = ["0", "1", "2", "10", "(1,)", "(2,3)", "()", "(2)", "( 2 , 3 )", "(2,3,)", "2,", "1,2", "02", "(02,)", "-1", "+2",
              "(2", "2)", " 2", "2 ", "(,)", "(0,)", "0x2", "2147483647", "2147483648", "2_0", "((2,))", "(2,)(3,)"]
    items = ["f4", "i8", "S", "S5", "V3", "U3", "?", "M8[ns]", "double", "3f4", "", "x", "<f4", ">i2", "=u2", "c", "O", "int_",
             "m8[25us]", "f4[2]", " f4", "f4 "]
    texts += [first + count + second + item for first in ["", "<", ">", "="] for count in counts for second in ["", ">"]
              for item in items]
    random_ = random.Random(1)
    for _ in range(1500):
        # Of the sum of sizes NumPy does not check that it fits.
        parts = [random_.choice(["", "", random_.choice(counts[:-6])]) + random_.choice(items) for _ in range(random_.randint(1, 4))]
        text = parts[0]
        for part in parts[1:]:
            text += random_.choice([",", ", ", " ,", " , ", ",,", "\t,\n"]) + part
        texts.append(text + random_.choice(["", "", ",", " ", ", "]))
    answers = {}
    for text in texts:
        try:
            answers[text] = text_of(np.dtype(text))
        except Exception:
            answers[text] = None
    return list(answers.items())


def descrs(texts):
    """What `descr_to_dtype` makes of each literal, or null if NumPy refuses it."""
    def answer(text):
        try:
            return text_of(npy.descr_to_dtype(ast.literal_eval(text)))
        except Exception:
            return None
    return [answer(text) for text in texts]


def verdicts(paths):
    """For each file what NumPy reads from its header, and whether `np.load` loads it."""
    def header(path):
        try:
            with open(path, "rb") as file:
                version = npy.read_magic(file)
                shape, fortran_order, dtype = read_array_header(file, version=version, max_header_size=1 << 20)
                while dtype.subdtype is not None and set(dtype.shape) == {1}:
                    dtype = dtype.base  # As in the array that `np.load` makes.
                return {"shape": [str(dim) for dim in shape], "fortran": fortran_order, "dtype": text_of(dtype)}
        except Exception:
            return None

    def loads(path):
        try:
            np.load(path)
            return True
        except Exception:
            return False
    return [[header(path), loads(path)] for path in paths]


def python(code):
    """Runs a few lines that leave their answer in `answer`."""
    scope = {"np": np, "io": io, "npy": npy}
    exec(code, scope)
    return scope["answer"]


ANSWERS = (
    resave, values, save, concatenate, loads, literal, descr, aligned, can_cast, astype, scalars, cast, arrays, python, stored,
    spellings, descrs, verdicts,
)
REQUESTS = {f.__name__: f for f in ANSWERS}

for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = {"ok": REQUESTS[request.pop("ask")](**request)}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
