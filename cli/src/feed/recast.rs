use npyrec::{DType, Field};

use crate::failure::{Failure, Result};

/// Changes of a dtype: other types for all numbers or for some fields, and the padding of C.
#[derive(Debug, Default)]
pub(crate) struct Recast {
    /// `f4` for all scalars of its kind, or `price=f4` for a field.
    pub(crate) casts: Vec<String>,
    pub(crate) align: bool,
}

impl Recast {
    pub(crate) fn is_empty(&self) -> bool {
        self.casts.is_empty() && !self.align
    }

    /// Returns the changed dtype.
    pub(crate) fn apply(&self, dtype: &DType) -> Result<DType> {
        let casts = self.casts.iter().map(|cast| {
            let (path, name) = match cast.rsplit_once('=') {
                Some((path, name)) => (Some(path), name),
                None => (None, cast.as_str()),
            };
            let to: DType = name.parse()?;
            match (to.fields(), path) {
                ([], path) => Ok(Cast {
                    path,
                    to,
                    is_used: false,
                }),
                _ => Err(Failure::new(format!(
                    "{name} is not a type of single values"
                ))),
            }
        });
        let mut casts = casts.collect::<Result<Vec<_>>>()?;
        let changed = self.changed("", dtype, &mut casts)?;
        match casts.iter().find(|cast| !cast.is_used) {
            None => Ok(changed),
            Some(Cast {
                path: Some(path), ..
            }) => Err(Failure::new(format!("there is no field `{path}` to cast"))),
            Some(Cast { to, .. }) => Err(Failure::new(format!("there is nothing to cast to {to}"))),
        }
    }

    fn changed(&self, path: &str, dtype: &DType, casts: &mut [Cast<'_>]) -> Result<DType> {
        match dtype {
            DType::Struct(record) => {
                let fields = record.fields().iter().map(|field| {
                    let path = match path {
                        "" => field.name().to_owned(),
                        outer => format!("{outer}.{}", field.name()),
                    };
                    let changed =
                        Field::new(field.name(), self.changed(&path, field.dtype(), casts)?);
                    Ok(match field.title() {
                        Some(title) => changed.with_title(title),
                        None => changed,
                    })
                });
                let fields = fields.collect::<Result<Vec<_>>>()?;
                match (self.align, casts.is_empty()) {
                    (true, _) => Ok(DType::aligned(fields)?),
                    (false, false) => Ok(DType::packed(fields)?),
                    // Nothing changes, and padding is kept.
                    (false, true) => Ok(dtype.clone()),
                }
            }
            DType::Subarray(_) => {
                let (base, shape) = dtype.base_and_shape();
                Ok(DType::subarray(self.changed(path, base, casts)?, &shape)?)
            }
            scalar => {
                let for_path = casts.iter_mut().rev().find(|cast| cast.path == Some(path));
                let cast = match for_path {
                    Some(cast) => Some(cast),
                    None => casts
                        .iter_mut()
                        .find(|cast| cast.path.is_none() && cast.suits(scalar)),
                };
                Ok(cast.map_or_else(
                    || scalar.clone(),
                    |cast| {
                        cast.is_used = true;
                        cast.to.clone()
                    },
                ))
            }
        }
    }
}

struct Cast<'a> {
    /// The field; none for all that suit.
    path: Option<&'a str>,
    to: DType,
    is_used: bool,
}

impl Cast<'_> {
    /// Returns true if a type is of the same kind: floats, integers, times and so on.
    fn suits(&self, dtype: &DType) -> bool {
        let kind = |dtype: &DType| match dtype {
            DType::Scalar(scalar) => Some(match scalar.kind().code() {
                'u' => 'i',
                code => code,
            }),
            _ => None,
        };
        kind(dtype) == kind(&self.to)
    }
}
