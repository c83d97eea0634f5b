//! Bar charts as SVG.

use anyhow::{Result, anyhow};
use plotters::prelude::*;

use super::measure::Metric;
use super::report_text::{number, unit};

const WIDTH: u32 = 640;
const BAR: u32 = 22;
const COLOURS: [RGBColor; 8] = [
    RGBColor(0, 114, 178),
    RGBColor(230, 159, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(213, 94, 0),
    RGBColor(120, 120, 120),
    RGBColor(170, 160, 40),
];

/// One metric: a bar for each peer's median, a whisker from its smallest to its largest round, the figure beside it.
pub fn bars(metric: &Metric) -> Result<String> {
    let mut svg = String::new();
    let count = metric.peers.len() as u32;
    let height = BAR * count + 34;
    {
        let root = SVGBackend::with_string(&mut svg, (WIDTH, height)).into_drawing_area();
        draw(&root, metric).map_err(|e| anyhow!("cannot draw {}: {e}", metric.name))?;
    }
    Ok(svg)
}

fn draw<DB: DrawingBackend>(
    root: &DrawingArea<DB, plotters::coord::Shift>,
    metric: &Metric,
) -> Result<(), Box<dyn std::error::Error>>
where
    DB::ErrorType: 'static,
{
    let top = metric.peers.iter().map(|f| f.value.max).fold(f64::MIN_POSITIVE, f64::max);
    let count = metric.peers.len() as i32;
    let mut chart = ChartBuilder::on(root)
        .margin_right(90)
        .set_label_area_size(LabelAreaPosition::Left, 96)
        .set_label_area_size(LabelAreaPosition::Bottom, 30)
        .build_cartesian_2d(0.0..top * 1.02, 0.0..f64::from(count))?;
    chart.configure_mesh().disable_y_mesh().disable_y_axis().x_labels(6).x_desc(unit(metric)).draw()?;
    for (index, figure) in metric.peers.iter().enumerate() {
        let y = f64::from(count - 1 - index as i32);
        let colour = COLOURS[index % COLOURS.len()];
        chart.draw_series([Rectangle::new(
            [(0.0, y + 0.15), (figure.value.median, y + 0.85)],
            colour.filled(),
        )])?;
        let whisker = vec![(figure.value.min, y + 0.5), (figure.value.max, y + 0.5)];
        chart.draw_series([PathElement::new(whisker, BLACK.stroke_width(1))])?;
        let place = chart.backend_coord(&(0.0, y + 0.5));
        root.draw(&Text::new(figure.peer.clone(), (8, place.1 - 7), ("sans-serif", 13)))?;
        let end = chart.backend_coord(&(figure.value.max, y + 0.5));
        root.draw(&Text::new(number(figure.value.median), (end.0 + 6, place.1 - 7), ("sans-serif", 13)))?;
    }
    root.present()?;
    Ok(())
}
