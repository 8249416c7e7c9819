use npyrec::{DType, Field, Struct, literal};

use crate::failure::{Failure, Result};

/// Returns the expression of Python that is a dtype.
pub(crate) fn python(dtype: &DType) -> Result<String> {
    Ok(format!("np.dtype({})", expression(dtype)?))
}

fn expression(dtype: &DType) -> Result<String> {
    match dtype {
        DType::Struct(record) if is_packed(record)? => {
            let fields = record.fields().iter().map(|field| {
                let name = match field.title() {
                    Some(title) => format!("({}, {})", text(title)?, text(field.name())?),
                    None => text(field.name())?,
                };
                Ok(match field.dtype() {
                    DType::Subarray(array) => {
                        let base = expression(array.base())?;
                        format!("({name}, {base}, {})", axes(array.shape()))
                    }
                    dtype => format!("({name}, {})", expression(dtype)?),
                })
            });
            let fields = fields.collect::<Result<Vec<_>>>()?;
            Ok(format!("[{}]", fields.join(", ")))
        }
        DType::Struct(record) => dictionary(record),
        DType::Subarray(array) => Ok(format!(
            "({}, {})",
            expression(array.base())?,
            axes(array.shape())
        )),
        scalar => text(&scalar.to_string()),
    }
}

/// Returns the form that has the place of each field.
fn dictionary(record: &Struct) -> Result<String> {
    let list = |of: &dyn Fn(&Field) -> Result<String>| {
        let parts = record.fields().iter().map(of).collect::<Result<Vec<_>>>()?;
        Ok::<_, Failure>(parts.join(", "))
    };
    let titles = match record.fields().iter().any(|field| field.title().is_some()) {
        false => String::new(),
        true => {
            let titles = list(&|field| field.title().map_or(Ok("None".to_owned()), text))?;
            format!("'titles': [{titles}], ")
        }
    };
    Ok(format!(
        "{{'names': [{}], 'formats': [{}], 'offsets': [{}], {titles}'itemsize': {}}}",
        list(&|field| text(field.name()))?,
        list(&|field| expression(field.dtype()))?,
        list(&|field| Ok(field.offset().to_string()))?,
        record.itemsize()
    ))
}

fn is_packed(record: &Struct) -> Result<bool> {
    let packed = DType::packed(record.fields().iter().cloned())?;
    // A nameless field would get a name in a list.
    let is_named = record.fields().iter().all(|field| !field.name().is_empty());
    Ok(packed.itemsize() == record.itemsize() && packed.fields() == record.fields() && is_named)
}

fn axes(shape: &[usize]) -> String {
    let axes: Vec<String> = shape.iter().map(|axis| format!("{axis},")).collect();
    format!("({})", axes.join(" "))
}

fn text(text: &str) -> Result<String> {
    literal::to_string(text).map_err(|e| Failure::new(e.to_string()))
}
