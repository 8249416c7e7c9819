//! Structs that are small for certain, so that nothing is gained by decoding them in place.

use syn::{Expr, ExprLit, Lit, Type};

use crate::ast::Struct;

/// The most bytes of a small struct, padding aside. The library decodes values of 4096 bytes and less on the
/// stack.
const SMALL: usize = 2048;

/// Sizes on a 64-bit machine.
const SIZES: [(&str, usize); 19] = [
    ("bool", 1),
    ("char", 4),
    ("f32", 4),
    ("f64", 8),
    ("i8", 1),
    ("i16", 2),
    ("i32", 4),
    ("i64", 8),
    ("i128", 16),
    ("isize", 8),
    ("u8", 1),
    ("u16", 2),
    ("u32", 4),
    ("u64", 8),
    ("u128", 16),
    ("usize", 8),
    ("Duration", 16),
    ("String", 24),
    ("SystemTime", 16),
];

/// Returns true if the types of all fields have names of the standard library and are small together. A large
/// type that the user gives such a name is decoded with more stack.
pub(crate) fn is_small(data: &Struct) -> bool {
    let mut types = data.fields.iter().map(|field| &field.original.ty);
    let all = types.try_fold(0_usize, |sum, ty| sum.checked_add(size(ty)?));
    all.is_some_and(|all| all <= SMALL)
}

/// Returns true if the name of a type tells that its values are small.
pub(crate) fn is_small_type(ty: &Type) -> bool {
    size(ty).is_some_and(|size| size <= SMALL)
}

/// Returns the size of a type, if its name tells.
fn size(ty: &Type) -> Option<usize> {
    match ty {
        Type::Array(array) => match &array.len {
            Expr::Lit(ExprLit {
                lit: Lit::Int(len), ..
            }) => size(&array.elem)?.checked_mul(len.base10_parse().ok()?),
            _ => None,
        },
        Type::Path(path) => {
            let name = path.path.get_ident()?;
            let known = SIZES.iter().find(|(known, _)| name == known);
            known.map(|(_, size)| *size)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    #[test]
    fn the_size_of_a_type_is_known_by_its_name() {
        assert_eq!(size(&parse_quote!([[f32; 3]; 0x10])), Some(192));
        assert_eq!(size(&parse_quote!(String)), Some(24));
        for unknown in [
            "[u8; N]",
            "[u64; 0xffff_ffff_ffff_ffff]",
            "Position",
            "Vec<u8>",
            "(u8, u8)",
        ] {
            assert_eq!(size(&syn::parse_str(unknown).unwrap()), None, "{unknown}");
        }
    }
}
