"""Writes `.npy` files of every kind into a folder, and what NumPy reads from each.

    python3 tests/suite/corpus.py FOLDER
    python3 tests/suite/corpus.py --fixtures tests/suite/fixtures

`expected.jsonl` has an object a line: `file`; `descr`, a type string or the text of a list; `order`,
`C` or `F` as the header says; `shape`; `refused`, whether only Python can read it; and `values`, the
elements in C order:

    bool, integer       itself
    float               {"f": its repr}, widened or rounded to 64 bits
    complex             [real, imaginary], two floats
    S                   hexadecimal, without the NULs at the end
    V                   hexadecimal
    U                   a string without the NULs at the end; {"u": [code points]} if there is a surrogate
    M8, m8              the ticks
    record              [[name, value], ...]
    subarray            nested lists

A bfloat16 of ml_dtypes, `<V2`, is a float; its other types, of a byte each, are raw like any `V`.
"""

import functools
import io
import json
import math
import pathlib
import pickle
import random
import sys
import warnings

import ml_dtypes
import numpy as np
from numpy.lib import format as npy

# A 3.0 header and one over 64 KiB warn about old readers; a Python 2 header about being slow.
warnings.simplefilter("ignore")

RANDOM = random.Random(1)
BFLOAT16 = np.dtype(ml_dtypes.bfloat16)
LONG_DOUBLE = np.dtype(np.longdouble)
NO_LIMIT = 1 << 30


# Values.


