//! The table: check by check and folder by folder, kernel by kernel.

use std::collections::BTreeSet;

use comfy_table::{Cell, CellAlignment, Table, presets};

use super::verdict::{Outcome, Verdict};

/// One boot's outcome and where it belongs.
pub struct Column {
    /// The kernel's name.
    pub kernel: String,
    /// CPUs, for the messages.
    pub cpus: u32,
    /// The provider that Tidal must choose there.
    pub provider: String,
    /// What happened.
    pub outcome: Outcome,
}

/// The table's text: the checks one by one, Tidal's programs folded by folder. What failed is named by [`failures`].
pub fn render(columns: &[Column]) -> String {
    let mut kernels: Vec<&str> = Vec::new();
    let (mut checks, mut areas): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    for column in columns {
        add_once(&mut kernels, &column.kernel);
        for (name, _) in &column.outcome.rows {
            match name.split_once('/') {
                Some((area, _)) => add_once(&mut areas, area),
                None => add_once(&mut checks, name),
            }
        }
    }
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    table.set_header(std::iter::once("").chain(kernels.iter().copied()));
    let mut section = |title: &str, names: &[&str], cell: fn(&[Column], &str, &str) -> String| {
        if !names.is_empty() {
            table.add_row([Cell::new(title)]);
        }
        for name in names {
            let cells = kernels.iter().map(|kernel| Cell::new(cell(columns, kernel, name)));
            table.add_row(std::iter::once(Cell::new(format!("  {name}"))).chain(cells));
        }
    };
    section("Checks on the kernel", &checks, check_cell);
    section("Tidal's own tests, programs by folder", &areas, area_cell);
    if areas.contains(&"ktls") {
        section("What Tidal found", &["provider"], provider_cell);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.trim_fmt()
}

fn add_once<'a>(list: &mut Vec<&'a str>, name: &'a str) {
    if !list.contains(&name) {
        list.push(name);
    }
}

/// The worst that all boots of a kernel say of a name; nothing if it never ran.
fn worst<'a>(columns: &'a [Column], kernel: &str, name: &str) -> Option<&'a Verdict> {
    let rank = |verdict: &Verdict| match verdict {
        Verdict::NotApplicable => 0,
        Verdict::Ok => 1,
        Verdict::Failed(_) => 2,
    };
    let boots = columns.iter().filter(|column| column.kernel == kernel);
    let rows = boots.flat_map(|column| &column.outcome.rows);
    rows.filter(|(n, _)| n == name).map(|(_, verdict)| verdict).max_by_key(|verdict| rank(verdict))
}

fn check_cell(columns: &[Column], kernel: &str, name: &str) -> String {
    match worst(columns, kernel, name) {
        Some(Verdict::Ok) => "ok",
        Some(Verdict::NotApplicable) => "n/a",
        Some(Verdict::Failed(_)) => "FAIL",
        None => "-",
    }
    .to_owned()
}

fn area_cell(columns: &[Column], kernel: &str, area: &str) -> String {
    let of_kernel = columns.iter().filter(|column| column.kernel == kernel);
    let names: BTreeSet<&str> = of_kernel
        .flat_map(|column| &column.outcome.rows)
        .filter(|(name, _)| name.split_once('/').is_some_and(|(a, _)| a == area))
        .map(|(name, _)| name.as_str())
        .collect();
    let failed =
        names.iter().filter(|name| matches!(worst(columns, kernel, name), Some(Verdict::Failed(_)))).count();
    match (failed, names.len()) {
        (_, 0) => "-".to_owned(),
        (0, all) => format!("{all} ok"),
        (failed, all) => format!("FAIL {failed} of {all}"),
    }
}

/// `ktls/provider` is the program that compares it.
fn provider_cell(columns: &[Column], kernel: &str, name: &str) -> String {
    let column = columns.iter().find(|column| column.kernel == kernel);
    match worst(columns, kernel, &format!("ktls/{name}")) {
        Some(Verdict::Ok) => column.map_or_else(String::new, |column| column.provider.clone()),
        _ => "?".to_owned(),
    }
}

/// A line for all that went wrong.
pub fn failures(columns: &[Column]) -> Vec<String> {
    let mut lines = Vec::new();
    for Column { kernel, cpus, outcome, .. } in columns {
        let cpus = if *cpus == 1 { "1 CPU".into() } else { format!("{cpus} CPUs") };
        lines.extend(outcome.faults.iter().map(|fault| format!("{kernel}, {cpus}: {fault}")));
        for (name, verdict) in &outcome.rows {
            if let Verdict::Failed(how) = verdict {
                lines.push(format!("{kernel}, {cpus}: {name}: {how}"));
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(cpus: u32, rows: &[(&str, Verdict)]) -> Column {
        let rows = rows.iter().map(|(name, verdict)| ((*name).to_owned(), verdict.clone())).collect();
        let outcome = Outcome { rows, faults: Vec::new() };
        Column { kernel: "ktls".into(), cpus, provider: "ktls".into(), outcome }
    }

    #[test]
    fn the_worst_boot_decides() {
        let failed = Verdict::Failed("x".into());
        let columns = [
            column(1, &[("a", Verdict::NotApplicable), ("b", Verdict::Ok), ("c", failed)]),
            column(2, &[("a", Verdict::Ok), ("b", Verdict::Ok), ("c", Verdict::Ok)]),
        ];
        let cells = ["a", "b", "c", "d"].map(|name| check_cell(&columns, "ktls", name));
        assert_eq!(cells, ["ok", "ok", "FAIL", "-"]);
        assert_eq!(failures(&columns), ["ktls, 1 CPU: c: x"]);
    }

    #[test]
    fn programs_are_counted_by_folder() {
        let columns = [
            column(1, &[("ktls/a", Verdict::Ok), ("ktls/b", Verdict::Ok), ("vfork/a", Verdict::Ok)]),
            column(2, &[("ktls/a", Verdict::Ok), ("ktls/b", Verdict::Failed("x".into()))]),
        ];
        let cells = ["ktls", "vfork", "os"].map(|area| area_cell(&columns, "ktls", area));
        assert_eq!(cells, ["FAIL 1 of 2", "1 ok", "-"]);
    }
}
