//! Pickled Python objects in a dtype.

use super::{difference::join, model::DType, scalar::Kind};

impl DType {
    /// Returns true if the dtype or one of its fields holds pickled Python objects.
    pub fn has_objects(&self) -> bool {
        self.objects_field().is_some()
    }

    /// Returns the first field that holds pickled Python objects, with the fields around it: `quote.name`. The
    /// path is empty if the dtype itself is a dtype of objects.
    pub(crate) fn objects_field(&self) -> Option<String> {
        match self {
            DType::Scalar(scalar) => (scalar.kind() == Kind::Object).then(String::new),
            DType::Struct(record) => record.fields.iter().find_map(|field| {
                let inner = field.dtype.objects_field()?;
                Some(match &*inner {
                    "" => field.name.clone(),
                    _ => join(&field.name, &inner),
                })
            }),
            DType::Subarray(subarray) => subarray.base.objects_field(),
        }
    }
}
