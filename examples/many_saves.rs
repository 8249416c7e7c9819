//! Several arrays on one handle, as `np.save` on one open file, then stacked into one array.
//!
//! `cargo run --example many_saves -- epochs.npy stacked.npy`

use npyrec::stream::{Reader, Writer, concatenate};

fn main() -> npyrec::Result<()> {
    let mut args = std::env::args().skip(1);
    let mut path = |default: &str| args.next().unwrap_or_else(|| default.to_owned());
    let (epochs, stacked) = (path("epochs.npy"), path("stacked.npy"));

    let mut writer = Writer::open(&epochs)?; // goes on with the file, or creates it
    for epoch in 0..3_u8 {
        let weights = [[0, 1, 2], [3, 4, 5]].map(|row| row.map(|n| f32::from(epoch * 10 + n)));
        writer.write(&[weights])?; // an array of shape (1, 2, 3)
    }
    let mut arrays = Reader::open(&epochs)?;
    while let Some(array) = arrays.next_array() {
        let array = array?;
        println!(
            "byte {}: {:?}",
            array.offset().unwrap_or_default(),
            array.read::<[[f32; 3]; 2]>()?
        );
    }
    println!("{} epochs in {stacked}", concatenate(&epochs, &stacked)?);
    Ok(())
}
