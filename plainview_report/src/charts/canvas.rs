//! A small drawing surface over the `plotters` SVG backend, in whole pixels.
//!
//! It knows rectangles, lines and text, and wraps the result so that a screen reader meets a
//! title and a description. It refuses anything that would need a font file.

use plotters::coord::Shift;
use plotters::drawing::DrawingArea;
use plotters::prelude::{
    Color, IntoDrawingArea, IntoFont, PathElement, RGBColor, Rectangle, SVGBackend, Text,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontStyle, TextStyle};

use crate::Error;

/// Text and axis.
pub(crate) const INK: RGBColor = RGBColor(0x1d, 0x1d, 0x1b);
/// Secondary text.
pub(crate) const MUTED: RGBColor = RGBColor(0x5e, 0x5c, 0x57);
/// Grid lines.
pub(crate) const GRID: RGBColor = RGBColor(0xdd, 0xd9, 0xcf);
/// Faint fill, for cells and for the uncertain part of a bar.
pub(crate) const FAINT: RGBColor = RGBColor(0xec, 0xe8, 0xde);
/// What is billed.
pub(crate) const BILLED: RGBColor = RGBColor(0x3d, 0x3c, 0x3a);
/// What is metered.
pub(crate) const METERED: RGBColor = RGBColor(0x9a, 0x96, 0x8c);
/// What is listed.
pub(crate) const LISTED: RGBColor = RGBColor(0x1b, 0x6b, 0x93);
/// What is missing.
pub(crate) const MISSING: RGBColor = RGBColor(0xb0, 0x2a, 0x1e);

/// Where a text hangs from its point, horizontally.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Align {
    /// Starts at the point.
    Start,
    /// Is centred on the point.
    Middle,
    /// Ends at the point.
    End,
}

/// Weight of a text.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Weight {
    /// Plain.
    Plain,
    /// Bold.
    Bold,
}

/// What a screen reader is told.
pub(crate) struct Caption<'a> {
    /// Unique on the page; letters, digits and hyphens.
    pub(crate) id: &'a str,
    /// One line.
    pub(crate) title: &'a str,
    /// What the chart shows, in a sentence or two.
    pub(crate) description: &'a str,
}

/// The surface; coordinates are pixels from the upper left.
pub(crate) struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
}

impl Canvas<'_> {
    /// A filled rectangle between two corners.
    pub(crate) fn fill(
        &self,
        from: (i32, i32),
        to: (i32, i32),
        color: RGBColor,
    ) -> Result<(), Error> {
        self.draw(&Rectangle::new([from, to], color.filled()))
    }

    /// An outline between two corners.
    pub(crate) fn outline(
        &self,
        from: (i32, i32),
        to: (i32, i32),
        color: RGBColor,
    ) -> Result<(), Error> {
        let corners = vec![from, (to.0, from.1), to, (from.0, to.1), from];
        self.draw(&PathElement::new(corners, color.stroke_width(1)))
    }

    /// A straight line.
    pub(crate) fn line(
        &self,
        from: (i32, i32),
        to: (i32, i32),
        color: RGBColor,
        width: u32,
    ) -> Result<(), Error> {
        self.draw(&PathElement::new(vec![from, to], color.stroke_width(width)))
    }

    /// A hatched rectangle: outline and slanting lines four pixels apart.
    pub(crate) fn hatch(
        &self,
        from: (i32, i32),
        to: (i32, i32),
        color: RGBColor,
    ) -> Result<(), Error> {
        let (width, height) = (to.0 - from.0, to.1 - from.1);
        let mut offset = 4;
        while offset < width + height {
            let start = (from.0 + offset.min(width), from.1 + (offset - width).max(0));
            let end = (
                from.0 + (offset - height).max(0),
                from.1 + offset.min(height),
            );
            self.line(start, end, color, 1)?;
            offset += 5;
        }
        self.outline(from, to, color)
    }

    /// A line of text whose vertical middle is at the point.
    pub(crate) fn text(
        &self,
        text: &str,
        at: (i32, i32),
        align: Align,
        weight: Weight,
        color: RGBColor,
    ) -> Result<(), Error> {
        let style = match weight {
            Weight::Plain => FontStyle::Normal,
            Weight::Bold => FontStyle::Bold,
        };
        let horizontal = match align {
            Align::Start => HPos::Left,
            Align::Middle => HPos::Center,
            Align::End => HPos::Right,
        };
        // The backend divides by 1.24; the stylesheet sets the size again in CSS pixels.
        let font = ("sans-serif", 15.5).into_font().style(style);
        let style = TextStyle::from(font)
            .color(&color)
            .pos(Pos::new(horizontal, VPos::Center));
        self.draw(&Text::new(text.to_owned(), at, style))
    }

    fn draw<E>(&self, element: &E) -> Result<(), Error>
    where
        for<'b> &'b E: plotters::element::PointCollection<'b, (i32, i32)>,
        E: for<'b> plotters::element::Drawable<SVGBackend<'b>>,
    {
        self.area
            .draw(element)
            .map_err(|error| Error::Internal(format!("a chart: {error}")))
    }
}

/// Draws a chart of the given size and returns it as an element for the page.
pub(crate) fn chart(
    size: (u32, u32),
    class: &str,
    caption: &Caption<'_>,
    draw: impl FnOnce(&Canvas<'_>) -> Result<(), Error>,
) -> Result<String, Error> {
    let mut svg = String::new();
    {
        let canvas = Canvas {
            area: SVGBackend::with_string(&mut svg, size).into_drawing_area(),
        };
        draw(&canvas)?;
        canvas
            .area
            .present()
            .map_err(|error| Error::Internal(format!("a chart: {error}")))?;
    }
    let body = svg
        .split_once('>')
        .map(|(_, body)| body)
        .ok_or_else(|| Error::Internal("a chart without an opening tag".to_owned()))?;
    let (width, height) = size;
    let (id, title, description) = (
        caption.id,
        escaped(caption.title),
        escaped(caption.description),
    );
    Ok(format!(
        "<svg class=\"{class}\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\">\n\
         <title id=\"{id}-t\">{title}</title>\n<desc id=\"{id}-d\">{description}</desc>{body}"
    ))
}

/// Escapes text for an element or a double-quoted attribute.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}
