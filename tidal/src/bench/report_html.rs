//! The report: one HTML file that needs nothing else.

use std::fmt::Write;

use anyhow::Result;

use super::chart;
use super::family::Family;
use super::measure::{Better, Metric, Results};
use super::report_text::{number, unit};

const STYLE: &str = "body{font:15px/1.5 sans-serif;max-width:1180px;margin:2em auto;padding:0 1em;color:#222}\
table{border-collapse:collapse;font-size:14px}td,th{padding:.15em .7em;border-bottom:1px solid #ddd;text-align:right;\
white-space:nowrap}td:first-child,th:first-child{text-align:left}figure{margin:1.8em 0}figcaption{font-weight:bold}\
.both{display:flex;flex-wrap:wrap;gap:0 2em;align-items:center}.both svg{max-width:100%}\
.note{background:#fff3cd;padding:.6em 1em}.ahead{color:#006400}.behind{color:#a00000}small{color:#555;font-weight:normal}";

/// The whole page.
pub fn page(results: &Results) -> Result<String> {
    let mut html = String::new();
    let m = &results.machine;
    write!(
        html,
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Tidal: benchmark</title><style>{STYLE}</style>\
         <h1>Tidal and its peers</h1><p>{}, {} CPUs, Linux {}.<br>{}.</p>",
        escape(&m.cpu),
        m.cpus,
        escape(&m.kernel),
        escape(&m.versions.join("; "))
    )?;
    write!(
        html,
        "<p>{} rounds, interleaved: every peer ran once in each. Figures are medians over the rounds. “Ahead” is how many \
         times better Tidal is than the peer: the median of the rounds' own ratios, with the smallest and the largest. In \
         bar charts a thin line spans the rounds from least to most, as far as the axis goes; it is made for the medians.</p>",
        results.rounds
    )?;
    if results.is_noisy() {
        write!(html, "<p class=\"note\">{}</p>", results.noise())?;
    }
    html.push_str("<p>");
    for group in groups(results) {
        write!(html, "<a href=\"#{0}\">{0}</a> ", escape(group))?;
    }
    html.push_str("</p>");
    for group in groups(results) {
        write!(html, "<h2 id=\"{0}\">{0}</h2>", escape(group))?;
        let mut shown = Vec::new();
        for metric in results.metrics.iter().filter(|m| m.group == group) {
            match Family::of(metric, &results.metrics) {
                None => section(&mut html, metric)?,
                Some(family) if shown.contains(&family.name) => {}
                Some(family) => {
                    shown.push(family.name);
                    family_section(&mut html, &family)?;
                }
            }
        }
    }
    if !results.failures.is_empty() {
        html.push_str("<h2>Not measured</h2><ul>");
        for failure in &results.failures {
            write!(html, "<li><pre>{}</pre>", escape(failure))?;
        }
        html.push_str("</ul>");
    }
    html.push_str("</html>\n");
    Ok(html)
}

fn groups(results: &Results) -> Vec<&str> {
    let mut groups: Vec<&str> = results.metrics.iter().map(|m| m.group.as_str()).collect();
    groups.dedup();
    groups
}

fn begin(html: &mut String, name: &str, metric: &Metric, chart: &str) -> Result<()> {
    let sense = if metric.better == Better::Less { "less is better" } else { "more is better" };
    write!(
        html,
        "<figure><figcaption>{} <small>{}, {sense}. Measured: {}</small></figcaption><div class=\"both\">{chart}<table><tr>",
        escape(name),
        escape(&metric.unit),
        escape(&metric.what),
    )?;
    Ok(())
}

fn section(html: &mut String, metric: &Metric) -> Result<()> {
    begin(html, &metric.name, metric, &chart::bars(metric)?)?;
    write!(html, "<th>peer<th>{}<th>from<th>to<th>Tidal ahead", escape(&unit(metric)))?;
    for f in &metric.peers {
        let v = f.value;
        write!(
            html,
            "<tr><td>{}<td>{}<td>{}<td>{}",
            escape(&f.peer),
            number(v.median),
            number(v.min),
            number(v.max)
        )?;
        match f.tidal_ahead {
            None => html.push_str("<td>"),
            Some(r) => write!(
                html,
                "<td class=\"{}\">{} ({} to {})",
                class(r.median),
                times(r.median),
                number(r.min),
                number(r.max)
            )?,
        }
    }
    html.push_str("</table></div></figure>");
    Ok(())
}

/// A table of medians, a row for each number of threads, with how far Tidal is ahead.
fn family_section(html: &mut String, family: &Family) -> Result<()> {
    begin(html, family.name, family.metrics[0], &chart::lines(family)?)?;
    html.push_str("<th>threads");
    let peers = family.peers();
    for peer in &peers {
        write!(html, "<th>{}", escape(peer))?;
    }
    for (index, threads) in family.threads.iter().enumerate() {
        write!(html, "<tr><td>{threads}")?;
        for peer in &peers {
            html.push_str("<td>");
            let Some(f) = family.figure(index, peer) else { continue };
            write!(html, "{}", number(f.value.median))?;
            if let Some(r) = f.tidal_ahead {
                write!(html, " <span class=\"{}\">({})</span>", class(r.median), times(r.median))?;
            }
        }
    }
    html.push_str("</table></div></figure>");
    Ok(())
}

fn class(ahead: f64) -> &'static str {
    if ahead >= 1.0 { "ahead" } else { "behind" }
}

fn times(ahead: f64) -> String {
    format!("{}×", number(ahead))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
