//! [`ForRows`]: a statement of many rows.

/// A statement for some numbers of rows, so that each is prepared once. Its parameters have no numbers: those are names to
/// SQLite, and sqlx looks each of them up in the list of all.
pub(super) struct ForRows(Vec<(usize, String)>);

impl ForRows {
    /// Of these numbers of rows, in any order.
    pub(super) fn new(sizes: &[usize], head: &str, row: &str, tail: &str) -> Self {
        let text = |rows: usize| {
            let rows = vec![row; rows].join(", ");
            format!("{head}{rows}{tail}")
        };
        let mut all: Vec<_> = sizes.iter().map(|rows| (*rows, text(*rows))).collect();
        all.sort_unstable_by_key(|(rows, _)| *rows);
        Self(all)
    }

    /// The shortest that has room for as many; for exactly as many where there is one. Empty where there is none.
    pub(super) fn for_at_least(&'static self, rows: usize) -> &'static str {
        let text = self.0.iter().find(|(room, _)| *room >= rows);
        text.map_or("", |(_, text)| text)
    }
}
