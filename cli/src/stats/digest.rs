use tdigests::{Centroid, TDigest};

/// A t-digest of numbers. Infinities have no mean, so they are only counted.
#[derive(Debug)]
pub(super) struct Digest {
    /// The finite numbers, `SCALE` times as large. None without any.
    scaled: Option<TDigest>,
    finite: u64,
    least: f64,
    most: f64,
    /// The number of negative infinities.
    below: u64,
    /// The number of positive infinities.
    above: u64,
}

/// The centroids of a digest, which decide on its precision.
const CENTROIDS: usize = 500;

/// A factor with which the sum of `TOGETHER` numbers is finite. It is a power of two, so that no digit is lost.
const SCALE: f64 = 1.0 / 32.0;

impl Default for Digest {
    fn default() -> Self {
        Digest {
            scaled: None,
            finite: 0,
            least: f64::INFINITY,
            most: f64::NEG_INFINITY,
            below: 0,
            above: 0,
        }
    }
}

impl Digest {
    /// Adds numbers, which are sorted in their place.
    pub(super) fn add(&mut self, values: &mut [f64]) {
        values.sort_unstable_by(f64::total_cmp);
        let below = values.partition_point(|&value| value == f64::NEG_INFINITY);
        let end = values.partition_point(|&value| value < f64::INFINITY);
        self.below += below as u64;
        self.above += (values.len() - end) as u64;
        let finite = values.get_mut(below..end).unwrap_or_default();
        let (Some(least), Some(most)) = (finite.first(), finite.last()) else {
            return;
        };
        self.least = self.least.min(*least);
        self.most = self.most.max(*most);
        self.finite += finite.len() as u64;
        for value in &mut *finite {
            *value *= SCALE;
        }
        let mut centroids = centroids(finite);
        if let Some(digest) = &self.scaled {
            centroids.extend_from_slice(digest.centroids());
        }
        let mut digest = TDigest::from_centroids(centroids);
        digest.compress(CENTROIDS);
        self.scaled = Some(digest);
    }

    /// Returns the value below which a part of all values is. It is infinite only in the place of an infinity.
    #[allow(clippy::cast_precision_loss)] // There are fewer than 2^53 values.
    pub(super) fn quantile(&self, part: f64) -> f64 {
        let last = |count: u64| count.saturating_sub(1) as f64;
        let place = last(self.below + self.finite + self.above) * part - self.below as f64;
        match &self.scaled {
            Some(digest) if (0.0..=last(self.finite)).contains(&place) => {
                let value = digest.estimate_quantile(place / last(self.finite).max(1.0)) / SCALE;
                // Means are rounded.
                value.max(self.least).min(self.most)
            }
            _ if place < 0.0 => f64::NEG_INFINITY,
            _ => f64::INFINITY,
        }
    }
}

/// The number of the least and of the greatest values of a part that are a centroid each.
const ALONE: usize = 256;

/// The values of each of the other centroids of a part.
const TOGETHER: usize = 16;

/// Returns centroids of sorted values.
fn centroids(sorted: &[f64]) -> Vec<Centroid> {
    let alone = ALONE.min(sorted.len() / 2);
    let (least, others) = sorted.split_at(alone);
    let (middle, greatest) = others.split_at(others.len() - alone);
    let single = |value: &f64| Centroid::new(*value, 1.0);
    #[allow(clippy::cast_precision_loss)] // They are few.
    let group = |values: &[f64]| {
        let weight = values.len() as f64;
        Centroid::new(values.iter().sum::<f64>() / weight, weight)
    };
    let middle = middle.chunks(TOGETHER).map(group);
    let least = least.iter().map(single);
    least
        .chain(middle)
        .chain(greatest.iter().map(single))
        .collect()
}
