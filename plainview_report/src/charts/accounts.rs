//! Billed, metered and listed bytes of one account, month by month, as bars beside each other.
//!
//! A bar is solid up to the lower bound and an empty box up to the upper one; an open upper
//! bound ends in an arrow head. What the frame says beyond the list is a hatched box standing on
//! the list's bar. Refuses to draw a point where the records give an interval.

use crate::Error;
use crate::charts::canvas::{
    Align, BILLED, Canvas, Caption, FAINT, GRID, INK, LISTED, METERED, MISSING, MUTED, Weight,
    chart,
};
use crate::figures;
use plainview_weigh::reconcile::AmountKind;

/// Months beyond this are left to the table.
pub(crate) const MONTHS_MAX: usize = 36;

/// One account's bars.
pub(crate) struct AccountChart {
    /// What each bar of a group measures, left to right.
    pub(crate) series: Vec<AmountKind>,
    /// Groups, in time order.
    pub(crate) months: Vec<MonthBars>,
}

/// One month's bars.
pub(crate) struct MonthBars {
    /// `yyyy-mm`.
    pub(crate) month: String,
    /// One per series; `None` where no record speaks.
    pub(crate) bars: Vec<Option<Bar>>,
    /// The box of what is missing.
    pub(crate) missing: Option<Missing>,
}

/// An interval in GiB-months.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bar {
    /// Lower bound.
    pub(crate) lo: f64,
    /// Upper bound; `None` is open.
    pub(crate) hi: Option<f64>,
}

/// What a frame says beyond a list, in GiB-months.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Missing {
    /// The series whose bar the box stands on.
    pub(crate) series: usize,
    /// Upper bound of the list.
    pub(crate) from: f64,
    /// Lower bound of the frame.
    pub(crate) to: f64,
}

/// Unit of the axis.
struct Axis {
    unit: &'static str,
    gib_months: f64,
    top: f64,
    step: f64,
}

impl Axis {
    fn fit(most: f64) -> Self {
        let (unit, gib_months) = if most >= 4.0 * 1_048_576.0 {
            ("PiB-months", 1_048_576.0)
        } else if most >= 4096.0 {
            ("TiB-months", 1024.0)
        } else {
            ("GiB-months", 1.0)
        };
        let most = (most / gib_months).max(0.001);
        let mut decade = 0.001;
        while decade * 10.0 <= most {
            decade *= 10.0;
        }
        let step = [0.25, 0.5, 1.0, 2.0, 2.5]
            .into_iter()
            .map(|share| share * decade)
            .find(|step| most / step <= 4.0)
            .unwrap_or(2.5 * decade);
        let mut top = step;
        while top < most {
            top += step;
        }
        Self {
            unit,
            gib_months,
            top,
            step,
        }
    }

    fn label(&self, tick: f64) -> String {
        if self.step.fract() == 0.0 {
            return group(&format!("{tick:.0}"));
        }
        let shown = format!("{tick:.3}");
        shown.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

fn group(whole: &str) -> String {
    whole
        .parse::<u128>()
        .map_or_else(|_| whole.to_owned(), figures::grouped)
}

/// Where the bars stand, in pixels.
struct Plot {
    left: i32,
    right: i32,
    top: i32,
    bottom: i32,
    axis: Axis,
}

impl Plot {
    fn y(&self, gib_months: f64) -> i32 {
        let share = (gib_months / self.axis.gib_months / self.axis.top).clamp(0.0, 1.0);
        self.bottom - whole(share * f64::from(self.bottom - self.top))
    }
}

/// The nearest whole pixel of a coordinate that is known to be within the chart.
fn whole(pixels: f64) -> i32 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "coordinates are clamped to the chart"
    )]
    let pixels = pixels.round() as i32;
    pixels
}

