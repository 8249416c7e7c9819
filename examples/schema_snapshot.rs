//! Pins the schema of a log with a snapshot, so that nobody changes it unawares.
//!
//! The tests below fail as soon as a field is renamed, moved or retyped, or the variants of an enum are
//! reordered, and `cargo insta review` shows what changed. In a crate of your own they stand beside the struct.
//!
//! ```text
//! cargo test --example schema_snapshot
//! ```

use npyrec::{Header, NpyRecord};

#[derive(NpyRecord)]
#[repr(u8)]
#[allow(dead_code)] // Only its schema is looked at.
enum Quality {
    Noise,
    Unit,
}

#[derive(NpyRecord)]
#[npy(rename_all = "camelCase")]
#[allow(dead_code)]
struct Spike {
    #[npy(dtype = "M8[us]")]
    time: i64,
    unit_number: u16,
    #[npy(title = "Mean waveform", unit = "µV")]
    waveform: [f32; 32],
    quality: Quality,
}

fn main() {
    println!("{}", Header::for_record::<Spike>(0));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The header of the file.
    #[test]
    fn the_header_of_a_spike_is_fixed() {
        insta::assert_snapshot!(Header::for_record::<Spike>(0), @"{'descr': [('time', '<M8[us]'), ('unitNumber', '<u2'), (('Mean waveform', 'waveform'), '<f4', (32,)), ('quality', '|u1')], 'fortran_order': False, 'shape': (0,), }");
    }

    /// The fields with their units, and the numbers of variants, which no header has.
    #[test]
    fn the_fields_of_a_spike_are_fixed() {
        insta::assert_yaml_snapshot!(Spike::fields(), @r#"
        - name: time
          dtype: "<M8[us]"
        - name: unitNumber
          dtype: "<u2"
        - name: waveform
          dtype:
            - "<f4"
            - - 32
          title: Mean waveform
          unit: µV
        - name: quality
          dtype: "|u1"
          variants:
            - - Noise
              - 0
            - - Unit
              - 1
        "#);
    }
}
