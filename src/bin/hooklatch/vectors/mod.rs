//! `hooklatch vectors`: judges test vectors by rule, never case by case.

mod case;
mod challenge;
mod decisions;
mod judge;
mod keys;
mod primitive;

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

pub(crate) use self::{case::Case, decisions::Decisions, judge::Outcome};

/// What comes of the cases at these paths.
pub(crate) fn report(paths: &[PathBuf]) -> Result<Report, String> {
    let decisions = Decisions::of_hooklatch()?;
    Ok(Report::of(&read_all(paths)?, &decisions))
}

/// The cases of all files, in order. A folder stands for the `.json` files in it, at any depth.
pub(crate) fn read_all(paths: &[PathBuf]) -> Result<Vec<Case>, String> {
    let mut files = Vec::new();
    for path in paths {
        find(path, &mut files).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    if files.is_empty() {
        return Err("no .json file there".to_owned());
    }
    let mut cases = Vec::new();
    for file in files {
        let fault = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
        let text = fs::read(&file).map_err(|error| fault(&error))?;
        let of_file: Vec<Case> = serde_json::from_slice(&text).map_err(|error| fault(&error))?;
        cases.extend(of_file);
    }
    Ok(cases)
}

fn find(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if !path.is_dir() {
        fs::metadata(path)?;
        files.push(path.to_owned());
        return Ok(());
    }
    let mut entries = fs::read_dir(path)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    for entry in entries {
        if entry.is_dir()
            || entry
                .extension()
                .is_some_and(|extension| extension == "json")
        {
            find(&entry, files)?;
        }
    }
    Ok(())
}

/// What came of all cases.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
    /// A line for each case that failed or is a matter of policy.
    lines: Vec<String>,
    /// How many cases there are of each sender that is not known.
    unknown: BTreeMap<String, usize>,
}

impl Report {
    pub(crate) fn of(cases: &[Case], decisions: &Decisions) -> Self {
        let mut report = Self::default();
        for case in cases {
            report.add(case, judge::judge(case, decisions));
        }
        report
    }

    fn add(&mut self, case: &Case, outcome: Outcome) {
        match outcome {
            Outcome::Passed => self.passed += 1,
            Outcome::Decided(decision) => {
                self.passed += 1;
                self.lines.push(format!("policy {}: {decision}", case.id));
            }
            Outcome::Failed(fault) => {
                self.failed += 1;
                self.lines.push(format!("FAILED {}: {fault}", case.id));
            }
            Outcome::Unknown => {
                self.skipped += 1;
                *self.unknown.entry(case.provider.clone()).or_default() += 1;
            }
        }
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = String::new();
        for line in &self.lines {
            writeln!(text, "{line}")?;
        }
        for (sender, count) in &self.unknown {
            writeln!(
                text,
                "skipped {count} of {sender}: not a sender that hooklatch knows"
            )?;
        }
        writeln!(
            f,
            "{text}{} passed, {} failed, {} skipped",
            self.passed, self.failed, self.skipped
        )
    }
}
