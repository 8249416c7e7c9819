/// The number, mean and variance of values, by Welford's method.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Moments {
    count: u64,
    mean: f64,
    squares: f64,
}

impl Moments {
    #[allow(clippy::cast_precision_loss)] // There are fewer than 2^53 values.
    pub(super) fn add(&mut self, value: f64) {
        self.count += 1;
        let distance = value - self.mean;
        self.mean += distance / self.count as f64;
        self.squares += distance * (value - self.mean);
    }

    pub(super) fn mean(&self) -> Option<f64> {
        (self.count > 0).then_some(self.mean)
    }

    /// Returns the standard deviation of the values, as `np.std`: divided by their number.
    #[allow(clippy::cast_precision_loss)] // There are fewer than 2^53 values.
    pub(super) fn std(&self) -> Option<f64> {
        (self.count > 0).then(|| (self.squares / self.count as f64).sqrt())
    }
}
