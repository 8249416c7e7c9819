//! `dtype = "…"` accepts the spellings of `DType::from_str`.

use npyrec::{DType, NpyRecord};

/// Derives a record with a field for each text, and compares the dtypes of the fields.
macro_rules! same_dtypes {
    ($($record:ident of $value:ty: $($text:literal)+;)+) => {
        $(
            #[derive(NpyRecord)]
            struct $record($(#[npy(dtype = $text)] $value),+);
        )+

        /// For each text the dtype of the field that has it.
        fn derived() -> Vec<(&'static str, DType)> {
            let mut found = Vec::new();
            $(
                let texts = [$($text),+];
                let record = <$record as NpyRecord>::dtype();
                assert_eq!(record.fields().len(), texts.len());
                let dtypes = record.fields().iter().map(|field| field.dtype().clone());
                found.extend(texts.into_iter().zip(dtypes));
            )+
            found
        }
    };
}

same_dtypes! {
    Ints of i64:
        "i1" "<i1" ">i1" "|i1" "=i1" "b" "<b" ">b" "|b" "=b" "int8" "byte" "i2" "<i2" ">i2" "|i2"
        "=i2" "h" "<h" ">h" "|h" "=h" "int16" "short" "i4" "<i4" ">i4" "|i4" "=i4" "i" "<i" ">i"
        "|i" "=i" "int32" "intc" "i8" "<i8" ">i8" "|i8" "=i8" "q" "<q" ">q" "|q" "=q" "l" "<l"
        ">l" "|l" "=l" "p" "<p" ">p" "|p" "=p" "n" "<n" ">n" "|n" "=n" "int64" "int" "int_" "intp"
        "long" "longlong" "i 4" "i+2" "i08";
    Uints of u64:
        "u1" "<u1" ">u1" "|u1" "=u1" "B" "<B" ">B" "|B" "=B" "uint8" "ubyte" "u2" "<u2" ">u2"
        "|u2" "=u2" "H" "<H" ">H" "|H" "=H" "uint16" "ushort" "u4" "<u4" ">u4" "|u4" "=u4" "I"
        "<I" ">I" "|I" "=I" "uint32" "uintc" "u8" "<u8" ">u8" "|u8" "=u8" "Q" "<Q" ">Q" "|Q" "=Q"
        "L" "<L" ">L" "|L" "=L" "P" "<P" ">P" "|P" "=P" "N" "<N" ">N" "|N" "=N" "uint64" "uint"
        "uintp" "ulong" "ulonglong";
    Floats of f64:
        "f2" "<f2" ">f2" "|f2" "=f2" "e" "<e" ">e" "|e" "=e" "float16" "half" "f4" "<f4" ">f4"
        "|f4" "=f4" "f" "<f" ">f" "|f" "=f" "float32" "single" "f8" "<f8" ">f8" "|f8" "=f8" "d"
        "<d" ">d" "|d" "=d" "float64" "double" "float" "bfloat16" "<V2";
    Complexes of num_complex::Complex<f64>:
        "c8" "<c8" ">c8" "|c8" "=c8" "F" "<F" ">F" "|F" "=F" "complex64" "csingle" "c16" "D" "<D"
        ">D" "|D" "=D" "complex128" "cdouble" "complex";
    Bools of bool:
        "b1" "<b1" ">b1" "|b1" "=b1" "?" "<?" ">?" "|?" "=?" "bool" "bool_";
    Bytes of String:
        "S5" "a5" "S0" "S05" "c" "<S5" "<a5" "<S0" "<S05" "<c" ">S5" ">a5" ">S0" ">S05" ">c" "|S5"
        "|a5" "|S0" "|S05" "|c" "=S5" "=a5" "=S0" "=S05" "=c";
    Texts of String:
        "U5" "U0" "U05" "<U5" "<U0" "<U05" ">U5" ">U0" ">U05" "|U5" "|U0" "|U05" "=U5" "=U0"
        "=U05";
    Voids of [u8; 4]:
        "V4" "|V4" "=V4" "V04" "V+4";
    Points of i64:
        "M8[W]" "M8[D]" "M8[h]" "M8[m]" "M8[s]" "M8[ms]" "M8[us]" "M8[ns]" "M8[ps]" "M8[fs]"
        "M8[as]" "M8[25us]" "M8[μs]" "M8[ 7D]" "M8[s/2]" "M8[D/1440]" "M8[2W/7]" ">M8[W]" ">M8[D]"
        ">M8[h]" ">M8[m]" ">M8[s]" ">M8[ms]" ">M8[us]" ">M8[ns]" ">M8[ps]" ">M8[fs]" ">M8[as]"
        ">M8[25us]" ">M8[μs]" ">M8[ 7D]" ">M8[s/2]" ">M8[D/1440]" ">M8[2W/7]" "<M8[W]" "<M8[D]"
        "<M8[h]" "<M8[m]" "<M8[s]" "<M8[ms]" "<M8[us]" "<M8[ns]" "<M8[ps]" "<M8[fs]" "<M8[as]"
        "<M8[25us]" "<M8[μs]" "<M8[ 7D]" "<M8[s/2]" "<M8[D/1440]" "<M8[2W/7]" "datetime64[W]"
        "datetime64[D]" "datetime64[h]" "datetime64[m]" "datetime64[s]" "datetime64[ms]"
        "datetime64[us]" "datetime64[ns]" "datetime64[ps]" "datetime64[fs]" "datetime64[as]"
        "datetime64[25us]" "datetime64[μs]" "datetime64[ 7D]" "datetime64[s/2]"
        "datetime64[D/1440]" "datetime64[2W/7]" ">datetime64[W]" ">datetime64[D]" ">datetime64[h]"
        ">datetime64[m]" ">datetime64[s]" ">datetime64[ms]" ">datetime64[us]" ">datetime64[ns]"
        ">datetime64[ps]" ">datetime64[fs]" ">datetime64[as]" ">datetime64[25us]"
        ">datetime64[μs]" ">datetime64[ 7D]" ">datetime64[s/2]" ">datetime64[D/1440]"
        ">datetime64[2W/7]" "M8[Y]" "M8[M]" "M8" "M" "M8[generic]" "datetime64" "M8[3generic]"
        "M8[Y/12]";
    Spans of i64:
        "m8[W]" "m8[D]" "m8[h]" "m8[m]" "m8[s]" "m8[ms]" "m8[us]" "m8[ns]" "m8[ps]" "m8[fs]"
        "m8[as]" "m8[25us]" "m8[μs]" "m8[ 7D]" "m8[s/2]" "m8[D/1440]" "m8[2W/7]" ">m8[W]" ">m8[D]"
        ">m8[h]" ">m8[m]" ">m8[s]" ">m8[ms]" ">m8[us]" ">m8[ns]" ">m8[ps]" ">m8[fs]" ">m8[as]"
        ">m8[25us]" ">m8[μs]" ">m8[ 7D]" ">m8[s/2]" ">m8[D/1440]" ">m8[2W/7]" "timedelta64[W]"
        "timedelta64[D]" "timedelta64[h]" "timedelta64[m]" "timedelta64[s]" "timedelta64[ms]"
        "timedelta64[us]" "timedelta64[ns]" "timedelta64[ps]" "timedelta64[fs]" "timedelta64[as]"
        "timedelta64[25us]" "timedelta64[μs]" "timedelta64[ 7D]" "timedelta64[s/2]"
        "timedelta64[D/1440]" "timedelta64[2W/7]" "m8[Y]" "m8[M]" "m8" "m" "m8[generic]"
        "timedelta64";
}

#[test]
fn the_derive_reads_a_type_string_as_from_str_does() {
    let derived = derived();
    assert!(derived.len() > 300);
    for (text, dtype) in derived {
        let parsed: DType = text.parse().unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(dtype, parsed, "{text}");
    }
}
