//! Names of variants that cannot work.

use npyrec::NpyRecord;

#[derive(NpyRecord)]
#[npy(rename_all = "lowercase", align)]
#[repr(u8)]
enum Side {
    Buy,
    #[npy(rename = "buy")]
    Sell,
    #[npy(alias = "sell", alias = "buy", unit = "s")]
    Short,
    #[npy(alias = "Cover", alias = "Cover")]
    Cover,
    #[npy(other, rename = "other")]
    Other(u8),
}

fn main() {}