/// Draws the chart `width` pixels wide.
pub(crate) fn draw(
    data: &AccountChart,
    width: u32,
    class: &str,
    caption: &Caption<'_>,
) -> Result<String, Error> {
    let height = 292;
    let reach = data
        .months
        .iter()
        .flat_map(|month| {
            let bars = month
                .bars
                .iter()
                .flatten()
                .map(|bar| bar.hi.unwrap_or(bar.lo * 1.12));
            bars.chain(month.missing.map(|missing| missing.to))
        })
        .fold(0.0_f64, f64::max);
    let plot = Plot {
        left: 50,
        right: i32::try_from(width).unwrap_or(i32::MAX) - 4,
        top: 44,
        bottom: height - 44,
        axis: Axis::fit(reach),
    };
    chart((width, height.unsigned_abs()), class, caption, |canvas| {
        draw_axis(canvas, &plot)?;
        let groups = i32::try_from(data.months.len().max(1)).unwrap_or(i32::MAX);
        let step = (plot.right - plot.left) / groups;
        for (number, month) in (0_i32..).zip(&data.months) {
            let left = plot.left + number * step;
            draw_month(canvas, &plot, data, month, (left, left + step))?;
            draw_month_label(canvas, &plot, &month.month, number, (left, left + step))?;
        }
        canvas.line((plot.left, plot.bottom), (plot.right, plot.bottom), INK, 1)
    })
}

fn draw_axis(canvas: &Canvas<'_>, plot: &Plot) -> Result<(), Error> {
    canvas.text(plot.axis.unit, (0, 12), Align::Start, Weight::Bold, INK)?;
    let mut tick = 0.0;
    while tick <= plot.axis.top + plot.axis.step / 2.0 {
        let y = plot.y(tick * plot.axis.gib_months);
        canvas.line((plot.left, y), (plot.right, y), GRID, 1)?;
        let label = plot.axis.label(tick);
        canvas.text(&label, (plot.left - 8, y), Align::End, Weight::Plain, MUTED)?;
        tick += plot.axis.step;
    }
    Ok(())
}

fn draw_month(
    canvas: &Canvas<'_>,
    plot: &Plot,
    data: &AccountChart,
    month: &MonthBars,
    (left, right): (i32, i32),
) -> Result<(), Error> {
    let series = i32::try_from(data.series.len().max(1)).unwrap_or(i32::MAX);
    let bar_width = ((right - left) * 3 / 4 / series).clamp(1, 44);
    let gap = i32::from(bar_width > 6) * 2;
    let mut x = i32::midpoint(left, right) - bar_width * series / 2;
    for (number, (measure, bar)) in data.series.iter().zip(&month.bars).enumerate() {
        let columns = (x, x + bar_width - gap);
        if let Some(bar) = bar {
            draw_bar(canvas, plot, *measure, *bar, columns)?;
        }
        if let Some(missing) = month.missing.filter(|missing| missing.series == number) {
            let (top, bottom) = (plot.y(missing.to), plot.y(missing.from));
            canvas.hatch((columns.0, top), (columns.1, bottom), MISSING)?;
        }
        x += bar_width;
    }
    // Written last, so that no later bar covers it.
    if let Some(missing) = month.missing.filter(|_| right - left >= 40) {
        let mut label = missing_label(plot, missing);
        if right - left >= 104 {
            label.push_str(" missing");
        }
        let place = (i32::midpoint(left, right), plot.y(missing.to) - 12);
        canvas.text(&label, place, Align::Middle, Weight::Bold, MISSING)?;
    }
    Ok(())
}

fn missing_label(plot: &Plot, missing: Missing) -> String {
    let amount = (missing.to - missing.from) / plot.axis.gib_months;
    if amount >= 100.0 {
        return format!("\u{2265} {}", group(&format!("{:.0}", amount.floor())));
    }
    format!("\u{2265} {:.1}", (amount * 10.0).floor() / 10.0)
}

