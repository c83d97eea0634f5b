//! Medians and spreads.

use serde::Serialize;

/// Several measurements of one thing.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Summary {
    /// The smallest.
    pub min: f64,
    /// The middle one.
    pub median: f64,
    /// The largest.
    pub max: f64,
    /// Middle half's width, as a part of the median.
    pub spread: f64,
}

/// Summarises; `None` without values.
pub fn summarise(values: &[f64]) -> Option<Summary> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (min, max) = (*sorted.first()?, *sorted.last()?);
    let median = quantile(&sorted, 0.5);
    let middle_half = quantile(&sorted, 0.75) - quantile(&sorted, 0.25);
    let spread = if median == 0.0 { 0.0 } else { middle_half / median.abs() };
    Some(Summary { min, median, max, spread })
}

fn quantile(sorted: &[f64], q: f64) -> f64 {
    let at = q * (sorted.len() - 1) as f64;
    let (low, high) = (at.floor() as usize, at.ceil() as usize);
    sorted[low] + (sorted[high] - sorted[low]) * (at - low as f64)
}

#[cfg(test)]
mod tests {
    use super::summarise;

    #[test]
    fn medians_of_odd_and_even_counts() {
        assert_eq!(summarise(&[3.0, 1.0, 2.0]).map(|s| s.median), Some(2.0));
        assert_eq!(summarise(&[4.0, 1.0, 2.0, 3.0]).map(|s| s.median), Some(2.5));
        assert!(summarise(&[]).is_none());
    }

    #[test]
    fn spread_is_the_middle_half() {
        let s = summarise(&[1.0, 2.0, 3.0, 4.0, 5.0]).unwrap();
        assert!((s.spread - 2.0 / 3.0).abs() < 1e-9);
    }
}
