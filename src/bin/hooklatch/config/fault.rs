//! [`Fault`]: what is wrong with a configuration file, and where.

use std::{error::Error, fmt, io, ops::Range, path::Path};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::document::{Document, Excerpt};

/// What is wrong with a configuration file: all that could be found. `Display` shows each with file, line and column and says
/// what is expected. It never holds a secret.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    reports: Vec<Report>,
    is_unread: bool,
}

/// One fault or warning: what is wrong, where, and what is expected. `Display` shows it all with the line and a mark.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    /// The configuration file.
    pub(crate) file: String,
    /// Counted from 1; 0 where it is about the file as a whole.
    pub(crate) line: usize,
    /// In characters, counted from 1; 0 as well.
    pub(crate) column: usize,
    /// What is wrong.
    pub(crate) what: String,
    /// What is expected, without this word.
    pub(crate) expected: String,
    shown: String,
}

impl Fault {
    /// The file cannot be read at all.
    pub(super) fn unread(path: &Path, error: &io::Error) -> Self {
        let what = format!("{}: {error}", path.display());
        let expected = "`hooklatch init` writes one";
        let report = [Group::with_title(Level::ERROR.primary_title(&what))
            .element(Level::HELP.message(expected))];
        let report = Report {
            file: path.display().to_string(),
            line: 0,
            column: 0,
            shown: Renderer::plain().render(&report),
            what,
            expected: expected.to_owned(),
        };
        Self {
            reports: vec![report],
            is_unread: true,
        }
    }

    /// Whether the file could not even be read.
    pub(crate) const fn is_unread(&self) -> bool {
        self.is_unread
    }

    /// Each of the faults, in the order of the file.
    pub(crate) fn all(&self) -> &[Report] {
        &self.reports
    }

    fn of(document: &Document, mut problems: Vec<Problem>) -> Self {
        Self {
            reports: reports(document, &mut problems, &Level::ERROR),
            is_unread: false,
        }
    }
}

/// What there is to say of these problems, in the order of the file.
fn reports(document: &Document, problems: &mut [Problem], level: &Level<'static>) -> Vec<Report> {
    problems.sort_by_key(|problem| problem.place.start());
    let all = problems.iter();
    all.map(|problem| problem.report(document, level.clone()))
        .collect()
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, report) in self.reports.iter().enumerate() {
            let between = if at == 0 { "" } else { "\n\n" };
            write!(f, "{between}{report}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl Error for Fault {}

/// What is wrong at one place.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) place: Place,
    /// What is wrong. Holds no secret.
    pub(super) what: String,
    /// What is expected. Holds no secret.
    pub(super) expected: String,
}

/// A place of the file.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// A value that may be shown.
    Shown(Range<usize>),
    /// A value that may hold a secret, or a table that may.
    Hidden(Range<usize>),
    /// A place of a file that is no TOML.
    Unread(usize),
}

impl Place {
    const fn start(&self) -> usize {
        match self {
            Self::Shown(span) | Self::Hidden(span) => span.start,
            Self::Unread(start) => *start,
        }
    }
}

impl Problem {
    pub(super) fn shown(place: Range<usize>, what: impl Into<String>, expected: &str) -> Self {
        Self::at(Place::Shown(place), what, expected)
    }

    pub(super) fn hidden(place: Range<usize>, what: impl Into<String>, expected: &str) -> Self {
        Self::at(Place::Hidden(place), what, expected)
    }

    pub(super) fn at(place: Place, what: impl Into<String>, expected: &str) -> Self {
        Self {
            place,
            what: what.into(),
            expected: expected.to_owned(),
        }
    }

    fn report(&self, document: &Document, level: Level<'static>) -> Report {
        let Excerpt { text, marked } = match &self.place {
            Place::Shown(span) => document.excerpt(span, true),
            Place::Hidden(span) => document.excerpt(span, false),
            Place::Unread(place) => document.excerpt_unread(*place),
        };
        let (line, column) = document.position(self.place.start());
        let file = document.path().display().to_string();
        let mark = AnnotationKind::Primary.span(marked).label(&self.expected);
        let snippet = Snippet::source(text).line_start(line).annotation(mark);
        let report = [level.primary_title(&self.what).element(snippet)];
        let drawn = Renderer::plain().render(&report);
        // The renderer would count the column in the text that is shown, which has less in it than the file.
        let (title, rest) = drawn.split_once('\n').unwrap_or((&drawn, ""));
        let margin = line.to_string().len();
        let shown = format!("{title}\n{:margin$}--> {file}:{line}:{column}\n{rest}", "");
        let expected = self.expected.strip_prefix("expected ");
        Report {
            what: self.what.clone(),
            expected: expected.unwrap_or(&self.expected).to_owned(),
            file,
            line,
            column,
            shown,
        }
    }
}

/// What is found while a file is checked.
#[derive(Debug)]
pub(super) struct Findings<'d> {
    document: &'d Document,
    faults: Vec<Problem>,
    warnings: Vec<Problem>,
}

impl<'d> Findings<'d> {
    pub(super) const fn new(document: &'d Document) -> Self {
        Self {
            document,
            faults: Vec::new(),
            warnings: Vec::new(),
        }
    }

    pub(super) fn fault(&mut self, problem: Problem) {
        self.faults.push(problem);
    }

    pub(super) fn warn(&mut self, problem: Problem) {
        self.warnings.push(problem);
    }

    /// What there is, or the fault that there is none.
    pub(super) fn take<T>(&mut self, found: Result<T, Problem>) -> Option<T> {
        found.map_err(|problem| self.fault(problem)).ok()
    }

    /// How many faults there are, to tell whether there are more later.
    pub(super) const fn count(&self) -> usize {
        self.faults.len()
    }

    pub(super) const fn document(&self) -> &'d Document {
        self.document
    }

    /// The warnings, if there is no fault.
    pub(super) fn finish(mut self) -> Result<Vec<Report>, Fault> {
        if self.faults.is_empty() {
            return Ok(reports(self.document, &mut self.warnings, &Level::WARNING));
        }
        Err(Fault::of(self.document, self.faults))
    }
}

impl From<(&Document, Vec<Problem>)> for Fault {
    fn from((document, problems): (&Document, Vec<Problem>)) -> Self {
        Self::of(document, problems)
    }
}

/// What a deserialiser found and what it expected, the latter in the words of a file.
pub(super) fn found_and_expected(message: &str) -> (&str, String) {
    let (found, expected) = message.split_once(", expected ").unwrap_or((message, ""));
    let expected = match expected {
        "" => String::new(),
        "a sequence" => "expected a list, as [\"…\"]".to_owned(),
        "a map" => "expected a table".to_owned(),
        "a string" => "expected text".to_owned(),
        "u64" | "usize" => "expected a whole number".to_owned(),
        // The types of the program mean nothing to whoever writes a file.
        other if other.starts_with("struct ") => "expected a table, as { … }".to_owned(),
        other => format!("expected {other}"),
    };
    (found, expected)
}