fn draw_bar(
    canvas: &Canvas<'_>,
    plot: &Plot,
    measure: AmountKind,
    bar: Bar,
    (left, right): (i32, i32),
) -> Result<(), Error> {
    let color = match measure {
        AmountKind::Billed => BILLED,
        AmountKind::Metered => METERED,
        AmountKind::Listed => LISTED,
    };
    let solid = plot.y(bar.lo);
    match bar.hi {
        Some(hi) if plot.y(hi) < solid => {
            canvas.fill((left, plot.y(hi)), (right, solid), FAINT)?;
            canvas.outline((left, plot.y(hi)), (right, solid), color)?;
        }
        Some(_) => {}
        None => {
            let (top, middle) = (plot.top, i32::midpoint(left, right));
            canvas.fill((left, top), (right, solid), FAINT)?;
            canvas.line((left, top), (left, solid), color, 1)?;
            canvas.line((right, top), (right, solid), color, 1)?;
            canvas.line((left, top), (middle, top - 8), color, 1)?;
            canvas.line((middle, top - 8), (right, top), color, 1)?;
        }
    }
    canvas.fill((left, solid), (right, plot.bottom), color)
}

fn draw_month_label(
    canvas: &Canvas<'_>,
    plot: &Plot,
    month: &str,
    number: i32,
    (left, right): (i32, i32),
) -> Result<(), Error> {
    let (name, year) = figures::month_short(month);
    let middle = i32::midpoint(left, right);
    let room = right - left;
    if room >= 30 {
        canvas.text(
            &name,
            (middle, plot.bottom + 14),
            Align::Middle,
            Weight::Plain,
            INK,
        )?;
    } else if room >= 10 || number % 3 == 0 {
        let initial = name.get(..1).unwrap_or(&name);
        canvas.text(
            initial,
            (middle, plot.bottom + 14),
            Align::Middle,
            Weight::Plain,
            INK,
        )?;
    }
    if number == 0 || name == "Jan" {
        let x = if room >= 30 { middle } else { left };
        let align = if room >= 30 {
            Align::Middle
        } else {
            Align::Start
        };
        canvas.text(&year, (x, plot.bottom + 32), align, Weight::Plain, MUTED)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_axis_covers_what_it_shows_in_few_round_steps() {
        for most in [0.0, 0.4, 1.0, 3.0, 7.5, 99.0, 1200.0, 4096.0, 52_900.0, 9e9] {
            let axis = Axis::fit(most);
            assert!(axis.top * axis.gib_months >= most, "{most}");
            assert!(axis.top / axis.step <= 5.0, "{most}");
        }
        assert_eq!(Axis::fit(52_900.0).unit, "TiB-months");
        assert_eq!(Axis::fit(1200.0).label(1000.0), "1,000");
    }

    #[test]
    fn the_most_months_stay_inside_the_narrowest_chart() {
        let series = vec![AmountKind::Billed, AmountKind::Metered, AmountKind::Listed];
        let month = |number: usize| MonthBars {
            month: format!("{}-{:02}", 2022 + number / 12, number % 12 + 1),
            bars: vec![
                Some(Bar {
                    lo: 900.0,
                    hi: Some(1000.0),
                }),
                None,
                Some(Bar { lo: 0.0, hi: None }),
            ],
            missing: Some(Missing {
                series: 2,
                from: 100.0,
                to: 900.0,
            }),
        };
        let data = AccountChart {
            series,
            months: (0..MONTHS_MAX).map(month).collect(),
        };
        let caption = Caption {
            id: "c",
            title: "t",
            description: "d",
        };
        let svg = draw(&data, 350, "chart", &caption).unwrap();
        let lines: Vec<&str> = svg.split("points=\"").skip(1).collect();
        assert!(lines.len() > MONTHS_MAX);
        for line in lines {
            for point in line.split('"').next().unwrap().split_whitespace() {
                let (x, y) = point.split_once(',').unwrap();
                assert!((0..=350).contains(&x.parse::<i32>().unwrap()), "{point}");
                assert!((0..=292).contains(&y.parse::<i32>().unwrap()), "{point}");
            }
        }
        assert_eq!(
            svg.matches(">2022<").count() + svg.matches(">\n2022\n<").count(),
            1
        );
    }
}
