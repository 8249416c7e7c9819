use super::{options::ReadOptions, row_type::row_type};
use crate::{
    convert::Plan,
    dtype::{Casting, DType, Difference},
    error::{Cause, Error, Result},
    header::{Header, Shape},
    record::{
        DecodeError, Element, EncodeError, InPlace, Mismatch, elements, fixed_dtype, is_large,
        items, push_each,
    },
};

/// The number of bytes that are read at once, unless one element is larger.
pub(super) const BLOCK: usize = 64 * 1024;

/// A decoder of the elements of a file as values of `E`.
#[derive(Debug)]
pub(super) struct Decoder<E: Element> {
    pub(super) itemsize: usize,
    /// `None` if elements need no conversion.
    pub(super) plan: Option<Plan>,
    /// Puts the fields of elements to their places in memory, if these are other places than in the file.
    moved: Option<Plan>,
    pub(super) codec: E::Codec,
}

impl<E: Element> Clone for Decoder<E> {
    fn clone(&self) -> Self {
        Decoder {
            itemsize: self.itemsize,
            plan: self.plan.clone(),
            moved: self.moved.clone(),
            codec: self.codec.clone(),
        }
    }
}

/// Advice for a field of the record that the file lacks.
const GIVE_DEFAULT: &str = "to read a file without a field, mark it `#[npy(default)]`";

impl<E: Element> Decoder<E> {
    /// Returns the shape of an array whose elements are its rows or single elements, as the options say, and
    /// their decoder.
    pub(super) fn of(header: &Header, options: ReadOptions) -> Result<(Shape, Self)> {
        match options.flat {
            true => Decoder::of_elements(header, options.casting, options.in_c_order),
            false => Decoder::of_rows(header, options.casting),
        }
    }

    /// Returns the shape of an array with elements of type `E`, and their decoder.
    pub(super) fn of_elements(
        header: &Header,
        casting: Casting,
        in_c_order: bool,
    ) -> Result<(Shape, Self)> {
        let shape = match fixed_dtype::<E>()? {
            Some(record) => elements(header, &record, in_c_order)?,
            None => elements(header, header.base_dtype(), in_c_order)?,
        };
        let decoder = Decoder::new(&header.element_dtype(&shape), casting)?;
        Ok((shape, decoder))
    }

    /// Returns the shape of an array whose elements are its rows along the first axis, and their decoder.
    pub(super) fn of_rows(header: &Header, casting: Casting) -> Result<(Shape, Self)> {
        let shape = items(header)?;
        let decoder = Decoder::new(&header.element_dtype(&shape), casting);
        let decoder = decoder.map_err(|mismatch| Self::no_row(mismatch, header, casting))?;
        Ok((shape, decoder))
    }

    /// Returns the error that a row cannot be read as `E`, with the type of a row if its elements can.
    fn no_row(mismatch: Mismatch, header: &Header, casting: Casting) -> Error {
        let error = Error::from(mismatch);
        let Ok((elements, _)) = Self::of_elements(header, casting, true) else {
            return error;
        };
        let rows = header.shape().len().min(1);
        let in_row = elements.dims().get(rows..).unwrap_or_default();
        error.with_end(format!(
            "a row is an array: read rows as `{}`, single elements by a `Reader` with \
             `ReadOptions::flat`, or the whole array with `read_array`",
            row_type::<E>(in_row)
        ))
    }

    /// Returns the decoder of elements that are stored as the dtype `file`.
    pub(super) fn new(file: &DType, casting: Casting) -> Result<Self, Mismatch> {
        let () = E::READABLE;
        let plan = match fixed_dtype::<E>()? {
            None => None,
            Some(record) => plan_of::<E>(file, &record, casting)?,
        };
        // Elements that need no conversion are decoded one by one in less time than field by field, unless the
        // check of one takes long. A large element is not put together from its fields.
        let moved = match &plan {
            None if !E::MEMORY.has_long_checks() => None,
            _ if E::MEMORY.is_whole() || is_large::<E>() => None,
            _ => {
                let moves = E::MEMORY.moves(E::itemsize_of(&E::codec_of(file)));
                moves.and_then(|moves| match &plan {
                    Some(plan) => plan.moved(&moves, size_of::<E>()),
                    None => Some(Plan::moving(&moves)),
                })
            }
        };
        Ok(Decoder {
            itemsize: file.itemsize(),
            plan,
            moved,
            codec: E::codec_of(file),
        })
    }

    /// Returns the decoder of some parts of the elements, each under its path.
    pub(super) fn of_parts(
        file: &DType,
        paths: &[&str],
        casting: Casting,
    ) -> Result<(DType, Self)> {
        let parts = file.select(paths).map_err(|path| no_field(file, path))?;
        let decoder = Decoder::new(&parts, casting)?;
        Ok((parts, decoder))
    }

