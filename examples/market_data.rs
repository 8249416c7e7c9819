//! Market data: times of `chrono`, and prices that are decimal numbers, stored as counts of 1/10000.
//!
//! ```text
//! cargo run --example market_data --features chrono -- trades.npy
//! ```

use std::env;

use chrono::{DateTime, TimeDelta, Utc};
use npyrec::{Appender, NpyRecord};
use rust_decimal::Decimal;

#[derive(NpyRecord)]
struct Trade {
    #[npy(dtype = "M8[ns]")]
    time: DateTime<Utc>,
    #[npy(with = "price")]
    price: Decimal,
    #[npy(dtype = "S8")]
    symbol: String,
}

/// A price as a count of 1/10000. A price with more digits is refused.
mod price {
    use npyrec::{DecodeError, EncodeError};
    use rust_decimal::Decimal;

    pub(super) type Stored = i64;

    pub(super) fn store(price: &Decimal) -> Result<Stored, EncodeError> {
        let mut rescaled = *price;
        rescaled.rescale(4);
        let count = rescaled.mantissa().try_into().ok();
        let exact = count.filter(|_| rescaled == *price);
        exact.ok_or_else(|| EncodeError::new(price, "is not a count of 1/10000"))
    }

    pub(super) fn load(count: Stored) -> Result<Decimal, DecodeError> {
        Ok(Decimal::new(count, 4))
    }
}

fn main() -> npyrec::Result<()> {
    let path = env::args().nth(1).unwrap_or("trades.npy".to_owned());
    let mut trades = Appender::<Trade>::open(&path)?;
    let mut time = DateTime::UNIX_EPOCH + TimeDelta::days(19_782);
    for (digits, scale) in [(10_825, 4), (10_831, 4), (1_082, 3), (108_255, 5)] {
        let (price, symbol) = (Decimal::new(digits, scale), "EURUSD".to_owned());
        let trade = Trade {
            time,
            price,
            symbol,
        };
        trades.append(&trade).unwrap_or_else(|e| println!("{e}"));
        time += TimeDelta::milliseconds(250);
    }
    println!("{path}: {} trades", trades.rows());
    trades.close()
}
