/// The means of parts of a column, in the order of its rows.
#[derive(Debug)]
pub(super) struct Trend {
    rows: u64,
    parts: [(f64, u64); PARTS],
}

/// The characters of a sparkline.
const PARTS: usize = 24;

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

impl Trend {
    /// Returns the trend of a column of `rows`.
    pub(super) fn new(rows: u64) -> Self {
        Trend {
            rows,
            parts: [(0.0, 0); PARTS],
        }
    }

    pub(super) fn add(&mut self, row: u64, value: f64) {
        let parts = u128::from(PARTS as u64);
        let part = u128::from(row) * parts / u128::from(self.rows.max(1));
        let part = usize::try_from(part)
            .ok()
            .and_then(|part| self.parts.get_mut(part));
        if let Some((sum, count)) = part {
            *sum += value;
            *count += 1;
        }
    }

    /// Returns a bar for each part, a space for a part without values.
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss
    )] // A bar is one of eight.
    pub(super) fn sparkline(&self) -> String {
        let means = self.parts.iter().map(|(sum, count)| match count {
            0 => f64::NAN,
            _ => sum / *count as f64,
        });
        let means: Vec<f64> = means.collect();
        let finite = || means.iter().copied().filter(|mean| mean.is_finite());
        let (low, high) = finite().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), mean| {
            (low.min(mean), high.max(mean))
        });
        let bar = |mean: &f64| match (*mean - low) / (high - low) {
            _ if mean.is_nan() => ' ',
            part if part.is_finite() => {
                let nth = (part * BARS.len() as f64) as usize;
                BARS.get(nth.min(BARS.len() - 1)).copied().unwrap_or(' ')
            }
            // All are the same.
            _ => '▁',
        };
        means
            .iter()
            .map(bar)
            .collect::<String>()
            .trim_end()
            .to_owned()
    }
}
