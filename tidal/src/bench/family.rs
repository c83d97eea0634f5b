//! Metrics that are one, measured with several numbers of threads: `NAME, 04 threads`.

use super::measure::{Figure, Metric, peer_order};

/// One metric over numbers of threads.
#[derive(Debug)]
pub struct Family<'a> {
    /// What the names have in common.
    pub name: &'a str,
    /// The numbers of threads, ascending.
    pub threads: Vec<u32>,
    /// The metrics, in the same order.
    pub metrics: Vec<&'a Metric>,
}

impl<'a> Family<'a> {
    /// The family that a metric is of, if it has three members at least.
    pub fn of(metric: &'a Metric, all: &'a [Metric]) -> Option<Family<'a>> {
        let (name, _) = split(&metric.name)?;
        let relatives = all.iter().filter(|m| m.group == metric.group);
        let mut members: Vec<(u32, &Metric)> = relatives
            .filter_map(|m| split(&m.name).filter(|(other, _)| *other == name).map(|(_, n)| (n, m)))
            .collect();
        members.sort_by_key(|m| m.0);
        if members.len() < 3 {
            return None;
        }
        let (threads, metrics) = members.into_iter().unzip();
        Some(Family { name, threads, metrics })
    }

    /// All peers of its metrics, in order.
    pub fn peers(&self) -> Vec<&'a str> {
        let mut peers: Vec<&str> = self.metrics.iter().flat_map(|m| &m.peers).map(|f| &*f.peer).collect();
        peers.sort_by_key(|p| peer_order(p));
        peers.dedup();
        peers
    }

    /// A peer's figure at a number of threads, by index.
    pub fn figure(&self, index: usize, peer: &str) -> Option<&'a Figure> {
        self.metrics[index].peers.iter().find(|f| f.peer == peer)
    }
}

fn split(name: &str) -> Option<(&str, u32)> {
    let (name, threads) = name.rsplit_once(", ")?;
    let number = threads.strip_suffix(" threads").or_else(|| threads.strip_suffix(" thread"))?;
    Some((name, number.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn numbers_of_threads_are_taken_off() {
        assert_eq!(split("wait, long, 04 threads"), Some(("wait, long", 4)));
        assert_eq!(split("replace, 1 thread"), Some(("replace", 1)));
        assert_eq!(split("normal lock+unlock, two threads"), None);
    }
}
