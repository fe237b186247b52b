//! Percentiles of durations in memory that does not grow with their number.

use std::time::Duration;

/// Buckets per power of two: their width is 1/1024 of their value, so their middle is at most 0.05 % off (20 ms at
/// 40 s).
const BUCKETS: usize = 1 << BITS;
const BITS: u32 = 10;

/// A log-linear histogram of nanoseconds, as HdrHistogram's: powers of two, each cut into equal buckets.
/// A power of two takes its 8 KiB only when something falls into it.
#[derive(Debug, Default)]
pub struct Histogram {
    octaves: Vec<Option<Box<[u64; BUCKETS]>>>,
    count: u64,
    min: u64,
    max: u64,
}

impl Histogram {
    /// Counts one duration; more than 584 years count as that.
    pub fn add(&mut self, duration: Duration) {
        let value = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        let (octave, bucket) = place(value);
        if self.octaves.len() <= octave {
            self.octaves.resize_with(octave + 1, || None);
        }
        self.octaves[octave].get_or_insert_with(|| Box::new([0; BUCKETS]))[bucket] += 1;
        self.min = if self.count == 0 { value } else { self.min.min(value) };
        self.max = self.max.max(value);
        self.count += 1;
    }

    /// How many durations were counted.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The shortest, exactly; zero when there is none.
    pub fn min(&self) -> Duration {
        Duration::from_nanos(self.min)
    }

    /// The longest, exactly; zero when there is none.
    pub fn max(&self) -> Duration {
        Duration::from_nanos(self.max)
    }

    /// The duration that `percent` of all don't exceed (nearest rank), within 0.05 %; zero when there is none.
    pub fn percentile(&self, percent: f64) -> Duration {
        let rank = ((percent / 100.0 * self.count as f64).ceil() as u64).clamp(1, self.count.max(1));
        let mut seen = 0;
        for (octave, buckets) in self.octaves.iter().enumerate() {
            for (bucket, count) in buckets.iter().flat_map(|buckets| buckets.iter()).enumerate() {
                seen += count;
                if seen >= rank {
                    return Duration::from_nanos(middle(octave, bucket).clamp(self.min, self.max));
                }
            }
        }
        self.max()
    }
}

/// Which octave and bucket hold `value`. Octave 0 holds the values below [`BUCKETS`] as they are; octave n those with
/// [`BITS`] + n significant bits, by the [`BITS`] bits after the first.
fn place(value: u64) -> (usize, usize) {
    let shift = (u64::BITS - value.leading_zeros()).saturating_sub(BITS);
    if shift == 0 {
        return (0, value as usize);
    }
    // `value` has BITS + shift significant bits; without the leading one, BITS of them are kept.
    (shift as usize, (value >> (shift - 1)) as usize & (BUCKETS - 1))
}

/// The middle of a bucket.
fn middle(octave: usize, bucket: usize) -> u64 {
    if octave == 0 {
        return bucket as u64;
    }
    let width = 1u64 << (octave - 1);
    (((BUCKETS + bucket) as u64) << (octave - 1)) + width / 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_empty_histogram_answers_zero() {
        let histogram = Histogram::default();
        assert_eq!(histogram.percentile(50.0), Duration::ZERO);
        assert_eq!((histogram.min(), histogram.max(), histogram.count()), (Duration::ZERO, Duration::ZERO, 0));
    }

    #[test]
    fn every_value_is_near_the_middle_of_its_bucket() {
        for exponent in 0..64 {
            for offset in [0, 1, 3, 1 << exponent >> 1, (1 << exponent) - 1] {
                let value = (1u64 << exponent) + offset;
                let (octave, bucket) = place(value);
                let middle = middle(octave, bucket);
                let error = middle.abs_diff(value) as f64 / value as f64;
                assert!(error <= 0.0005, "{value} is in the bucket around {middle}");
            }
        }
        assert_eq!(place(0), (0, 0));
    }

    proptest! {
        #[test]
        fn percentiles_are_those_of_the_sorted_list(
            values in prop::collection::vec(prop_oneof![0..2000u64, 0..10_000_000_000u64, any::<u64>()], 1..300),
            percent in 0.0..=100.0f64,
        ) {
            let mut histogram = Histogram::default();
            for value in &values {
                histogram.add(Duration::from_nanos(*value));
            }
            let mut sorted = values;
            sorted.sort_unstable();
            let rank = ((percent / 100.0 * sorted.len() as f64).ceil() as usize).clamp(1, sorted.len());
            let exact = sorted[rank - 1] as f64;
            let found = histogram.percentile(percent).as_nanos() as f64;
            prop_assert!((found - exact).abs() <= 0.0005 * exact, "{found} for {exact}");
            prop_assert_eq!(histogram.min(), Duration::from_nanos(sorted[0]));
            prop_assert_eq!(histogram.max(), Duration::from_nanos(sorted[sorted.len() - 1]));
            prop_assert_eq!(histogram.count(), sorted.len() as u64);
        }
    }
}