    /// Returns the size of an element in the file, in bytes.
    pub(super) fn itemsize(&self) -> usize {
        self.itemsize
    }

    /// Returns the codec of an element once it is converted.
    pub(super) fn codec(&self) -> &E::Codec {
        &self.codec
    }

    /// Checks that the length of the file, or a limit, bounds the memory for elements that are read one
    /// after another.
    pub(super) fn check_len(&self, len: u64) -> Result<()> {
        self.check(len, false)
    }

    /// Does the same as [`check_len`](Self::check_len), for elements that are in memory at once.
    pub(super) fn check_len_at_once(&self, len: u64) -> Result<()> {
        self.check(len, true)
    }

    fn check(&self, len: u64, at_once: bool) -> Result<()> {
        match E::is_in_proportion(&self.codec, self.itemsize, len, at_once) {
            true => Ok(()),
            false => Err(Error::new(Cause::TooManyRows(len))),
        }
    }

    /// Returns true if the bytes of an element in the file already have the form of an `E`.
    pub(super) fn needs_no_conversion(&self) -> bool {
        self.plan.is_none()
    }

    /// Decodes an element.
    #[inline]
    pub(super) fn decode(&self, element: &[u8]) -> Result<E, DecodeError> {
        self.decode_by(element, E::decode_as)
    }

    /// Decodes an element by a function of `E`, which gets its bytes once they are converted.
    #[inline]
    pub(super) fn decode_by<O>(
        &self,
        element: &[u8],
        decode: impl FnOnce(&E::Codec, &[u8]) -> Result<O, DecodeError>,
    ) -> Result<O, DecodeError> {
        match &self.plan {
            None => decode(&self.codec, element),
            Some(plan) => with_converted::<E, _>(plan, &self.codec, element, decode),
        }
    }

    /// Converts the elements of a block until `converted` is full. Returns false if the elements need no conversion.
    ///
    /// # Errors
    ///
    /// Fails with the index of an element that does not convert. The elements before it are converted.
    pub(super) fn convert(
        &self,
        block: &[u8],
        converted: &mut [u8],
    ) -> Result<bool, (usize, DecodeError)> {
        let Some(plan) = &self.plan else {
            return Ok(false);
        };
        let sizes = (self.itemsize, E::itemsize_of(&self.codec));
        match plan.convert_all(block, sizes, converted) {
            Ok(()) => Ok(true),
            Err((index, error)) => Err((index, error.into_decode())),
        }
    }

    /// Returns memory for `len` elements in which a block is decoded, or `None` if elements are decoded one by one.
    pub(super) fn in_place(&self, len: usize) -> Option<InPlace<E>> {
        match &self.moved {
            Some(_) => InPlace::of_any_size(len),
            None => InPlace::new(&self.codec, len),
        }
    }

    /// Returns true if the bytes of an element in the file are decoded in the same memory.
    pub(super) fn decodes_where_read(&self) -> bool {
        self.needs_no_conversion() && self.moved.is_none()
    }

    /// Converts the elements of a block in the memory of records, or moves them there. Returns false if the bytes of
    /// an element are not a valid `E`.
    pub(super) fn convert_in_memory(&self, block: &[u8], memory: &mut [u8]) -> bool {
        let sizes = (self.itemsize, size_of::<E>());
        match (&self.moved, &self.plan) {
            (Some(moved), _) => {
                moved.converts_all(block, sizes, memory) && InPlace::<E>::are_records(memory)
            }
            (None, Some(plan)) => plan.converts_all(block, sizes, memory),
            (None, None) => {
                memory.copy_from_slice(block);
                true
            }
        }
    }

    /// Decodes elements that were [converted](Self::convert_in_memory) in the memory of records.
    pub(super) fn keep(&self, records: &mut InPlace<E>, count: usize) -> Result<(), DecodeError> {
        match self.moved.is_some() && records.keep(count) {
            true => Ok(()),
            false => records.decode(&self.codec, count),
        }
    }

    /// Converts the elements of a block in the memory of records, or moves them there, and decodes them.
    pub(super) fn decode_in_place(
        &self,
        block: &[u8],
        records: &mut InPlace<E>,
    ) -> Result<(), DecodeError> {
        let count = block.len().checked_div(self.itemsize).unwrap_or_default();
        if let Some(moved) = &self.moved {
            let sizes = (self.itemsize, size_of::<E>());
            let memory = records.bytes(count * size_of::<E>());
            if moved.converts_all(block, sizes, memory) && records.keep(count) {
                return Ok(());
            }
            return self.decode_each(block, records);
        }
        let len = count * E::itemsize_of(&self.codec);
        let memory = records.bytes(len);
        match self.convert(block, memory) {
            Ok(is_converted) => {
                if let (false, Some(bytes)) = (is_converted, block.get(..len)) {
                    memory.copy_from_slice(bytes);
                }
                records.decode(&self.codec, count)
            }
            Err((index, error)) => records.decode(&self.codec, index).and(Err(error)),
        }
    }

