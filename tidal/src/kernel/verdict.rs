//! What a console says: a verdict for each check and program, and whether the boot can be believed.

use super::guest::CHECKS;
use super::qemu::{Boot, End};

/// How one check went.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Does not apply to this kernel or number of CPUs.
    NotApplicable,
    /// Passed.
    Ok,
    /// Failed, and how.
    Failed(String),
}

/// What one boot showed.
#[derive(Default, Debug)]
pub struct Outcome {
    /// Checks, and programs of Tidal's as `AREA/NAME`, in the order they ran.
    pub rows: Vec<(String, Verdict)>,
    /// What is wrong with the boot itself.
    pub faults: Vec<String>,
}

impl Outcome {
    /// Reads a boot's console. What did not come to its end, or ran on another kernel than it should, is a fault. Without
    /// expected features the checks were not to run.
    pub fn of(boot: &Boot, features: Option<&str>, cpus: u32) -> Outcome {
        let mut outcome = Outcome::default();
        let (mut init_cpus, mut found, mut done) = (None, None, None);
        let mut running = None;
        for line in boot.console.lines() {
            match line.split_once(' ') {
                Some(("CHECK", rest)) => outcome.check(rest),
                Some(("KERNEL", rest)) => found = Some(rest.to_owned()),
                Some(("PROGRAM", rest)) => running = outcome.program(rest),
                Some(("INIT", rest)) => match rest.split_once(' ') {
                    Some(("cpus", number)) => init_cpus = Some(number.to_owned()),
                    Some(("done", failures)) => done = Some(failures.to_owned()),
                    _ => {}
                },
                _ => {}
            }
        }
        outcome.expect("CPUs", init_cpus.as_deref(), &cpus.to_string());
        if let Some(features) = features {
            outcome.expect("features", found.as_deref(), &format!("{features} cpus={cpus}"));
        }
        if done.is_none() {
            let during = running.map_or(String::new(), |name| format!(" during `{name}`"));
            outcome.faults.push(format!("the guest did not come to its end{during}: {:?}", boot.end));
        } else if (boot.end == End::Passed) != (done.as_deref() == Some("0")) {
            outcome.faults.push(format!("QEMU's exit status contradicts the console: {:?}", boot.end));
        }
        outcome
    }

    /// Whether nothing at all went wrong.
    pub fn passed(&self) -> bool {
        self.faults.is_empty() && !self.rows.iter().any(|(_, verdict)| matches!(verdict, Verdict::Failed(_)))
    }

    fn expect(&mut self, what: &str, found: Option<&str>, expected: &str) {
        if found != Some(expected) {
            let found = found.unwrap_or("nothing");
            self.faults.push(format!("the guest reports {what} `{found}`, expected `{expected}`"));
        }
    }

    fn check(&mut self, rest: &str) {
        let Some((word, name)) = rest.split_once(' ') else { return };
        let (name, verdict) = match (word, name.split_once(": ")) {
            ("ok", _) => (name, Verdict::Ok),
            ("n/a", _) => (name, Verdict::NotApplicable),
            (_, Some((name, how))) => (name, Verdict::Failed(how.to_owned())),
            _ => (name, Verdict::Failed(String::new())),
        };
        self.rows.push((name.to_owned(), verdict));
    }

    /// Gives the name of a program that has begun.
    fn program(&mut self, rest: &str) -> Option<String> {
        let (name, how) = rest.split_once(' ')?;
        match how {
            "begin" => return Some(name.to_owned()),
            // They have a line each.
            "ok" if name == CHECKS => {}
            "ok" => self.rows.push((name.to_owned(), Verdict::Ok)),
            _ => self.rows.push((name.to_owned(), Verdict::Failed(how.to_owned()))),
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(console: &str, end: End) -> Outcome {
        Outcome::of(&Boot { console: console.into(), end }, Some("ktls=0 rseq=1 membarrier=1"), 2)
    }

    const START: &str =
        "[    0.1] noise\nINIT cpus 2\nPROGRAM checks begin\nKERNEL ktls=0 rseq=1 membarrier=1 cpus=2\n";

    #[test]
    fn a_whole_boot() {
        let programs = "PROGRAM checks ok\nPROGRAM ktls/a begin\nPROGRAM ktls/a ok\n";
        let console = format!("{START}CHECK ok a\nCHECK n/a b\n{programs}INIT done 0\n");
        let outcome = outcome(&console, End::Passed);
        assert!(outcome.passed(), "{outcome:?}");
        let rows = [("a", Verdict::Ok), ("b", Verdict::NotApplicable), ("ktls/a", Verdict::Ok)];
        assert_eq!(outcome.rows, rows.map(|(name, verdict)| (name.to_owned(), verdict)));
    }

    #[test]
    fn a_failed_check() {
        let console = format!("{START}CHECK FAIL a: not so: x == 1\nPROGRAM checks exit 1\nINIT done 1\n");
        let outcome = outcome(&console, End::Failed);
        assert!(outcome.faults.is_empty() && !outcome.passed());
        assert_eq!(outcome.rows[0], ("a".into(), Verdict::Failed("not so: x == 1".into())));
    }

    #[test]
    fn a_boot_that_proves_nothing() {
        for (console, end) in [
            ("", End::Crashed),
            (START, End::TimeLimit),
            ("INIT cpus 1\nKERNEL ktls=0 rseq=1 membarrier=1 cpus=2\nINIT done 0\n", End::Passed),
            ("INIT cpus 2\nKERNEL ktls=0 rseq=0 membarrier=1 cpus=2\nINIT done 0\n", End::Passed),
            ("INIT cpus 2\nKERNEL ktls=0 rseq=1 membarrier=1 cpus=2\nINIT done 0\n", End::Failed),
        ] {
            assert!(!outcome(console, end).faults.is_empty(), "{console}");
        }
    }
}
