use super::digest::Digest;

/// Quantiles: exact as long as the values fit into memory, then of a t-digest.
#[derive(Debug)]
pub(super) struct Quantiles {
    /// All values, or those that are not in the digest yet.
    values: Vec<f64>,
    digest: Option<Digest>,
    most: usize,
}

/// The values that are added to a digest at once.
const AT_ONCE: usize = 1 << 16;

impl Quantiles {
    /// Returns the quantiles of no values. Up to `most` they are exact.
    pub(super) fn new(most: usize) -> Self {
        Quantiles {
            values: Vec::new(),
            digest: None,
            most,
        }
    }

    pub(super) fn add(&mut self, value: f64) {
        self.values.push(value);
        let most = match self.digest {
            None => self.most,
            Some(_) => AT_ONCE,
        };
        if self.values.len() > most {
            self.digest_values();
        }
    }

    fn digest_values(&mut self) {
        let mut values = std::mem::take(&mut self.values);
        let digest = self.digest.get_or_insert_default();
        for part in values.chunks_mut(AT_ONCE) {
            digest.add(part);
        }
        values.clear();
        values.shrink_to(AT_ONCE + 1);
        self.values = values;
    }

    pub(super) fn is_exact(&self) -> bool {
        self.digest.is_none()
    }

    /// Returns the values below which parts of all values are, as `np.quantile`. None without values.
    pub(super) fn of<const N: usize>(mut self, parts: [f64; N]) -> Option<[f64; N]> {
        if self.digest.is_some() && !self.values.is_empty() {
            self.digest_values();
        }
        if let Some(digest) = &self.digest {
            return Some(parts.map(|part| digest.quantile(part)));
        }
        self.values.sort_unstable_by(f64::total_cmp);
        let last = self.values.len().checked_sub(1)?;
        Some(parts.map(|part| interpolate(&self.values, last, part)))
    }
}

/// Returns a quantile of sorted values, between two of them if need be.
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss
)] // There are fewer than 2^53 values, and the place is one of them.
fn interpolate(values: &[f64], last: usize, part: f64) -> f64 {
    let place = last as f64 * part;
    let value = |place: f64| values.get(place as usize).copied().unwrap_or(f64::NAN);
    let (low, high) = (value(place.floor()), value(place.ceil()));
    match place.fract() {
        0.0 => low,
        _ if low == high => low,
        // The distance of two numbers may be larger than every number.
        fraction if low.is_finite() && high.is_finite() && (high - low).is_infinite() => {
            low * (1.0 - fraction) + high * fraction
        }
        fraction => low + (high - low) * fraction,
    }
}
