//! Records and arrays of values as text.

use crate::{
    numpy::numpy,
    sample::Random,
    value_display::{check_arrays, check_scalars, double},
};
use npyrec::{
    DType, Kind,
    half::{bf16, f16},
};

/// Bytes of a dtype, all floats in it of one kind.
fn sample(dtype: &DType, random: &mut Random, floats: u64, out: &mut Vec<u8>) {
    match dtype {
        DType::Struct(record) => {
            for field in record.fields() {
                sample(field.dtype(), random, floats, out);
            }
        }
        DType::Subarray(_) => {
            let (base, shape) = dtype.base_and_shape();
            (0..shape.iter().product()).for_each(|_| sample(base, random, floats, out));
        }
        DType::Scalar(scalar) => {
            let len = scalar.itemsize();
            let int = random.next() as i64 >> random.pick(&[0, 40, 44, 56, 60, 63]);
            match (scalar.kind(), scalar.to_string().as_str()) {
                (Kind::Bool, _) => out.push(random.below(2) as u8),
                (_, "<V2") => out.extend(bf16::from_f64(double(random, floats)).to_le_bytes()),
                (_, "<f2") => out.extend(f16::from_f64(double(random, floats)).to_le_bytes()),
                (_, "<f4" | "<c8") => (0..len / 4).for_each(|_| {
                    out.extend((double(random, floats) as f32).to_le_bytes());
                }),
                (Kind::Float | Kind::Complex, _) => (0..len / 8).for_each(|_| {
                    out.extend(double(random, floats).to_le_bytes());
                }),
                (Kind::Int | Kind::Uint, _) => out.extend(&int.to_le_bytes()[..len]),
                (Kind::Datetime(_) | Kind::Timedelta(_), _) => {
                    // NumPy goes wrong where 21 days for each do not fit.
                    let int = int >> random.pick(&[6, 16, 30, 52]);
                    out.extend(random.pick(&[int, int, int, i64::MIN]).to_le_bytes());
                }
                (Kind::Str, _) => (0..len / 4).for_each(|_| {
                    let c = random.pick(&['\0', 'a', 'b', '\'', '"', '\\', '\n', 'é', '😀']);
                    out.extend(u32::from(c).to_le_bytes());
                }),
                _ => out.extend((0..len).map(|_| random.pick(b"\0ab'\"\\\n\xff\x01 "))),
            }
        }
        _ => panic!("{dtype}"),
    }
}

const LEAVES: [&str; 26] = [
    "|b1",
    "|i1",
    "<i2",
    "<i4",
    "<i8",
    "|u1",
    "<u2",
    "<u4",
    "<u8",
    "<f2",
    "<V2",
    "<f4",
    "<f8",
    "<f2",
    "<f4",
    "<f8",
    "<c8",
    "<c16",
    "<M8[D]",
    "<M8[25us]",
    "<M8[3W]",
    "<m8[ns]",
    "<m8",
    "|S5",
    "<U3",
    "|V3",
];

fn any_field(random: &mut Random, name: usize, depth: usize) -> String {
    let base = match random.below(6) {
        0 if depth < 2 => any_struct(random, depth + 1),
        _ => format!("'{}'", random.pick(&LEAVES)),
    };
    let shape = random.pick(&["", "", "", ", (1,)", ", (4,)", ", (2, 3)", ", (2, 1, 2)"]);
    format!("('f{name}', {base}{shape})")
}

fn any_struct(random: &mut Random, depth: usize) -> String {
    let len = 1 + random.below(6) as usize;
    let fields = (0..len).map(|name| any_field(random, name, depth));
    format!("[{}]", fields.collect::<Vec<_>>().join(", "))
}

#[test]
fn records_are_written_as_numpy_does() {
    let Some(mut numpy) = numpy() else { return };
    let mut random = Random(11);
    for _ in 0..400 {
        let descr = any_struct(&mut random, 0);
        let dtype: DType = descr.parse().unwrap();
        let mut bytes = Vec::new();
        (0..18).for_each(|row| sample(&dtype, &mut random, row % 9, &mut bytes));
        check_scalars(&mut numpy, &descr, &bytes);
    }
}

#[test]
fn arrays_are_written_as_numpy_does() {
    let Some(mut numpy) = numpy() else { return };
    let mut random = Random(12);
    let shapes: [&[usize]; 11] = [
        &[1],
        &[2],
        &[3],
        &[7],
        &[40],
        &[3, 4],
        &[2, 17],
        &[2, 1, 3],
        &[2, 2, 2, 12],
        &[1001],
        &[9, 8, 15],
    ];
    for leaf in LEAVES {
        let dtype: DType = leaf.parse().unwrap();
        for shape in shapes {
            let len = shape.iter().product::<usize>();
            let mut bytes = Vec::new();
            for floats in 0..if len > 200 { 9 } else { 45 } {
                (0..len).for_each(|_| sample(&dtype, &mut random, floats % 9, &mut bytes));
            }
            check_arrays(&mut numpy, leaf, shape, &bytes);
        }
    }
}

#[test]
fn arrays_of_records_are_written_as_numpy_does() {
    let Some(mut numpy) = numpy() else { return };
    let mut random = Random(13);
    for _ in 0..150 {
        let descr = any_struct(&mut random, 0);
        let dtype: DType = descr.parse().unwrap();
        let shape = random.pick(&[&[1][..], &[2], &[5], &[2, 3]]);
        let mut bytes = Vec::new();
        for floats in 0..9 {
            let len = shape.iter().product::<usize>();
            (0..len).for_each(|_| sample(&dtype, &mut random, floats, &mut bytes));
        }
        check_arrays(&mut numpy, &descr, shape, &bytes);
    }
}

#[test]
fn what_is_long_is_left_out_as_numpy_does() {
    let Some(mut numpy) = numpy() else { return };
    let mut random = Random(14);
    for descr in [
        "[('a', '<i2', (1001,))]",
        "[('a', '<f8', (5, 201)), ('b', '<c8', (9, 8, 15))]",
    ] {
        let dtype: DType = descr.parse().unwrap();
        let mut bytes = Vec::new();
        sample(&dtype, &mut random, 2, &mut bytes);
        check_scalars(&mut numpy, descr, &bytes);
        check_arrays(&mut numpy, descr, &[1], &bytes);
    }
}
