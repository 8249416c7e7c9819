//! Items at equal distances in a block of bytes.

/// Items to read.
#[derive(Clone, Copy)]
pub(crate) struct Items<'a> {
    /// From the first byte of the first item to the last byte of the last.
    bytes: &'a [u8],
    size: usize,
    /// The bytes from one item to the next.
    stride: usize,
}

/// Items to write.
pub(crate) struct ItemsMut<'a> {
    bytes: &'a mut [u8],
    size: usize,
    stride: usize,
}

/// Returns the number of bytes that `count` items take.
fn len(count: usize, size: usize, stride: usize) -> usize {
    count.checked_sub(1).map_or(0, |gaps| gaps * stride + size)
}

impl<'a> Items<'a> {
    /// Returns `count` items of `size` bytes, of which the first is at the start. The list is empty if `bytes`
    /// is too short.
    pub(crate) fn new(bytes: &'a [u8], size: usize, stride: usize, count: usize) -> Self {
        Items {
            bytes: bytes.get(..len(count, size, stride)).unwrap_or_default(),
            size,
            stride: stride.max(1),
        }
    }

    /// Returns items one after another.
    pub(crate) fn contiguous(bytes: &'a [u8], size: usize) -> Self {
        let stride = size.max(1);
        Items {
            bytes,
            size,
            stride,
        }
    }

    /// Returns the items, at most `count` at a time.
    pub(super) fn blocks(self, count: usize) -> impl Iterator<Item = Self> {
        let Items { size, stride, .. } = self;
        let blocks = self.bytes.chunks(stride.saturating_mul(count).max(1));
        blocks.map(move |bytes| {
            let count = bytes.len().div_ceil(stride);
            Items::new(bytes, size, stride, count)
        })
    }

    /// Returns true if items of `size` bytes are one after another.
    pub(super) fn is_contiguous(self, size: usize) -> bool {
        self.size == size && self.stride == size
    }

    /// Returns contiguous items as smaller ones.
    pub(super) fn split(self, size: usize) -> Self {
        Items::contiguous(self.bytes, size)
    }

    /// Returns `size` bytes of each item, at an offset in the item.
    pub(super) fn part(self, offset: usize, size: usize) -> Self {
        let bytes = self.bytes.get(offset..).unwrap_or_default();
        Items::new(bytes, size, self.stride, self.count())
    }

    /// Returns the number of items.
    pub(crate) fn count(self) -> usize {
        self.bytes.len().div_ceil(self.stride)
    }

    /// Returns the bytes of each item.
    pub(super) fn iter(self) -> impl Iterator<Item = &'a [u8]> {
        let items = self.bytes.chunks(self.stride);
        items.map(move |item| item.get(..self.size).unwrap_or_default())
    }
}

impl<'a> ItemsMut<'a> {
    /// Returns `count` items of `size` bytes, of which the first is at the start. The list is empty if `bytes`
    /// is too short.
    pub(crate) fn new(bytes: &'a mut [u8], size: usize, stride: usize, count: usize) -> Self {
        let bytes = bytes.get_mut(..len(count, size, stride));
        ItemsMut {
            bytes: bytes.unwrap_or_default(),
            size,
            stride: stride.max(1),
        }
    }

    /// Returns items one after another.
    pub(crate) fn contiguous(bytes: &'a mut [u8], size: usize) -> Self {
        let stride = size.max(1);
        ItemsMut {
            bytes,
            size,
            stride,
        }
    }

    /// Returns the items, at most `count` at a time.
    pub(super) fn blocks(self, count: usize) -> impl Iterator<Item = ItemsMut<'a>> {
        let ItemsMut { size, stride, .. } = self;
        let blocks = self.bytes.chunks_mut(stride.saturating_mul(count).max(1));
        blocks.map(move |bytes| {
            let count = bytes.len().div_ceil(stride);
            ItemsMut::new(bytes, size, stride, count)
        })
    }

    /// Returns true if items of `size` bytes are one after another.
    pub(super) fn is_contiguous(&self, size: usize) -> bool {
        self.size == size && self.stride == size
    }

    /// Returns contiguous items as smaller ones.
    pub(super) fn split(self, size: usize) -> Self {
        ItemsMut::contiguous(self.bytes, size)
    }

    /// Returns `size` bytes of each item, at an offset in the item.
    pub(super) fn part(&mut self, offset: usize, size: usize) -> ItemsMut<'_> {
        let count = self.bytes.len().div_ceil(self.stride);
        let bytes = self.bytes.get_mut(offset..).unwrap_or_default();
        ItemsMut::new(bytes, size, self.stride, count)
    }

    /// Returns the bytes of each item.
    pub(super) fn iter_mut(self) -> impl Iterator<Item = &'a mut [u8]> {
        let items = self.bytes.chunks_mut(self.stride);
        items.map(move |item| item.get_mut(..self.size).unwrap_or_default())
    }
}