    /// Decodes the elements of a block up to the first that is not a valid `E`.
    #[cold]
    #[inline(never)] // It needs stack space for an element, which may be large where it is not called.
    fn decode_each(&self, block: &[u8], records: &mut InPlace<E>) -> Result<(), DecodeError> {
        let mut elements = block.chunks_exact(self.itemsize.max(1));
        elements.try_for_each(|element| {
            records.push(self.decode(element)?);
            Ok(())
        })
    }

    /// Decodes the elements of a block and adds them to others, up to the first that is not a valid `E`.
    pub(super) fn decode_all(
        &self,
        block: &[u8],
        elements: &mut Vec<E>,
    ) -> Result<(), DecodeError> {
        let itemsize = E::itemsize_of(&self.codec);
        // Two loops, not a branch in one: the branch would put each record together on the stack first.
        if self.decodes_where_read() {
            // A constant size needs no check for each element.
            return push_each(elements, &self.codec, block, itemsize);
        }
        let count = block.len().checked_div(self.itemsize).unwrap_or_default();
        let at_once = (BLOCK / itemsize.max(1)).clamp(1, count.max(1));
        let mut converted = Vec::new();
        for block in block.chunks(at_once.saturating_mul(self.itemsize).max(1)) {
            let count = block.len().checked_div(self.itemsize).unwrap_or_default();
            if let Some(mut records) = self.in_place(count) {
                let decoded = self.decode_in_place(block, &mut records);
                elements.append(&mut records.into_records());
                decoded?;
                continue;
            }
            if self.needs_no_conversion() {
                push_each(elements, &self.codec, block, itemsize)?;
                continue;
            }
            converted.resize(count * itemsize, 0);
            let failed = self.convert(block, &mut converted).err();
            let count = failed.as_ref().map_or(count, |(index, _)| *index);
            let converted = converted.get(..count * itemsize).unwrap_or_default();
            push_each(elements, &self.codec, converted, itemsize)?;
            if let Some((_, error)) = failed {
                return Err(error);
            }
        }
        Ok(())
    }

    /// Decodes an element of no bytes and adds it to others.
    pub(super) fn push_empty(&self, elements: &mut Vec<E>) -> Result<(), DecodeError> {
        let Some(plan) = &self.plan else {
            return E::decode_onto(&self.codec, &[], elements);
        };
        let mut converted = vec![0; E::itemsize_of(&self.codec)];
        plan.convert(&[], &mut converted)
            .map_err(EncodeError::into_decode)?;
        E::decode_onto(&self.codec, &converted, elements)
    }
}

/// Returns the names of fields as slices.
pub(super) fn as_strs(fields: &[String]) -> Vec<&str> {
    fields.iter().map(String::as_str).collect()
}

/// Returns the error that an element has no such field.
pub(super) fn no_field(element: &DType, name: &str) -> Error {
    let (base, _) = element.base_and_shape();
    let has = base.fields().iter().map(|field| field.name().to_owned());
    Error::new(Cause::NoField {
        name: name.to_owned(),
        has: has.collect(),
    })
}

/// Plans how elements of a file become an `E`, whose dtype is `record`. Returns `None` if their bytes are an `E`
/// already.
pub(crate) fn plan_of<E: Element>(
    file: &DType,
    record: &DType,
    casting: Casting,
) -> Result<Option<Plan>, Mismatch> {
    Plan::reading(file, record, casting, E::attributes_of).map_err(|differences| {
        let lacks_field = differences.iter().any(Difference::is_not_in_file);
        let mismatch = match Plan::least_reading(file, record, casting, E::attributes_of) {
            Some(least) => Mismatch::Convertible(differences, "ReadOptions", least),
            None => Mismatch::DType(differences),
        };
        match lacks_field {
            true => mismatch.with_advice(GIVE_DEFAULT),
            false => mismatch,
        }
    })
}

/// Converts an element by a plan, and decodes it.
#[inline(never)]
fn with_converted<E: Element, O>(
    plan: &Plan,
    codec: &E::Codec,
    element: &[u8],
    decode: impl FnOnce(&E::Codec, &[u8]) -> Result<O, DecodeError>,
) -> Result<O, DecodeError> {
    const ON_STACK: usize = 256;
    let mut usual = [0; ON_STACK];
    let mut large;
    let itemsize = E::itemsize_of(codec);
    let converted = match usual.get_mut(..itemsize) {
        Some(converted) => converted,
        None => {
            large = vec![0; itemsize];
            &mut large
        }
    };
    plan.convert(element, converted)
        .map_err(EncodeError::into_decode)?;
    decode(codec, converted)
}
