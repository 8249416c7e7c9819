//! The tests, as one program.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]
#![allow(clippy::indexing_slicing, clippy::vec_init_then_push)]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss
)]

mod advice;
mod appender;
mod array_appender;
mod attributes;
mod background;
mod big_endian;
mod blocks;
mod borrowing;
mod both_orders;
mod casting;
mod convert;
mod converted_types;
mod corpus;
mod creating;
mod damaged;
mod damaged_headers;
mod derive_floats;
mod derive_spelling;
mod dictionaries;
#[cfg(unix)] // Windows lets nobody touch a file that is locked.
mod disturbed;
mod doors;
mod doors_errors;
mod dtype;
mod elsewhere;
mod endings;
mod errors;
mod every_door;
mod examples;
mod failing_writers;
mod faults;
mod field_defaults;
mod field_info;
mod field_types;
mod files;
mod filling;
mod follow;
mod foreign_types;
mod format;
mod gathered;
mod generated;
mod headers;
mod hygiene;
mod large_arrays;
mod layers;
mod literal;
#[cfg_attr(not(unix), allow(dead_code))]
mod logs;
mod mapped;
mod mapped_appender;
mod mapped_mut;
mod mapped_streams;
mod migrate;
mod missing;
mod ml_dtypes;
mod ndarray;
mod ndarray_parts;
mod npy_append_array;
mod npz;
mod numpy;
mod numpy_headers;
mod numpy_records;
mod panics;
mod peers;
mod places;
mod process;
mod programs;
mod python;
mod reader;
mod records;
mod recover;
mod room;
mod room_to_grow;
mod sample;
mod select;
mod shards;
mod sidecars;
mod signalling_nans;
mod skipping;
mod sources;
mod spelling;
mod std_types;
mod stored_arrays;
mod stored_enums;
mod stored_numbers;
mod stream;
mod strided;
mod survival;
mod survive;
mod survive_mending;
mod system;
mod threads;
mod time_crates;
mod typed_values;
mod ui;
mod value_display;
mod value_display_arrays;
mod value_errors;
mod value_reader;
mod value_serialize;
mod value_types;
mod value_writers;
mod values;
mod verdicts;
mod whole_files;
mod with_header;

/// The folder of these files.
pub const SUITE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite");
