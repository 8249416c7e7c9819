//! Pins the header of a log with a snapshot, so that nobody changes the schema unawares.
//!
//! The test below fails as soon as a field is renamed, moved or retyped, and `cargo insta review`
//! shows what changed. In a crate of your own it stands beside the struct.
//!
//! ```text
//! cargo test --example schema_snapshot
//! ```

use npyrec::{Header, NpyRecord};

#[derive(NpyRecord)]
#[npy(rename_all = "camelCase")]
#[allow(dead_code)] // Only its schema is looked at.
struct Spike {
    #[npy(dtype = "M8[us]")]
    time: i64,
    unit_number: u16,
    #[npy(title = "Mean waveform, µV")]
    waveform: [f32; 32],
}

fn main() {
    println!("{}", Header::for_record::<Spike>(0));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_of_a_spike_is_fixed() {
        insta::assert_snapshot!(Header::for_record::<Spike>(0), @"{'descr': [('time', '<M8[us]'), ('unitNumber', '<u2'), (('Mean waveform, µV', 'waveform'), '<f4', (32,))], 'fortran_order': False, 'shape': (0,), }");
    }

    /// The schema as YAML, one field per line, for a text that is too long to review.
    #[test]
    fn the_schema_of_a_spike_is_fixed_field_by_field() {
        insta::assert_yaml_snapshot!(Header::for_record::<Spike>(0), @r#"
        descr:
          - - time
            - "<M8[us]"
          - - unitNumber
            - "<u2"
          - - - "Mean waveform, µV"
              - waveform
            - "<f4"
            - - 32
        fortran_order: false
        shape:
          - 0
        "#);
    }
}
