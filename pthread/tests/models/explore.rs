//! The explorer: all states that a model can reach, depth first, each visited once.

use std::collections::HashSet;
use std::fmt::Debug;
use std::hash::Hash;

/// A program of a few threads as a state machine.
pub trait Model: Clone + Eq + Hash + Debug {
    /// The number of threads.
    fn threads(&self) -> usize;

    /// Whether the thread has done all it wants.
    fn is_done(&self, thread: usize) -> bool;

    /// Pushes the states after one step of the thread, several where it may go on differently; none if it is asleep.
    fn steps(&self, thread: usize, next: &mut Vec<Self>);

    /// What must hold in every state.
    fn check(&self) -> Result<(), String>;

    /// What must hold when all threads are done.
    fn check_end(&self) -> Result<(), String> {
        Ok(())
    }
}

/// Visits every state. Gives their number, or what is wrong with one of them.
pub fn explore<M: Model>(start: M) -> Result<usize, String> {
    let mut seen = HashSet::new();
    let mut open = vec![start.clone()];
    seen.insert(start);
    let mut next = Vec::new();
    while let Some(state) = open.pop() {
        state.check().map_err(|why| format!("{why}: {state:?}"))?;
        next.clear();
        for thread in 0..state.threads() {
            state.steps(thread, &mut next);
        }
        if (0..state.threads()).all(|t| state.is_done(t)) {
            state.check_end().map_err(|why| format!("{why}: {state:?}"))?;
        } else if next.is_empty() {
            return Err(format!("nobody can go on: {state:?}"));
        }
        for state in next.drain(..) {
            if seen.insert(state.clone()) {
                open.push(state);
            }
        }
        assert!(seen.len() < 20_000_000, "the model is too large");
    }
    Ok(seen.len())
}

/// The model must hold; prints how many states that were.
pub fn holds<M: Model>(name: &str, start: M) {
    match explore(start) {
        Ok(states) => println!("{name}: {states} states"),
        Err(why) => panic!("{name}: {why}"),
    }
}

/// The model must fail, because something wrong was planted.
pub fn fails<M: Model>(name: &str, start: M) {
    assert!(explore(start).is_err(), "{name}: the planted error was not found");
}
