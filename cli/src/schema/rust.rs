use std::fmt::Write;

use npyrec::{ByteOrder, DType, DateUnit, Field, Kind, Scalar, Struct, TimeUnit};

use super::name;
use crate::failure::{Failure, Result};

/// Returns the source of a type of Rust that reads rows of a dtype: a struct `Row`, or an alias of another type.
///
/// # Errors
///
/// If no struct has that dtype, with the reason.
pub(crate) fn rust(row: &DType) -> Result<String> {
    let mut source = Source {
        structs: Vec::new(),
        names: vec!["Row".to_owned()],
    };
    let text = match row {
        DType::Struct(record) => {
            let (text, dtype) = source.of_struct("Row", record)?;
            source.structs.push(text);
            check(row, &dtype, "")?;
            source.structs.join("\n")
        }
        other => {
            let (rust, dtype) = source.of_type("row", other)?;
            if rust.attribute.is_some() {
                let reason = format!("rows of {other} are no type of Rust by themselves");
                return Err(Failure::new(reason).hint("as a field of a struct they could be read"));
            }
            check(row, &dtype, "")?;
            source.structs.push(format!("type Row = {};\n", rust.name));
            source.structs.join("\n")
        }
    };
    let uses = match text.contains("#[derive(NpyRecord)]") {
        true => "use npyrec::NpyRecord;\n\n",
        false => "",
    };
    Ok(format!("{uses}{text}"))
}

/// The structs that were written, of which later ones have fields of earlier ones.
struct Source {
    structs: Vec<String>,
    names: Vec<String>,
}

/// A type of Rust, and the `dtype` attribute that a field of it needs.
struct RustType {
    name: String,
    attribute: Option<String>,
}

impl Source {
    /// Returns the source of a struct, and the dtype that it has.
    fn of_struct(&mut self, name: &str, record: &Struct) -> Result<(String, DType)> {
        let mut taken = Vec::new();
        let (mut lines, mut fields) = (String::new(), Vec::new());
        for field in record.fields() {
            let own = name::field(field.name(), &mut taken);
            let (rust, dtype) = self
                .of_type(&own, field.dtype())
                .map_err(|failure| failure.about(field.name()))?;
            let mut attributes = Vec::new();
            if own != field.name() {
                attributes.push(format!("rename = {:?}", field.name()));
            }
            attributes.extend(rust.attribute.map(|dtype| format!("dtype = {dtype:?}")));
            attributes.extend(field.title().map(|title| format!("title = {title:?}")));
            if !attributes.is_empty() {
                let _ = writeln!(lines, "    #[npy({})]", attributes.join(", "));
            }
            let _ = writeln!(lines, "    {own}: {},", rust.name);
            let made = Field::new(field.name(), dtype);
            fields.push(match field.title() {
                Some(title) => made.with_title(title),
                None => made,
            });
        }
        let is_packed = DType::packed(fields.clone())?.itemsize() == record.itemsize();
        let dtype = match is_packed {
            true => DType::packed(fields)?,
            false => DType::aligned(fields)?,
        };
        let attribute = if is_packed { "" } else { "#[npy(align)]\n" };
        let text = format!("#[derive(NpyRecord)]\n{attribute}struct {name} {{\n{lines}}}\n");
        Ok((text, dtype))
    }

    /// Returns the type for a dtype, and the dtype that it has.
    fn of_type(&mut self, field: &str, dtype: &DType) -> Result<(RustType, DType)> {
        match dtype {
            DType::Scalar(scalar) => Ok((of_scalar(*scalar)?, dtype.clone())),
            DType::Struct(record) => {
                let name = name::of_struct(field, &mut self.names);
                let (text, found) = self.of_struct(&name, record)?;
                check(dtype, &found, field)?;
                self.structs.push(text);
                Ok((
                    RustType {
                        name,
                        attribute: None,
                    },
                    found,
                ))
            }
            DType::Subarray(_) => {
                let (base, shape) = dtype.base_and_shape();
                let (mut rust, found) = self.of_type(field, base)?;
                for dim in shape.iter().rev() {
                    rust.name = format!("[{}; {dim}]", rust.name);
                }
                match found == *base {
                    true => Ok((rust, dtype.clone())),
                    false => Ok((rust, DType::subarray(found, &shape)?)),
                }
            }
            other => Err(Failure::new(format!("{other} is no type of Rust"))),
        }
    }
}

