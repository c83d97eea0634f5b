//! The table on the terminal.

use comfy_table::{CellAlignment, Table, presets};

use super::measure::{Better, Metric, Results, peer_order};

/// Prints all metrics, group by group, a column for each peer: its median, and how far Tidal is ahead.
pub fn print(results: &Results) {
    let m = &results.machine;
    println!(
        "{}, {} CPUs, Linux {}; {} rounds, interleaved; medians",
        m.cpu, m.cpus, m.kernel, results.rounds
    );
    println!("{}", m.versions.join("; "));
    println!("In parentheses: how many times better Tidal is (median of the rounds' own ratios).");
    let mut groups: Vec<&str> = results.metrics.iter().map(|m| m.group.as_str()).collect();
    groups.dedup();
    for group in groups {
        println!("\n{group}");
        println!("{}", table(results.metrics.iter().filter(|m| m.group == group)));
    }
    for failure in &results.failures {
        println!("not measured: {failure}");
    }
    if results.is_noisy() {
        println!("\n{}", results.noise());
    }
}

fn table<'a>(metrics: impl Iterator<Item = &'a Metric> + Clone) -> Table {
    let mut peers: Vec<String> = Vec::new();
    for figure in metrics.clone().flat_map(|m| &m.peers) {
        if !peers.contains(&figure.peer) {
            peers.push(figure.peer.clone());
        }
    }
    peers.sort_by_key(|p| peer_order(p));
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    let mut head = vec!["".to_owned(), "unit".to_owned()];
    head.extend(peers.iter().cloned());
    table.set_header(head);
    for m in metrics {
        let mut row = vec![m.name.clone(), unit(m)];
        for peer in &peers {
            let figure = m.peers.iter().find(|f| &f.peer == peer);
            row.push(figure.map_or_else(String::new, |f| match f.tidal_ahead {
                Some(ratio) => format!("{} ({:.2}x)", number(f.value.median), ratio.median),
                None => number(f.value.median),
            }));
        }
        table.add_row(row);
    }
    for column in table.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// The unit, with an arrow where more is better.
pub fn unit(m: &Metric) -> String {
    if m.better == Better::More { format!("{} ↑", m.unit) } else { m.unit.clone() }
}

/// Three significant digits or so.
pub fn number(value: f64) -> String {
    match value.abs() {
        v if v >= 100.0 => format!("{value:.0}"),
        v if v >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}
