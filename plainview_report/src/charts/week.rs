//! When objects arrive: a strip of the 168 hours of a week, shaded more strongly where more arrive.
//!
//! The shade has five steps and the table behind it the counts. Hours are UTC. It describes
//! objects; it says nothing about people.

use plotters::style::RGBColor;

use crate::Error;
use crate::charts::canvas::{Align, Caption, FAINT, MUTED, Weight, chart};

/// Hours in a week, Monday 00:00 UTC first.
pub(crate) const HOURS: usize = 168;

const STEPS: [RGBColor; 4] = [
    RGBColor(0xc9, 0xd8, 0xe0),
    RGBColor(0x8f, 0xb3, 0xc6),
    RGBColor(0x4f, 0x8b, 0xaa),
    RGBColor(0x14, 0x52, 0x72),
];
const DAYS: [&str; 7] = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];

/// Draws the strip of `counts`, one per hour of the week.
pub(crate) fn draw(counts: &[u64; HOURS], caption: &Caption<'_>) -> Result<String, Error> {
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    let (left, top, cell) = (26, 4, 12);
    let size = (26 + 24 * 12 + 2, 4 + 7 * 12 + 22);
    chart(size, "chart week", caption, |canvas| {
        for (row, (name, day)) in (0_i32..).zip(DAYS.iter().zip(counts.chunks_exact(24))) {
            let y = top + row * cell;
            canvas.text(name, (0, y + cell / 2), Align::Start, Weight::Plain, MUTED)?;
            for (column, count) in (0_i32..).zip(day) {
                let x = left + column * cell;
                let color = step(*count, most);
                canvas.fill((x, y), (x + cell - 1, y + cell - 1), color)?;
            }
        }
        let y = top + 7 * cell + 11;
        for (hour, name) in [(0, "0 h"), (6, "6"), (12, "12"), (18, "18"), (24, "24 UTC")] {
            let align = match hour {
                0 => Align::Start,
                24 => Align::End,
                _ => Align::Middle,
            };
            canvas.text(name, (left + hour * cell, y), align, Weight::Plain, MUTED)?;
        }
        Ok(())
    })
}

/// Nothing, then four quarters of the busiest hour.
fn step(count: u64, most: u64) -> RGBColor {
    if count == 0 {
        return FAINT;
    }
    let quarter = (u128::from(count) * 4).div_ceil(u128::from(most));
    STEPS[usize::try_from(quarter).unwrap_or(4).clamp(1, 4) - 1]
}