/// Converts each item of `M` bytes to one of `N` bytes.
///
/// The compiler vectorizes the loop of contiguous items.
#[inline(always)]
pub(super) fn each<const M: usize, const N: usize>(
    from: Items<'_>,
    to: ItemsMut<'_>,
    mut convert: impl FnMut([u8; M]) -> [u8; N],
) {
    if from.stride == M && to.stride == N {
        let (from, to) = (from.bytes.as_chunks().0, to.bytes.as_chunks_mut().0);
        for (to, from) in to.iter_mut().zip(from) {
            *to = convert(*from);
        }
        return;
    }
    // All items but the last are followed by a gap, so these need no check of the length of each.
    let items = from.bytes.chunks_exact(from.stride);
    let places = to.bytes.chunks_exact_mut(to.stride);
    for (place, item) in places.zip(items) {
        if let (Some(place), Some(item)) = (place.first_chunk_mut(), item.first_chunk()) {
            *place = convert(*item);
        }
    }
    if let (Some(place), Some(item)) = (to.bytes.last_chunk_mut(), from.bytes.last_chunk()) {
        *place = convert(*item);
    }
}

/// Converts each item as [`each`] does, by a faster function if no item of a block needs the other.
#[inline(always)]
pub(super) fn each_but<const M: usize, const N: usize>(
    from: Items<'_>,
    to: ItemsMut<'_>,
    is_special: impl Fn([u8; M]) -> bool,
    fast: impl Fn([u8; M]) -> [u8; N],
    convert: impl Fn([u8; M]) -> [u8; N],
) {
    const BLOCK: usize = 64;
    if from.stride != M || to.stride != N {
        return each(from, to, convert);
    }
    let (from, to) = (from.bytes.as_chunks().0, to.bytes.as_chunks_mut().0);
    for (to, from) in to.chunks_mut(BLOCK).zip(from.chunks(BLOCK)) {
        let mut has_special = false;
        for (to, from) in to.iter_mut().zip(from) {
            has_special |= is_special(*from);
            *to = fast(*from);
        }
        if has_special {
            for (to, from) in to.iter_mut().zip(from) {
                *to = convert(*from);
            }
        }
    }
}

/// Copies items of one size.
pub(crate) fn copy(from: Items<'_>, to: ItemsMut<'_>) {
    if from.is_contiguous(to.size) && to.is_contiguous(to.size) {
        if from.bytes.len() == to.bytes.len() {
            to.bytes.copy_from_slice(from.bytes);
        }
        return;
    }
    macro_rules! sized {
        ($($size:literal)+) => {
            match to.size {
                $($size => each::<$size, $size>(from, to, |item| item),)+
                17..=32 => ends::<16>(from, to),
                33..=64 => ends::<32>(from, to),
                _ => {
                    for (to, from) in to.iter_mut().zip(from.iter()) {
                        to.copy_from_slice(from);
                    }
                }
            }
        };
    }
    sized!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16);
}

/// Copies items whose size is from `N` to twice `N`: the first `N` bytes, and then the last `N` bytes.
fn ends<const N: usize>(from: Items<'_>, to: ItemsMut<'_>) {
    for (to, from) in to.iter_mut().zip(from.iter()) {
        if let (Some(to), Some(from)) = (to.first_chunk_mut::<N>(), from.first_chunk()) {
            *to = *from;
        }
        if let (Some(to), Some(from)) = (to.last_chunk_mut::<N>(), from.last_chunk()) {
            *to = *from;
        }
    }
}
