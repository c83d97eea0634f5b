//! The tables on the terminal.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use super::kill::Scenario;
use super::suite::{Check, Verdict};

/// A column: a C library's name and what came of each row.
type Column<T> = (&'static str, Vec<T>);

fn table() -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table
}

/// Who passes what.
pub fn print_suite(checks: &[Check], columns: &[Column<Verdict>], iterations: u32, without: &[String]) {
    let mut table = table();
    let mut header = vec!["program".to_owned()];
    header.extend(columns.iter().map(|c| c.0.to_owned()));
    header.push("checks".into());
    table.set_header(header);
    for (i, check) in checks.iter().enumerate() {
        let mut row = vec![check.name.clone()];
        row.extend(columns.iter().map(|c| cell(&c.1[i])));
        row.push(check.what.clone());
        table.add_row(row);
    }
    println!("{table}\n");
    for (libc, verdicts) in columns {
        for (check, verdict) in checks.iter().zip(verdicts) {
            match verdict {
                Verdict::Failed(why) => println!("{libc}, {}: {why}", check.name),
                Verdict::NotBuilt(why) => println!("{libc}, {}: not built: {why}", check.name),
                Verdict::Hung(limit) => println!("{libc}, {}: hung, stopped after {limit:?}", check.name),
                Verdict::Passed(_) => {}
            }
        }
    }
    let refused =
        if without.is_empty() { String::new() } else { format!(", without {}", without.join(", ")) };
    for (libc, verdicts) in columns {
        let passed = verdicts.iter().filter(|v| v.passed()).count();
        println!("{libc}: {passed} of {} pass, {iterations} iterations each{refused}", verdicts.len());
    }
}

fn cell(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Passed(time) => format!("pass {:.2} s", time.as_secs_f64()),
        Verdict::Failed(_) => "FAIL".into(),
        Verdict::Hung(_) => "HANG".into(),
        Verdict::NotBuilt(_) => "not built".into(),
    }
}

/// Above the lines of [`print_kill_line`].
pub fn print_kill_header() {
    let [points, hangs, late, corrupt, kept] = ["points", "hangs", "late", "corrupt", "KiB kept"];
    println!("{:6} {:26} {points:>7} {hangs:>7} {late:>5} {corrupt:>8} {kept:>9}", "", "killed in");
}

/// What killing children in one scenario did, told as soon as it is known.
pub fn print_kill_line(libc: &str, s: &Scenario) {
    let Scenario { name, points, hangs, late, corruptions, kept_kib, .. } = s;
    println!("{libc:6} {name:26} {points:>7} {hangs:>7} {late:>5} {corruptions:>8} {kept_kib:>9}");
}

/// A C library, the stride that its instructions were tried with, and what came of it.
type Killed = (&'static str, usize, Vec<Scenario>);

/// What killing children did, side by side where there are several C libraries; the first damage of each scenario; the sums.
pub fn print_kill(columns: &[Killed]) {
    println!();
    if columns.len() > 1 {
        println!("{}\n", side_by_side(columns));
    }
    for (libc, _, scenarios) in columns {
        for s in scenarios {
            if let Some(damage) = &s.damage {
                println!("{libc}, {}, first: {damage}", s.name);
            }
        }
    }
    for (libc, every, scenarios) in columns {
        let sum = |f: fn(&Scenario) -> usize| scenarios.iter().map(f).sum::<usize>();
        println!(
            "{libc}: killed after each of {} instructions{}: {} hangs, {} late, {} crashes or corruptions, {} KiB kept",
            sum(|s| s.points),
            if *every > 1 { format!(" (one in {every})") } else { String::new() },
            sum(|s| s.hangs),
            sum(|s| s.late),
            sum(|s| s.corruptions),
            scenarios.iter().map(|s| s.kept_kib).sum::<i64>(),
        );
    }
}

fn side_by_side(columns: &[Killed]) -> Table {
    let mut table = table();
    let mut header = vec!["killed in".to_owned()];
    for (libc, ..) in columns {
        header.extend([format!("{libc}: points"), "hangs".into(), "late".into(), "corrupt".into()]);
    }
    table.set_header(header);
    for (i, scenario) in columns[0].2.iter().enumerate() {
        let mut row = vec![scenario.name.clone()];
        for s in columns.iter().map(|c| &c.2[i]) {
            row.extend([s.points, s.hangs, s.late, s.corruptions].map(|n| n.to_string()));
        }
        table.add_row(row);
    }
    for index in 1..=columns.len() * 4 {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}
