//! Charts as inline SVG, drawn by `plotters`: real text, whole pixels, the same bytes every time.
//!
//! A chart is never the only place a figure stands: the page prints a table behind each. Nothing
//! here tells two things apart by colour alone. Colours are written for paper; the page's
//! stylesheet maps them for dark screens by attribute.

pub(crate) mod accounts;
pub(crate) mod canvas;
pub(crate) mod sizes;
pub(crate) mod strip;
pub(crate) mod week;
