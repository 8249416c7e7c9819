"""Writes `generated.rs`: records put together at random, and one of a thousand fields.

    python3 tests/suite/generate_records.py | rustfmt --edition 2024 > tests/suite/generated.rs
"""

import random

random.seed(1)

LEAVES = [
    "bool", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f32", "f64", "f16", "bf16",
    "Complex<f32>", "Complex<f64>", "Bytes<1>", "Bytes<6>", "Str<2>", "Void<3>",
    "Datetime64<unit::Microsecond>", "Timedelta64<unit::Hour>",
]
STORED = [
    ("S5", "String"), (">U3", "String"), ("M8[ns]", "i64"), (">m8[7D]", "i64"), (">f8", "f64"),
    (">i4", "i32"), ("u2", "u8"), ("f8", "f32"), (">c16", "Complex<f64>"), ("V2", "[u8; 2]"),
]
CASES = ["camelCase", "PascalCase", "kebab-case", "SCREAMING_SNAKE_CASE", "UPPERCASE"]
STRUCTS = 40


def array(of):
    for _ in range(random.choice([0, 0, 0, 1, 1, 2])):
        of = f"[{of}; {random.choice([0, 1, 2, 3])}]"
    return of


def field(index, earlier):
    attributes = []
    roll = random.random()
    if roll < 0.2:
        dtype, base = random.choice(STORED)
        attributes.append(f'dtype = "{dtype}"')
    elif roll < 0.4 and earlier:
        base = random.choice(earlier)
    else:
        base = random.choice(LEAVES)
    if random.random() < 0.15:
        attributes.append(f'rename = "field {index}, é"')
    if random.random() < 0.1:
        attributes.append(f'title = "title {index}"')
    random.shuffle(attributes)
    npy = f"#[npy({', '.join(attributes)})] " if attributes else ""
    return f"{npy}[field_{index}]: {array(base)},"


print("//! Made by `generate_records.py`.\n")
print("use npyrec::{Bytes, Datetime64, NpyRecord, Str, Timedelta64, Void};")
print("use npyrec::{half::bf16, half::f16, num_complex::Complex, unit};")
print("use serde_json::Value;\n")
print("use crate::{records::records, sample::{Random, Sample}};\n")
print("records! {")
levels = [[]]
for number in range(STRUCTS):
    # A third of them each: of leaves, of those, and of those again.
    level = number * 3 // STRUCTS
    while len(levels) <= level + 1:
        levels.append([])
    name = f"Generated{number}"
    options = []
    if random.random() < 0.3:
        options.append("align")
    if random.random() < 0.3:
        options.append(f'rename_all = "{random.choice(CASES)}"')
    if options:
        print(f"    #[npy({', '.join(options)})]")
    if random.random() < 0.5:
        print("    #[repr(C)]")
    fields = " ".join(field(i, levels[level]) for i in range(random.randint(1, 9)))
    print(f"    struct {name} {{ {fields} }}")
    levels[level + 1].append(name)
thousand = " ".join(f"[f{i:03}]: {random.choice(LEAVES)}," for i in range(1000))
print(f"    struct Thousand {{ {thousand} }}")
print("    struct Long { [a]: Thousand, [b]: Thousand, [c]: [Thousand; 1], [d]: Thousand, }")
print("}")
