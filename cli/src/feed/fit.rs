use npyrec::{DType, Kind, Scalar, Value, value::Array};

/// Returns a value with the fields of a dtype, matched by name. A missing field is zeros.
pub(crate) fn fit(value: &Value, dtype: &DType) -> Value {
    match (dtype, value) {
        (DType::Struct(record), Value::Record(found)) => {
            let fields = record.fields().iter().map(|field| {
                let value = match found.get(field.name()) {
                    Some(value) => fit(value, field.dtype()),
                    None => zero(field.dtype()),
                };
                (field.name(), value)
            });
            Value::Record(fields.collect())
        }
        (DType::Subarray(_), Value::Array(found)) => {
            let (base, _) = dtype.base_and_shape();
            let entries = found.values().iter().map(|entry| fit(entry, base));
            let array = Array::new(found.shape(), entries.collect());
            array.map_or_else(|| value.clone(), Value::Array)
        }
        _ => value.clone(),
    }
}

/// Returns the value of a dtype whose bytes are zeros.
fn zero(dtype: &DType) -> Value {
    match dtype {
        DType::Scalar(scalar) => zero_scalar(*scalar),
        DType::Subarray(_) => {
            let (base, shape) = dtype.base_and_shape();
            let entries = vec![zero(base); shape.iter().product()];
            Array::new(&shape, entries).map_or(Value::Bool(false), Value::Array)
        }
        other => {
            let fields = other.fields().iter();
            Value::Record(
                fields
                    .map(|field| (field.name(), zero(field.dtype())))
                    .collect(),
            )
        }
    }
}

fn zero_scalar(scalar: Scalar) -> Value {
    match scalar.kind() {
        Kind::Bool => Value::Bool(false),
        Kind::Datetime(unit) => Value::Datetime(0, unit),
        Kind::Timedelta(unit) => Value::Timedelta(0, unit),
        Kind::Bytes => Value::Bytes(Vec::new()),
        Kind::Str => Value::Str(String::new()),
        Kind::Void if scalar.to_string() != "<V2" => Value::Void(vec![0; scalar.itemsize()]),
        _ => Value::Int(0),
    }
}
