//! How long is waited for somebody else's program.

use std::time::{Duration, Instant};

/// A time limit that counts only what passes between two looks, and not much of that: while the whole machine stands still,
/// as when it is suspended or this program and the other one are frozen together, nobody can be late.
pub struct Patience {
    left: Duration,
    last_look: Instant,
}

impl Patience {
    const MOST_BETWEEN_LOOKS: Duration = Duration::from_millis(100);

    /// Begins now.
    pub fn new(limit: Duration) -> Patience {
        Patience { left: limit, last_look: Instant::now() }
    }

    /// Whether the time is up. To be asked more often than ten times a second.
    pub fn is_over(&mut self) -> bool {
        let now = Instant::now();
        let passed = (now - self.last_look).min(Self::MOST_BETWEEN_LOOKS);
        self.left = self.left.saturating_sub(passed);
        self.last_look = now;
        self.left.is_zero()
    }
}
