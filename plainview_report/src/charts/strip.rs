//! What was reviewed, day by day: one strip per kind of record, a column per day, shaded by state.
//!
//! Where stores of an account differ, a column is divided among their states. A letter under each longer
//! run names its state, so that nothing is told by colour alone.

use plainview_weigh::ledger::{Day, Ledger, State, Strip};
use plotters::style::RGBColor;

use crate::Error;
use crate::charts::canvas::{
    Align, BILLED, Canvas, Caption, FAINT, GRID, INK, LISTED, METERED, MISSING, MUTED, Weight,
    chart,
};
use crate::figures;

/// Presence only: a lighter shade of what is reviewed.
const PRESENCE: RGBColor = RGBColor(0x8f, 0xb3, 0xc6);

/// Height of one strip with its letters, and of the strip alone.
const ROW: i32 = 32;
const BAND: i32 = 14;
const TOP: i32 = 6;

/// The letter under a run.
pub(crate) fn letter(state: State) -> &'static str {
    match state {
        State::Reviewed => "R",
        State::Presence => "P",
        State::Unreadable => "U",
        State::Denied => "D",
        State::Withheld => "W",
        State::Missing => "M",
        State::OutOfScope => "O",
        State::Unknown => "?",
    }
}

/// Where days stand, in pixels.
struct Scale {
    left: i32,
    width: i32,
    from: Day,
    days: i64,
}

impl Scale {
    fn x(&self, day: Day) -> i32 {
        let along = (day.0 - self.from.0) * i64::from(self.width) / self.days.max(1);
        self.left + i32::try_from(along).unwrap_or(self.width)
    }
}

/// Draws the strips of one account.
pub(crate) fn draw(
    ledger: &Ledger,
    strips: &[&Strip],
    width: u32,
    class: &str,
    caption: &Caption<'_>,
) -> Result<String, Error> {
    let rows = i32::try_from(strips.len()).unwrap_or(1);
    let height = TOP + rows * ROW + 24;
    let size = (width, u32::try_from(height).unwrap_or(200));
    let left = 80;
    let scale = Scale {
        left,
        width: i32::try_from(width).unwrap_or(696) - left - 8,
        from: ledger.from,
        days: ledger.until.0 - ledger.from.0,
    };
    chart(size, class, caption, |canvas| {
        axis(canvas, &scale, ledger, TOP + rows * ROW)?;
        for (number, strip) in (0_i32..).zip(strips) {
            let y = TOP + number * ROW;
            let name = strip.kind.as_str();
            canvas.text(name, (0, y + BAND / 2), Align::Start, Weight::Plain, INK)?;
            for (from, until, counts) in &strip.runs {
                let cells: u64 = counts.values().sum();
                let (x, end) = (scale.x(*from), scale.x(*until));
                let mut below = 0;
                for state in State::ALL {
                    let Some(count) = counts.get(&state) else {
                        continue;
                    };
                    let upper = edge(below, cells);
                    below += count;
                    let lower = edge(below, cells);
                    if lower > upper && end > x {
                        band(canvas, (x, y + upper), (end, y + lower), state)?;
                    }
                }
                if let (1, Some(state)) = (counts.len(), counts.keys().next())
                    && end - x >= 12
                {
                    let at = (i32::midpoint(x, end), y + BAND + 8);
                    canvas.text(letter(*state), at, Align::Middle, Weight::Plain, MUTED)?;
                }
            }
        }
        Ok(())
    })
}

/// Pixels from the top of a band after this many of its cells.
fn edge(cells: u64, all: u64) -> i32 {
    let height = u64::from(BAND.unsigned_abs());
    i32::try_from(cells.saturating_mul(height) / all.max(1)).unwrap_or(BAND)
}

fn band(canvas: &Canvas<'_>, from: (i32, i32), to: (i32, i32), state: State) -> Result<(), Error> {
    match state {
        State::Reviewed => canvas.fill(from, to, LISTED),
        State::Presence => canvas.fill(from, to, PRESENCE),
        State::Missing => canvas.fill(from, to, MISSING),
        State::Unreadable => canvas.hatch(from, to, MISSING),
        State::Withheld => canvas.fill(from, to, BILLED),
        State::Denied => canvas.hatch(from, to, BILLED),
        State::Unknown => {
            canvas.fill(from, to, FAINT)?;
            canvas.outline(from, to, METERED)
        }
        State::OutOfScope => canvas.outline(from, to, GRID),
    }
}

/// First days of months, named where there is room.
fn axis(canvas: &Canvas<'_>, scale: &Scale, ledger: &Ledger, bottom: i32) -> Result<(), Error> {
    let mut free = scale.left - 40;
    let mut last = String::new();
    for day in ledger.from.0..ledger.until.0 {
        let (day, month) = (Day(day), Day(day).month());
        if month == last {
            continue;
        }
        let x = scale.x(day);
        canvas.line((x, TOP), (x, bottom), GRID, 1)?;
        if x >= free {
            let (short, year) = figures::month_short(&month);
            let first = last.is_empty() || month.ends_with("-01");
            let label = if first {
                format!("{short} {year}")
            } else {
                short
            };
            canvas.text(&label, (x, bottom + 11), Align::Start, Weight::Plain, MUTED)?;
            free = x + if first { 74 } else { 40 };
        }
        last = month;
    }
    Ok(())
}
