//! The report: one HTML file that needs nothing else.

use std::fmt::Write;

use anyhow::Result;

use super::chart;
use super::measure::{Better, Metric, Results};
use super::report_text::{number, unit};

const STYLE: &str = "body{font:15px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color:#222}\
table{border-collapse:collapse;margin:1em 0}td,th{padding:.2em .8em;border-bottom:1px solid #ddd;text-align:right}\
td:first-child,th:first-child{text-align:left}figure{margin:1.5em 0}figcaption{font-weight:bold}\
.note{background:#fff3cd;padding:.6em 1em}.ahead{color:#006400}.behind{color:#a00000}small{color:#555}";

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
         the charts a line spans the rounds from least to most.</p>",
        results.rounds
    )?;
    if results.is_noisy() {
        write!(
            html,
            "<p class=\"note\">The machine was busy: a fixed piece of work took {:.2} to {:.2} ms. Trust ratios more than \
             times, and small differences not at all.</p>",
            results.yardstick.min, results.yardstick.max
        )?;
    }
    let mut group = "";
    for metric in &results.metrics {
        if metric.group != group {
            group = &metric.group;
            write!(html, "<h2>{}</h2>", escape(group))?;
        }
        section(&mut html, metric)?;
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

fn section(html: &mut String, metric: &Metric) -> Result<()> {
    let sense = if metric.better == Better::Less { "less is better" } else { "more is better" };
    write!(
        html,
        "<figure><figcaption>{} <small>({}, {sense}) {}</small></figcaption>{}</figure>",
        escape(&metric.name),
        escape(&metric.unit),
        escape(&metric.what),
        chart::bars(metric)?
    )?;
    write!(html, "<table><tr><th>peer<th>{}<th>from<th>to<th>Tidal ahead", escape(&unit(metric)))?;
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
            Some(r) => {
                let class = if r.median >= 1.0 { "ahead" } else { "behind" };
                write!(html, "<td class=\"{class}\">{:.2}× ({:.2} to {:.2})", r.median, r.min, r.max)?;
            }
        }
    }
    html.push_str("</table>");
    Ok(())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
