use serde::{Serialize, Serializer, ser::SerializeTuple};

/// A slice that is written as a tuple, such as a shape.
pub(crate) struct Tuple<'a, T>(pub(crate) &'a [T]);

impl<T: Serialize> Serialize for Tuple<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(self.0.len())?;
        for item in self.0 {
            tuple.serialize_element(item)?;
        }
        tuple.end()
    }
}
