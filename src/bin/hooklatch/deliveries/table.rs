//! Deliveries in a table for people.

use console::{Alignment, Term, measure_text_width, pad_str, truncate_str};
use hooklatch::store::StoredDelivery;
use time::OffsetDateTime;

use super::text::plain;

/// How many columns the terminal has; `None` where there is none, and so no bound.
pub(super) fn width() -> Option<usize> {
    let (_, columns) = Term::stdout().size_checked()?;
    Some(columns.into())
}

/// A line for each delivery. Where a terminal has too few columns, the longest texts are cut.
pub(super) fn table(
    deliveries: &[StoredDelivery],
    now: OffsetDateTime,
    width: Option<usize>,
) -> String {
    let head = HEAD.map(str::to_owned);
    let rows: Vec<_> = deliveries
        .iter()
        .map(|delivery| row(delivery, now))
        .collect();
    let mut widths = [0; COLUMNS];
    for row in std::iter::once(&head).chain(&rows) {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = measure_text_width(cell).max(*width);
        }
    }
    if let Some(width) = width {
        shrink(&mut widths, width);
    }
    std::iter::once(&head)
        .chain(&rows)
        .map(|row| line(row, &widths))
        .collect()
}

/// Takes from the longest of the columns that may be cut until all fit, or nothing more can be taken.
fn shrink(widths: &mut [usize; COLUMNS], width: usize) {
    let mut too_wide = (widths.iter().sum::<usize>() + GAP * (COLUMNS - 1)).saturating_sub(width);
    while too_wide > 0 {
        let texts = widths.iter_mut().skip(FIXED);
        let Some(longest) = texts
            .max_by_key(|width| **width)
            .filter(|width| **width > SHORTEST)
        else {
            return;
        };
        *longest -= 1;
        too_wide -= 1;
    }
}

fn line(row: &[String; COLUMNS], widths: &[usize; COLUMNS]) -> String {
    let cells = row.iter().zip(widths);
    let cells: Vec<_> = cells
        .map(|(cell, width)| {
            pad_str(
                &truncate_str(cell, *width, "…"),
                *width,
                Alignment::Left,
                None,
            )
            .into_owned()
        })
        .collect();
    format!("{}\n", cells.join(&" ".repeat(GAP)).trim_end())
}

fn row(delivery: &StoredDelivery, now: OffsetDateTime) -> [String; COLUMNS] {
    let text = |text: &Option<String>| text.as_deref().map_or_else(|| "-".to_owned(), plain);
    [
        delivery.event.to_string(),
        delivery.state.to_string(),
        delivery.attempt.to_string(),
        age(now - delivery.received_at),
        plain(&delivery.receiver),
        text(&delivery.event_type),
        text(&delivery.id),
        text(&delivery.error),
    ]
}

/// An age in its largest unit.
fn age(age: time::Duration) -> String {
    let seconds = age.whole_seconds().max(0);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..172_800 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}

const COLUMNS: usize = 8;

/// How many of the columns are never cut.
const FIXED: usize = 4;

const HEAD: [&str; COLUMNS] = [
    "EVENT", "STATE", "TRIES", "AGE", "RECEIVER", "TYPE", "ID", "ERROR",
];

/// How far apart the columns are.
const GAP: usize = 2;

/// How far a column is cut at most.
const SHORTEST: usize = 4;
