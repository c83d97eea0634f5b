//! Charts as SVG: bars for one metric, lines for one that was measured with several numbers of threads.

use anyhow::{Result, anyhow};
use plotters::coord::Shift;
use plotters::prelude::*;

use super::family::Family;
use super::measure::Metric;
use super::report_text::{number, unit};

const WIDTH: u32 = 620;
const BAR: u32 = 24;
const FONT: (&str, u32) = ("sans-serif", 14);
const COLOURS: [RGBColor; 10] = [
    RGBColor(0, 114, 178),
    RGBColor(230, 159, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(213, 94, 0),
    RGBColor(120, 120, 120),
    RGBColor(170, 160, 40),
    RGBColor(90, 60, 160),
    RGBColor(120, 80, 40),
];

type Drawn = std::result::Result<(), Box<dyn std::error::Error>>;

/// One metric: a bar for each peer's median with the figure beside it, a whisker from its smallest to its largest round. The
/// axis is made for the medians; a whisker that goes beyond its end is cut off there.
pub fn bars(metric: &Metric) -> Result<String> {
    drawn(&metric.name, BAR * metric.peers.len() as u32 + 46, |root| draw_bars(root, metric))
}

/// One metric over numbers of threads: a line for each peer through its medians.
pub fn lines(family: &Family) -> Result<String> {
    drawn(family.name, 300, |root| draw_lines(root, family))
}

fn drawn(
    name: &str,
    height: u32,
    draw: impl FnOnce(&DrawingArea<SVGBackend, Shift>) -> Drawn,
) -> Result<String> {
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, (WIDTH, height)).into_drawing_area();
        draw(&root).map_err(|e| anyhow!("cannot draw {name}: {e}"))?;
    }
    Ok(svg)
}

fn draw_bars(root: &DrawingArea<SVGBackend, Shift>, metric: &Metric) -> Drawn {
    let medians = metric.peers.iter().map(|f| f.value.median);
    let top = medians.fold(f64::MIN_POSITIVE, f64::max) * 1.15;
    let count = metric.peers.len() as i32;
    let mut chart = ChartBuilder::on(root)
        .margin_right(100)
        .set_label_area_size(LabelAreaPosition::Left, 110)
        .set_label_area_size(LabelAreaPosition::Bottom, 42)
        .build_cartesian_2d(0.0..top, 0.0..f64::from(count))?;
    let label = unit(metric);
    let mut mesh = chart.configure_mesh();
    mesh.disable_y_mesh().disable_y_axis().x_labels(6).label_style(FONT).x_desc(label);
    mesh.light_line_style(TRANSPARENT).x_label_formatter(&|v| number(*v)).draw()?;
    for (index, figure) in metric.peers.iter().enumerate() {
        let y = f64::from(count - 1 - index as i32);
        let bar = [(0.0, y + 0.15), (figure.value.median, y + 0.85)];
        chart.draw_series([Rectangle::new(bar, COLOURS[index % COLOURS.len()].filled())])?;
        let whisker = vec![(figure.value.min.min(top), y + 0.5), (figure.value.max.min(top), y + 0.5)];
        chart.draw_series([PathElement::new(whisker, BLACK.stroke_width(1))])?;
        let (_, middle) = chart.backend_coord(&(0.0, y + 0.5));
        let (end, _) = chart.backend_coord(&(top, y + 0.5));
        root.draw(&Text::new(figure.peer.clone(), (8, middle - 7), FONT))?;
        root.draw(&Text::new(number(figure.value.median), (end + 8, middle - 7), FONT))?;
    }
    root.present()?;
    Ok(())
}

fn draw_lines(root: &DrawingArea<SVGBackend, Shift>, family: &Family) -> Drawn {
    let points = family.metrics.len();
    let peers = family.peers();
    let medians = family.metrics.iter().flat_map(|m| &m.peers).map(|f| f.value.median);
    let top = medians.fold(f64::MIN_POSITIVE, f64::max) * 1.1;
    let mut chart = ChartBuilder::on(root)
        .margin_top(8)
        .margin_right(130)
        .set_label_area_size(LabelAreaPosition::Left, 70)
        .set_label_area_size(LabelAreaPosition::Bottom, 42)
        .build_cartesian_2d(-0.3..points as f64 - 0.7, 0.0..top)?;
    // The numbers of threads, at equal distances.
    let threads = |x: &f64| match family.threads.get(x.round() as usize) {
        Some(n) if (x - x.round()).abs() < 0.01 && *x > -0.1 => n.to_string(),
        _ => String::new(),
    };
    let label = unit(family.metrics[0]);
    let mut mesh = chart.configure_mesh();
    mesh.disable_x_mesh().light_line_style(TRANSPARENT).label_style(FONT).x_labels(points).y_labels(6);
    mesh.x_desc("threads").y_desc(label).x_label_formatter(&threads);
    mesh.y_label_formatter(&|v| number(*v)).draw()?;
    for (index, peer) in peers.iter().enumerate() {
        let colour = COLOURS[index % COLOURS.len()];
        let width = if index == 0 { 3 } else { 2 };
        let line: Vec<(f64, f64)> =
            (0..points).filter_map(|x| family.figure(x, peer).map(|f| (x as f64, f.value.median))).collect();
        chart.draw_series(line.iter().map(|p| Circle::new(*p, 3, colour.filled())))?;
        chart.draw_series([PathElement::new(line, colour.stroke_width(width))])?;
        let y = 16 + 20 * index as i32;
        let x = WIDTH as i32 - 118;
        root.draw(&PathElement::new(vec![(x, y), (x + 20, y)], colour.stroke_width(width)))?;
        root.draw(&Text::new((*peer).to_owned(), (x + 26, y - 7), FONT))?;
    }
    root.present()?;
    Ok(())
}
