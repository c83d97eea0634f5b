//! The table: check by check, kernel by kernel.

use comfy_table::{Cell, CellAlignment, Table, presets};

use super::verdict::{Outcome, Verdict};

/// One boot's outcome and where it belongs.
pub struct Column {
    /// The kernel's name.
    pub kernel: String,
    /// CPUs, for the messages.
    pub cpus: u32,
    /// What happened.
    pub outcome: Outcome,
}

/// The table's text, without what failed: for that see [`failures`].
pub fn render(columns: &[Column]) -> String {
    let mut kernels: Vec<&str> = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    for column in columns {
        if !kernels.contains(&column.kernel.as_str()) {
            kernels.push(&column.kernel);
        }
        for (name, _) in &column.outcome.rows {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
    }
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    table.set_header(std::iter::once("").chain(kernels.iter().copied()));
    for name in names {
        let cells = kernels.iter().map(|kernel| Cell::new(cell(columns, kernel, name)));
        table.add_row(std::iter::once(Cell::new(name)).chain(cells));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.trim_fmt()
}

/// The worst of all boots of a kernel; what applied nowhere is "n/a", what never ran is "-".
fn cell(columns: &[Column], kernel: &str, name: &str) -> &'static str {
    let mut result = "-";
    for column in columns.iter().filter(|column| column.kernel == kernel) {
        for (_, verdict) in column.outcome.rows.iter().filter(|(n, _)| n == name) {
            result = match (verdict, result) {
                (Verdict::Failed(_), _) | (_, "FAIL") => "FAIL",
                (Verdict::Ok, _) | (_, "ok") => "ok",
                (Verdict::NotApplicable, _) => "n/a",
            };
        }
    }
    result
}

/// A line for all that went wrong.
pub fn failures(columns: &[Column]) -> Vec<String> {
    let mut lines = Vec::new();
    for Column { kernel, cpus, outcome } in columns {
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
        Column { kernel: "ktls".into(), cpus, outcome: Outcome { rows, faults: Vec::new() } }
    }

    #[test]
    fn the_worst_boot_decides() {
        let failed = Verdict::Failed("x".into());
        let columns = [
            column(1, &[("a", Verdict::NotApplicable), ("b", Verdict::Ok), ("c", failed)]),
            column(2, &[("a", Verdict::Ok), ("b", Verdict::Ok), ("c", Verdict::Ok)]),
        ];
        assert_eq!(["a", "b", "c", "d"].map(|name| cell(&columns, "ktls", name)), ["ok", "ok", "FAIL", "-"]);
        assert_eq!(failures(&columns), ["ktls, 1 CPU: c: x"]);
    }
}
