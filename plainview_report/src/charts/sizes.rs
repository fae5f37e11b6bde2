//! How large objects are: bars over powers of two of bytes.
//!
//! A sparkline with its two ends and its highest bar labelled; the table behind it has every
//! count.

use crate::Error;
use crate::charts::canvas::{Align, Caption, GRID, LISTED, MUTED, Weight, chart};
use crate::figures;

/// Draws bars of `counts`; entry `i` counts objects of at least `floors[i]` bytes and below the
/// next floor.
pub(crate) fn draw(buckets: &[(u64, u64)], caption: &Caption<'_>) -> Result<String, Error> {
    let most = buckets
        .iter()
        .map(|bucket| bucket.1)
        .max()
        .unwrap_or(0)
        .max(1);
    let (width, bottom, tall) = (316_i32, 74_i32, 66_u128);
    let columns = i32::try_from(buckets.len().max(1)).unwrap_or(i32::MAX);
    let bar = (width / columns).clamp(2, 28);
    chart((316, 98), "chart sizes", caption, |canvas| {
        for (column, (_, count)) in (0_i32..).zip(buckets) {
            if *count == 0 {
                continue;
            }
            let tall = (u128::from(*count) * tall).div_ceil(u128::from(most));
            let top = bottom - i32::try_from(tall).unwrap_or(0).max(1);
            canvas.fill(
                (column * bar, top),
                ((column + 1) * bar - 1, bottom),
                LISTED,
            )?;
        }
        canvas.line((0, bottom), (columns * bar, bottom), GRID, 1)?;
        let ends = (buckets.first(), buckets.last());
        if let (Some((first, _)), Some((last, _))) = ends {
            let y = bottom + 14;
            let first = format!("from {}", figures::bytes(u128::from(*first)));
            canvas.text(&first, (0, y), Align::Start, Weight::Plain, MUTED)?;
            if buckets.len() > 1 && columns * bar >= 200 {
                let last = format!("to {}", figures::bytes(u128::from(*last) * 2));
                canvas.text(&last, (columns * bar, y), Align::End, Weight::Plain, MUTED)?;
            }
        }
        Ok(())
    })
}