def integers(dtype):
    info = np.iinfo(dtype)
    near = [info.min, info.max, info.min + 1, info.max - 1, 0, 1, 2, 10, 100, info.max // 3]
    return [*near, -1, -2, -100] if info.min < 0 else near


def floats(dtype):
    """Values of a float type of the machine's byte order."""
    info = np.finfo(dtype)
    one, small, normal = dtype.type(1), info.smallest_subnormal, info.smallest_normal
    whole = [one - one, one, -0.0, math.inf, -math.inf, math.nan, info.max, info.min]
    tiny = [small, -small, normal, -normal, normal - small, 3 * small]
    found = np.array([*whole, *tiny, one + info.eps, one / 3, -one * 3 / 2, 100], dtype)
    if dtype != LONG_DOUBLE or dtype.itemsize != 16:
        # Not-a-number with a sign, and one that signals.
        bits = np.dtype(f"u{dtype.itemsize}")
        infinity = np.array([math.inf], dtype).view(bits)
        signalling = [infinity + 1, infinity + 1 + (1 << 8 * dtype.itemsize - 1)]
        return np.concatenate([found, *(nan.astype(bits).view(dtype) for nan in signalling)])
    # What rounds to 64 bits: halfway and just beyond, in the middle, at the end and at the start.
    half, bit = one / 2**53, one / 2**63
    least, most = dtype.type(5e-324), dtype.type(sys.float_info.max)
    rounded = [1 + half, 1 + half + bit, 1 + 3 * half, *(most * (1 + half / n) for n in [4, 2, 1])]
    tiny = [least / 2, least / 2 * (1 + bit), least * 3 / 2, least / 4, most * 2, -least / 2]
    found = np.concatenate([found, np.array([*rounded, *tiny], dtype)])
    if info.nmant == 63:
        # Ten bytes are the number, six are anything.
        found.view("u1").reshape(-1, 16)[:, 10:] = RANDOM.randint(1, 255)
    return found


TEXTS = [
    "abcd", "", "é", "日本語", "😀", "a\0b", "\0a", "a\0\0b", "ab\0\0", "\U0010ffff", "שלום",
    "e\u0301", "\ufeff", "\n\t\"'", "ÿ", "\\", "\x7f", "Ωμ😀ß",
]  # fmt: skip
TICKS = [0, 1, -1, -(2**63), -(2**63) + 1, 2**63 - 1, 1_000_000_007, -86_400, 951_782_400]


@functools.cache
def interesting(dtype):
    """Values of a dtype without fields."""
    native = dtype.newbyteorder("=")
    if dtype == BFLOAT16:
        bits = [0x3F80, 0, 0x8000, 0x7F80, 0xFF80, 0x7FC0, 0xFFC1, 0x7F81, 0x7F7F, 0xFF7F]
        return np.array([*bits, 1, 0x8001, 0x7F, 0x80, 0x3F81, 0x4049, 0xC2C8], "<u2").view(dtype)
    if dtype.type.__module__ == "ml_dtypes":
        return np.arange(256, dtype="u1").view(dtype)
    if dtype.kind == "b":
        return np.array([True, False, True, True, False], dtype)
    if dtype.kind in "iu":
        return np.array(integers(dtype), dtype)
    if dtype.kind == "f":
        return floats(native).astype(dtype)
    if dtype.kind == "c":
        real = floats(np.zeros(0, native).real.dtype)
        found = np.zeros(len(real), native)
        found.real, found.imag = real, np.roll(real, 1)
        return found.astype(dtype)
    if dtype.kind in "Mm":
        return np.array(TICKS, "i8").view(native).astype(dtype)
    if dtype.kind == "U":
        return np.array(TEXTS, dtype)
    if dtype.kind == "S":
        texts = [b"abcde", b"", b"ab", b"a\0b", b"\0a", b"a\0\0b", b"ab\0\0", b"\xff\xfe", b"\n'\"\\"]
        return np.array(texts, dtype)
    size = dtype.itemsize
    raw = [bytes(size), b"\0" * (size - 1) + b"\1", b"\1" + b"\0" * (size - 1)]
    return np.frombuffer(b"".join([RANDOM.randbytes(size), *raw, RANDOM.randbytes(size)]), dtype)


def fill(array):
    if array.dtype.names is not None:
        for name in array.dtype.names:
            fill(array[name])
    elif array.dtype.itemsize:
        values = interesting(array.dtype)
        array[...] = np.resize(np.roll(values, -RANDOM.randrange(len(values))), array.shape)


def filled(dtype, shape, order="C"):
    """An array of interesting values, with anything in its padding."""
    dtype = np.dtype(dtype)
    memory = bytearray(RANDOM.randbytes(math.prod(shape) * dtype.itemsize))
    array = np.ndarray(shape, dtype, memory, order=order)
    fill(array)
    return array


# What is expected of a file.


def elements(array, dimensions):
    """The elements in C order, with the dimensions after so many as lists in them."""
    dtype, inner = array.dtype, array.shape[dimensions:]
    if dtype.names is not None:
        fields = [elements(array[name], array.ndim) for name in dtype.names]
        found = [
            [[name, field[i]] for name, field in zip(dtype.names, fields)] for i in range(array.size)
        ]
    else:
        found = scalars(array)
    count = math.prod(array.shape[:dimensions])
    for axis in reversed(range(len(inner))):
        size, lists = inner[axis], count * math.prod(inner[:axis])
        found = [found[i * size : (i + 1) * size] for i in range(lists)]
    return found


def scalars(array):
    """The JSON of each element of an array without fields, in C order."""
    dtype = array.dtype
    if dtype == BFLOAT16:
        array, dtype = array.astype("f4"), np.dtype("f4")
    if dtype.kind in "Mm":
        array = array.view(dtype.byteorder + "i8")
    flat = array.reshape(-1)
    if dtype.kind == "f":
        return [number(x) for x in flat]
    if dtype.kind == "c":
        return [[number(x), number(y)] for x, y in zip(flat.real, flat.imag)]
    if dtype.kind == "S":
        return [x.hex() for x in flat.tolist()]
    if dtype.kind == "U":
        return [text(x) for x in flat.tolist()]
    if dtype.kind == "V":
        return [x.tobytes().hex() for x in flat]
    return flat.tolist()


def number(x):
    return {"f": repr(float(x))}


def text(x):
    surrogate = any("\ud800" <= c <= "\udfff" for c in x)
    return {"u": [ord(c) for c in x]} if surrogate else x


def spelled(dtype):
    if dtype.subdtype is not None:
        base, shape = dtype.subdtype
        return spelled(base), shape
    return npy.dtype_to_descr(dtype)


class Corpus:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.lines = []

    def put(self, name, data):
        """Writes a file, unless it is there: somebody may be reading it."""
        path = self.folder / name
        if not path.exists() or path.read_bytes() != data:
            path.write_bytes(data)
        return path

    def expect(self, name, descr, order, shape, values, refused):
        descr = descr if isinstance(descr, str) else repr(descr)
        entry = {"file": name, "descr": descr, "order": order, "shape": shape, "refused": refused}
        self.lines.append(json.dumps({**entry, "values": values}) + "\n")

    def saved(self, name, array, version=None):
        """A file that NumPy writes."""
        name = f"{len(self.lines):03}-{name}.npy"
        out = io.BytesIO()
        npy.write_array(out, array, version)
        self.put(name, out.getvalue())
        # As `dtype.descr`, which keeps `<V2`; what is loaded has `|V2`.
        descr, refused = npy.dtype_to_descr(array.dtype), array.dtype.hasobject
        flags = array.flags
        order = "F" if flags.f_contiguous and not flags.c_contiguous else "C"
        found = []
        if not refused:
            out.seek(0)
            loaded = np.load(out, max_header_size=NO_LIMIT)
            assert loaded.shape == array.shape, name
            found = elements(loaded.view(array.dtype) if "<V2" in repr(descr) else loaded, loaded.ndim)
        self.expect(name, descr, order, array.shape, found, refused)

    def written(self, name, text, data, version=1, alignment=64, end="\n"):
        """A file whose header is written by hand."""
        name = f"{name}.npy"
        start = 10 if version == 1 else 12
        text = text.encode("latin1")
        text += b" " * (-(start + len(text) + len(end)) % alignment) + end.encode()
        length = len(text).to_bytes(start - 8, "little")
        path = self.put(name, b"\x93NUMPY" + bytes([version, 0]) + length + text + data)
        with path.open("rb") as file:
            npy.read_magic(file)
            read = npy.read_array_header_1_0 if version == 1 else npy.read_array_header_2_0
            shape, fortran, dtype = read(file)
        found = []
        if not dtype.hasobject:
            # Where an element is an array, `np.load` without a map counts wrongly.
            loaded = np.load(path, mmap_mode="r" if dtype.subdtype else None)
            assert loaded.shape[: len(shape)] == shape, name
            found = elements(loaded, len(shape))
        self.expect(name, spelled(dtype), "F" if fortran else "C", shape, found, dtype.hasobject)


# The files.

NUMBERS = ["i2", "i4", "i8", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"]
if LONG_DOUBLE.itemsize == 16:
    NUMBERS += ["f16", "c32"]
UNITS = ["Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as"]
TICK_UNITS = [*UNITS, "7D", "25us", "1000ns", "2147483647as"]
ORDERED = ["U1", "U4", "M8", "m8", "M8[ns]", "m8[25us]"]
ORDERLESS = ["?", "i1", "u1", "S1", "S5", "V1", "V2", "V4", BFLOAT16, ml_dtypes.float8_e4m3fn]
SHAPES = [((), "C"), ((0,), "C"), ((0, 4), "C"), ((5,), "C"), ((2, 3, 4), "C"), ((2, 3, 4), "F")]
BYTE_ORDERS = {"<": "little", ">": "big"}


def scalar_files(corpus):
    dtypes = [np.dtype(order + name) for name in NUMBERS + ORDERED for order in BYTE_ORDERS]
    for dtype in [*map(np.dtype, ORDERLESS), *dtypes]:
        name = slug(dtype)
        for shape, order in SHAPES:
            corpus.saved(f"{name}-{slug(shape)}-{order}", filled(dtype, shape, order))
        corpus.saved(f"{name}-all", interesting(dtype))
    for kind in "Mm":
        for unit in TICK_UNITS:
            for order in BYTE_ORDERS:
                dtype = np.dtype(f"{order}{kind}8[{unit}]")
                corpus.saved(slug(dtype), interesting(dtype))
    for name in ["float8_e4m3b11fnuz", "float8_e5m2fnuz", "int4"]:
        corpus.saved(name, filled(getattr(ml_dtypes, name), (5,)))
    # No dtype of one's own is `S0` or `U0` for long, but that of a field is.
    for name in ["S0", "U0", "V0"]:
        for shape in [(), (0,), (3,), (2, 3)]:
            corpus.saved(f"{name}-{slug(shape)}", np.zeros(shape, [("a", name)])["a"])
    corpus.saved("booleans-other-than-0-and-1", np.array([0, 1, 2, 0x62, 0xFF], "u1").view("?"))
    for order in BYTE_ORDERS:
        surrogates = np.array([0xD805, 0, 0xD834, 0xDD1E, 0x61, 0xDFFF], order + "u4")
        corpus.saved("surrogates", surrogates.view(order + "U2"))
    corpus.saved("big-endian-bfloat16", np.frombuffer(b"\x3f\x80\xc0\x49", BFLOAT16.newbyteorder(">")))
    corpus.saved("64-dimensions", filled("<i2", (1,) * 63 + (3,)))
    corpus.saved("a-slice", filled("<i2", (6, 8))[::2, 1::3])
    corpus.saved("a-transpose", filled("<i2", (3, 4, 2)).transpose(1, 0, 2))
    corpus.saved("version-2", filled("<f8", (3,)), (2, 0))
    corpus.saved("version-3", filled(">f4", (2, 3), "F"), (3, 0))


def slug(of):
    if isinstance(of, tuple):
        return "x".join(map(str, of)) or "scalar"
    ends = f"-{BYTE_ORDERS[of.str[0]]}" if of.str[0] in BYTE_ORDERS else ""
    return of.name.replace("[", "-").replace("]", "") + ends


POINT = [("x", "<f4"), ("y", ">f4")]
TICK = [("time", "<M8[ns]"), ("price", "<f8"), ("size", "<u4"), ("side", "S1"), ("live", "?")]
C_STRUCT = [("tag", "u1"), ("value", "<f8"), ("count", "<i2"), ("text", "S3"), ("z", "<c8")]


def placed(offsets, itemsize, fields):
    names, formats = zip(*fields)
    return {"names": names, "formats": formats, "offsets": offsets, "itemsize": itemsize}


STRUCTS = {
    "plain": TICK,
    "one-field": [("a", "<i4")],
    "big-endian": [("a", ">i4"), ("b", ">c16"), ("c", ">U3"), ("d", ">m8[7D]"), ("e", ">f2")],
    "mixed-orders": [("a", "<i4"), ("b", ">i4"), ("c", "<U2"), ("d", ">U2"), ("e", POINT)],
    "all-kinds": [(f"f_{i}", d) for i, d in enumerate([*ORDERLESS[:-1], *NUMBERS, "U3", "M8", "m8[s]"])],
    "nested": [("at", POINT), ("id", "<u2"), ("more", [("tick", TICK), ("at", POINT)])],
    "deep": functools.reduce(lambda inner, i: [("a", "i1"), (f"b{i}", inner)], range(8), [("c", ">i2")]),
    "array-of-structs": [("id", "<u2"), ("points", POINT, (3,)), ("grid", POINT, (2, 2))],
    "arrays-in-arrays": [("a", [("b", [("c", ">i2", (2,))], (2,)), ("d", "i1")], (2, 1)), ("e", "i1")],
    "array-of-arrays": [("a", (("<i2", (2,)), (3,))), ("b", "i1")],
    "subarrays": [("a", "<f4", (3,)), ("b", ">i2", (2, 3)), ("c", "S3", (2,)), ("d", "<U2", (2, 1, 2))],
    "subarrays-of-one": [("a", "<f8", (1,)), ("b", ">i2", (1, 1)), ("c", POINT, (1,))],
    "subarrays-of-none": [("a", "<f8", (0,)), ("b", "i1"), ("c", ">i2", (2, 0)), ("d", POINT, (0, 3))],
    "only-subarrays-of-none": [("a", "<f8", (0,))],
    "more-subarrays": [("a", "<M8[us]", (2,)), ("b", ">c8", (2,)), ("c", "V3", (2,)), ("d", "?", (3,))],
    "bfloat16": [("a", BFLOAT16), ("b", BFLOAT16, (2,)), ("c", [("d", BFLOAT16)]), ("e", "V2")],
    "aligned": np.dtype(C_STRUCT, align=True),
    "aligned-nested": np.dtype([("a", "?"), ("b", np.dtype(C_STRUCT, align=True), (2,)), ("c", "i1")], align=True),
    "aligned-in-packed": [("a", "?"), ("b", np.dtype(C_STRUCT, align=True)), ("c", "i1")],
    "packed-in-aligned": np.dtype([("a", "?"), ("b", C_STRUCT), ("c", "<i8")], align=True),
    "placed": placed([1, 7, 11], 13, [("a", "<i4"), ("b", "u1"), ("c", "S1")]),
    "placed-nested": [("a", "i1"), ("b", placed([3, 9], 20, [("x", ">i4"), ("y", POINT)]), (2,))],
    "placed-with-empty-fields": placed([2, 6, 6], 9, [("a", "<i4"), ("b", "S0"), ("c", "<i2")]),
    "only-padding": {"names": [], "formats": [], "itemsize": 5},
    "only-padding-within": [("a", {"names": [], "formats": [], "itemsize": 3}), ("b", "i1")],
    "padding-like-fields": [("V1", "V3"), ("f1", "V1"), ("f0", "<i2")],
    "titles": [(("the title", "a"), "<i4"), (("Titel é", "b"), "<f4", (2,)), (("日", "c"), POINT), ("d", "i1")],
    "latin1-names": [("é", "<i4"), ("ÿ ß", "<f4"), ("\xa0\xad\x85", "i1"), ("µ", [("å", "i1")])],
    "unicode-names": [("日本", "<i4"), ("é", "<f4"), ("😀", "i1"), ("e\u0301\u200b\u2028", "i1"), ("Ω", POINT)],
    "odd-names": [
        (name, "i1")
        for name in ["a.b", " ", "a b ", "'", '"', "'\"", "\\", "\n\t\r", "class", "None", "0", "5L", "}", "#",
                     "\0", "\x1b", "f1", "descr", "('a', '<i4')", "%s{}", "A", "a"]
    ],  # fmt: skip
    "long-name": [("n" * 9_000, "<i4"), ("m", "i1")],
    "empty": [],
    "empty-within": [("a", []), ("b", "i1"), ("c", [], (2,)), ("d", [("e", [])])],
    "fields-of-no-bytes": [("a", "S0"), ("b", "<i4"), ("c", "U0"), ("d", "V0")],
    "only-fields-of-no-bytes": [("a", "S0"), ("b", "V0")],
    "many-fields": [(f"field {i}", [">f4", "<i2", "S3"][i % 3]) for i in range(120)],
    "record-type": np.dtype((np.record, POINT)),
}  # fmt: skip
STRUCT_SHAPES = [((), "C"), ((0,), "C"), ((3,), "C"), ((2, 1, 3), "C"), ((2, 1, 3), "F")]

LEAVES = [*ORDERLESS[:-1], *(order + name for name in NUMBERS + ["U2", "M8[ms]", "m8"] for order in BYTE_ORDERS)]


def any_struct(depth):
    names = RANDOM.sample(["a", "b.c", "d e", "é", "'", "f0", "Z", "n" * 20], RANDOM.randint(1, 6))
    fields = []
    for name in names:
        inner = any_struct(depth - 1) if depth and RANDOM.random() < 0.3 else RANDOM.choice(LEAVES)
        shape = RANDOM.choice([(), (), (), (), (2,), (1,), (2, 2), (0,)])
        names = (f"title {name}", name) if RANDOM.random() < 0.1 else name
        fields.append((names, inner, shape) if shape else (names, inner))
    if RANDOM.random() < 0.7:
        return np.dtype(fields, align=RANDOM.random() < 0.4)
    offsets, end = [], 0
    packed = np.dtype(fields)
    for name in packed.names:
        end += RANDOM.choice([0, 0, 1, 2, 5])
        offsets.append(end)
        end += packed[name].itemsize
    formats = [packed[name] for name in packed.names]
    return np.dtype(placed(offsets, end + RANDOM.choice([0, 0, 3]), list(zip(packed.names, formats))))


def struct_files(corpus):
    for name, dtype in STRUCTS.items():
        for shape, order in STRUCT_SHAPES:
            corpus.saved(f"{name}-{slug(shape)}-{order}", filled(dtype, shape, order))
    for _ in range(80):
        corpus.saved("any-struct", filled(any_struct(2), *RANDOM.choice(STRUCT_SHAPES[2:])))
    # More than `np.load` reads unasked, more than version 1.0 holds, and that with UTF-8.
    for count, first in [(500, "a"), (3_000, "a"), (3_000, "é"), (3_000, "日")]:
        fields = [(f"{first}{i:05}", ["<u2", ">f4"][i % 2]) for i in range(count)]
        corpus.saved(f"{count}-fields", filled(fields, (1,)))


def object_files(corpus):
    dtypes = ["O", [("a", "<i4"), ("b", "O")], [("a", [("b", "O", (2,))], (2,))]]
    dtypes += [np.dtypes.StringDType()] if hasattr(np.dtypes, "StringDType") else []
    for dtype in dtypes:
        for shape in [(), (0,), (3,), (2, 3)]:
            corpus.saved(f"objects-{slug(shape)}", np.zeros(shape, dtype))


def numpys_own_files(corpus):
    """What NumPy's tests read, where it was installed with them."""
    for path in sorted(pathlib.Path(np.__file__).parent.rglob("tests/data/*.npy")):
        file = io.BytesIO(path.read_bytes())
        version = npy.read_magic(file)
        read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, fortran, dtype = read(file)
        found = [] if dtype.hasobject else elements(np.load(path), len(shape))
        name = f"numpys-{path.name}"
        corpus.put(name, path.read_bytes())
        order = "F" if fortran else "C"
        corpus.expect(name, spelled(dtype), order, shape, found, dtype.hasobject)


def fixtures(corpus):
    """A few whose bytes no NumPy of today writes."""
    written, f8 = corpus.written, filled("<f8", (6,)).tobytes()
    text = "{'descr': '<f8', 'fortran_order': False, 'shape': (2L,), }"
    written("python2-windows", text, f8[:16], alignment=16)
    text = "{'descr': '<f8', 'fortran_order': True, 'shape': (3L, 2L), }"
    written("python2-version-2", text, f8, version=2, alignment=16)
    objects = pickle.dumps(["a", None, 1, {}], protocol=2)
    text = "{'descr': '|O8', 'fortran_order': False, 'shape': (4,), }"
    written("python2-objects", text, objects, alignment=16)
    text = "{'descr':'<f8','fortran_order':False,'shape':(2,)}"
    assert (10 + len(text)) % 2 == 0
    written("odd-offset", text, f8[:16], alignment=1)
    text = '{"shape" :(3 , 2 ),\n "fortran_order":True,"descr": "<f8"}'
    written("double-quotes", text, f8, alignment=1, end="")
    text = "{'descr': '<f8', 'fortran_order': False, 'shape': (         2,), }"
    written("trailing-bytes", text, f8[:16] + b"and more", alignment=16)
    text = "{'descr': ('<i2', (3,)), 'fortran_order': False, 'shape': (2, 2), }"
    written("descr-tuple", text, f8[:24])
    descr = [("time", "<i8", (1,)), ("text", "|S12", (1,))]
    written("open-ephys-text", dictionary(descr, (3,)), filled(descr, (3,)).tobytes())
    text = "{'descr': [('a', '<i4'), ('b', [('c', '>f4', (2,))], (3,))], 'fortran_order': False, 'shape': (    2,), }"
    data = filled([("a", "<i4"), ("b", [("c", ">f4", (2,))], (3,))], (2,)).tobytes()
    written("nested", text, data, alignment=16)
    text = "{'descr': [('é', '<i4'), ('', '|V3'), ('b', '|b1')], 'fortran_order': False, 'shape': (2,), }"
    data = filled(placed([0, 7], 8, [("é", "<i4"), ("b", "?")]), (2,)).tobytes()
    written("latin1-padding", text, data)


def dictionary(descr, shape, fortran=False):
    return f"{{'descr': {descr!r}, 'fortran_order': {fortran}, 'shape': {shape}, }}"


# Headers of `<f8` and so many elements.
SPELLINGS = {
    "open-ephys-empty": ("{'descr': '<f8', 'fortran_order': False, 'shape': (0, 3,), }", 0),
    "hftbacktest": ("{'descr': '<f8', 'fortran_order': False, 'shape': (4, ), }", 4),
    "no-space": ("{'descr':'<f8','fortran_order':False,'shape':(3,)}", 3),
    "no-trailing-comma": ("{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3)}", 6),
    "odd-spacing": ("  { 'descr' : '<f8' ,'fortran_order' :False, 'shape' :(   2 ,\t3 ) , }", 6),
    "lines": ("{'descr': '<f8',\n 'fortran_order': False,\n 'shape': (3,), }\n", 3),
    "mixed-quotes": ("{\"descr\": '<f8', 'fortran_order': False, \"shape\": (3,), }", 3),
    "permuted": ("{'shape': (3,), 'fortran_order': False, 'descr': '<f8'}", 3),
    "permuted-otherwise": ("{'fortran_order': False, 'shape': (3,), 'descr': '<f8', }", 3),
    "key-twice": ("{'descr': '<i2', 'descr': '<f8', 'fortran_order': False, 'shape': (3,), }", 3),
    "python2-axes": ("{'descr': '<f8', 'fortran_order': False, 'shape': (1L, 3, 2L), }", 6),
    "fortran-scalar": ("{'descr': '<f8', 'fortran_order': True, 'shape': (), }", 1),
    "spaced-scalar": ("{'descr': '<f8', 'fortran_order': False, 'shape': ( ), }", 1),
    "fortran-row": ("{'descr': '<f8', 'fortran_order': True, 'shape': (3,), }", 3),
    "fortran-empty": ("{'descr': '<f8', 'fortran_order': True, 'shape': (0, 4), }", 0),
    "fortran-empty-end": ("{'descr': '<f8', 'fortran_order': True, 'shape': (4, 0), }", 0),
    "much-room": ("{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }" + " " * 5_000, 3),
}
# Other ways to say a dtype, for three elements.
DESCRS = [
    "float64", "f8", "=f8", "|f8", "d", "int32", "bool", "?", "<i1", ">u1", "<b1", "complex64", "<S5", "=U3", "|U2",
    "S", "U", "V", "M8", "M8[1us]", "m8[generic]", "M8[0001D]",
    ("<f8", ()), ("<f8", (2,)), (">i2", 3), (("<i2", (2,)), (3,)), (TICK, (2,)),
    [("a", ("<f8", (2,)))], [("a", "<f8", 2)], [("a", "<f8", ())], [["a", "<i4"], ["b", "<f8", [2]]],
    [("", "|V4"), ("a", "<i4")], [("a", "<i4"), ("", "|V4")], [("a", "V4"), ("", "V0"), ("", "V1"), ("b", "V4")],
    [("", "<i4"), ("a", "i1")], [("", POINT)], [("", "<i4", (2,)), ("a", "i1")],
    [(("title", "a"), "<f8", (2,))], [("a", (("<i2", (2,)), (2,)))],
]  # fmt: skip


def hand_written_files(corpus):
    f8 = filled("<f8", (6,)).tobytes()
    for name, (text, count) in SPELLINGS.items():
        data = f8[: count * 8]
        corpus.written(name, text, data)
        corpus.written(f"{name}-tight", text, data, alignment=1)
        corpus.written(f"{name}-16", text, data, version=2, alignment=16)
        corpus.written(f"{name}-more", text, data + b"\0\x93NUMPY", alignment=16, end="")
    for number, descr in enumerate(DESCRS):
        # Enough bytes for any: they end in trailing ones.
        data = RANDOM.randbytes(200)
        data = bytes(6 * 36) if "U" in str(descr) else bytes(byte & 1 for byte in data) + data
        for shape, fortran in [((), False), ((3,), False), ((2, 2), True)]:
            name = f"descr-{number:02}-{slug(shape)}"
            corpus.written(name, dictionary(descr, shape, fortran), data)
    for number, kind in enumerate(["O", "O4", "|O8", [("a", "|O8"), ("b", "<f8")]]):
        corpus.written(f"objects-{number}", dictionary(kind, (2,)), pickle.dumps([None, 1], 2))


def main(folder, *, only_fixtures):
    corpus = Corpus(folder)
    fixtures(corpus)
    if not only_fixtures:
        hand_written_files(corpus)
        scalar_files(corpus)
        struct_files(corpus)
        object_files(corpus)
        numpys_own_files(corpus)
    corpus.put("expected.jsonl", "".join(corpus.lines).encode())


main(sys.argv[-1], only_fixtures="--fixtures" in sys.argv)