/// Checks that a struct has the dtype for which it was made.
fn check(expected: &DType, found: &DType, field: &str) -> Result<()> {
    if expected == found {
        return Ok(());
    }
    let reason = format!("its padding is that of no struct: {expected}");
    let failure = match field {
        "" => Failure::new(reason),
        field => Failure::new(reason).about(field),
    };
    Err(failure.hint("`npyrec convert` writes the file without padding"))
}

fn of_scalar(scalar: Scalar) -> Result<RustType> {
    let is_big = scalar.byte_order() == ByteOrder::Big;
    let bits = 8 * scalar.itemsize();
    let plain = |name: String| RustType {
        name,
        attribute: is_big.then(|| scalar.to_string()),
    };
    let time = |name: &str, unit| match is_big {
        true => plain("i64".to_owned()),
        false => plain(format!("npyrec::{name}<{}>", of_unit(unit))),
    };
    Ok(match (scalar.kind(), scalar.itemsize()) {
        (Kind::Bool, _) => plain("bool".to_owned()),
        (Kind::Int, _) => plain(format!("i{bits}")),
        (Kind::Uint, _) => plain(format!("u{bits}")),
        (Kind::Float, 2) => plain("npyrec::half::f16".to_owned()),
        (Kind::Float, 4 | 8) => plain(format!("f{bits}")),
        (Kind::Complex, 8 | 16) => plain(format!("npyrec::num_complex::Complex<f{}>", bits / 2)),
        (Kind::Float | Kind::Complex, _) => {
            let reason = format!("{scalar} is a `long double` of C, for which Rust has no type");
            return Err(Failure::new(reason).hint("`npyrec convert --cast f8` stores doubles"));
        }
        (Kind::Datetime(unit), _) => time("Datetime64", unit),
        (Kind::Timedelta(unit), _) => time("Timedelta64", unit),
        (Kind::Bytes, len) => plain(format!("npyrec::Bytes<{len}>")),
        (Kind::Str, _) if is_big => plain("String".to_owned()),
        (Kind::Str, len) => plain(format!("npyrec::Str<{}>", len / 4)),
        (Kind::Void, 2) if scalar.byte_order() == ByteOrder::Little => {
            plain("npyrec::half::bf16".to_owned())
        }
        (Kind::Void, len) => RustType {
            name: format!("npyrec::Void<{len}>"),
            attribute: None,
        },
        (Kind::Object, _) => {
            return Err(Failure::new("a pickled Python object is for Python alone"));
        }
        _ => return Err(Failure::new(format!("{scalar} is no type of Rust"))),
    })
}

fn of_unit(unit: TimeUnit) -> String {
    let TimeUnit::Ticks { count, unit } = unit else {
        return "npyrec::unit::Generic".to_owned();
    };
    let name = match unit {
        DateUnit::Year => "Year",
        DateUnit::Month => "Month",
        DateUnit::Week => "Week",
        DateUnit::Day => "Day",
        DateUnit::Hour => "Hour",
        DateUnit::Minute => "Minute",
        DateUnit::Second => "Second",
        DateUnit::Millisecond => "Millisecond",
        DateUnit::Microsecond => "Microsecond",
        DateUnit::Nanosecond => "Nanosecond",
        DateUnit::Picosecond => "Picosecond",
        DateUnit::Femtosecond => "Femtosecond",
        DateUnit::Attosecond => "Attosecond",
    };
    match count.to_string().as_str() {
        "1" => format!("npyrec::unit::{name}"),
        count => format!("npyrec::unit::Multiple<npyrec::unit::{name}, {count}>"),
    }
}
