//! [`Origin`]: where one text is, and reading it.

use std::{
    env,
    fs::{self, File},
    io::{self, Read as _},
    ops::Range,
    path::{Path, PathBuf},
};

use hooklatch::Secret;
use toml::Spanned;

use super::{
    super::unseen::{is_path, is_variable, without_line_break},
    document::Document,
    fault::{Findings, Place, Problem},
    given::{Elsewhere, Given},
};

/// Where one text is, and where the file says so.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    at: At,
    pub(super) place: Range<usize>,
}

#[derive(Clone, Debug)]
enum At {
    Variable(String),
    File {
        /// As the file has it.
        given: String,
        /// From the folder of the file.
        path: PathBuf,
    },
    /// In the file itself. Only what is not secret.
    Here(String),
}

impl Origin {
    /// Of a secret, which never stands in the file itself.
    pub(super) fn of_secret(
        document: &Document,
        given: Spanned<Given>,
    ) -> Result<(Self, Elsewhere), Problem> {
        let place = given.span();
        match given.into_inner() {
            Given::Elsewhere(elsewhere) => Self::elsewhere(document, place, elsewhere),
            Given::Text(_) => Err(Problem::hidden(
                place,
                "a secret stands in the file itself, where backups and repositories find it",
                WHERE,
            )),
            Given::Other => Err(Problem::hidden(place, "this tells no secret", WHERE)),
        }
    }

    /// Of a text that may stand in the file itself unless it is secret.
    pub(super) fn of_text(
        document: &Document,
        given: Spanned<Given>,
        is_secret: impl FnOnce(&str) -> bool,
    ) -> Result<Self, Problem> {
        let place = given.span();
        match given.into_inner() {
            Given::Text(text) if !is_secret(&text) => Ok(Self::here(text, place)),
            Given::Other => Err(Problem::hidden(
                place,
                "this is no text",
                "expected text, { env = \"NAME\" } or { file = \"PATH\" }",
            )),
            given => {
                let given = Spanned::new(place, given);
                Self::of_secret(document, given).map(|(origin, _)| origin)
            }
        }
    }

    pub(super) const fn here(text: String, place: Range<usize>) -> Self {
        Self {
            at: At::Here(text),
            place,
        }
    }

    /// A file that the file does not name itself.
    pub(super) fn file_at(path: PathBuf, place: Range<usize>) -> Self {
        let given = path.display().to_string();
        Self {
            at: At::File { given, path },
            place,
        }
    }

    fn elsewhere(
        document: &Document,
        place: Range<usize>,
        mut elsewhere: Elsewhere,
    ) -> Result<(Self, Elsewhere), Problem> {
        let (at, place) = match (elsewhere.env.take(), elsewhere.file.take()) {
            (Some(name), None) => {
                let place = name.span();
                (At::Variable(name.into_inner()), place)
            }
            (None, Some(path)) => {
                let place = path.span();
                let given = path.into_inner();
                let path = document.beside(&given);
                (At::File { given, path }, place)
            }
            (Some(_), Some(_)) => {
                return Err(Problem::hidden(place, "a secret is in one place", WHERE));
            }
            (None, None) => return Err(Problem::hidden(place, "this tells no place", WHERE)),
        };
        Ok((Self { at, place }, elsewhere))
    }

    /// What a key that is there is called, unless the file says otherwise.
    pub(super) fn name(&self) -> String {
        match &self.at {
            At::Variable(name) => name.clone(),
            At::File { given, .. } => given.clone(),
            At::Here(_) => "current".to_owned(),
        }
    }

    /// The file, where it is one.
    pub(super) fn file(&self) -> Option<&Path> {
        match &self.at {
            At::File { path, .. } => Some(path),
            At::Variable(_) | At::Here(_) => None,
        }
    }

    /// The environment variable, where it is one.
    pub(super) fn variable_name(&self) -> Option<&str> {
        match &self.at {
            At::Variable(name) => Some(name),
            At::File { .. } | At::Here(_) => None,
        }
    }

    /// The text as it is now, without one line break at the end of a file.
    pub(super) fn read(&self) -> Result<Secret, Problem> {
        match &self.at {
            At::Here(text) => Ok(text.as_str().into()),
            At::Variable(name) => self.variable(name),
            At::File { given, path } => self.of_file(given, path),
        }
    }

    /// The same, as text.
    pub(super) fn read_text(&self) -> Result<String, Problem> {
        let secret = self.read()?;
        let text = str::from_utf8(secret.expose());
        let text = text.map_err(|_| self.problem("what is there is not text", "expected UTF-8"))?;
        Ok(text.to_owned())
    }

    fn variable(&self, name: &str) -> Result<Secret, Problem> {
        let fault = |what: &str| {
            let what = format!("the environment variable {name} {what}");
            self.problem(&what, "expected the secret in the variable of this name")
        };
        match env::var(name) {
            Ok(text) if text.trim().is_empty() => Err(fault("is empty")),
            Ok(text) => Ok(text.into()),
            Err(env::VarError::NotUnicode(_)) => Err(fault("is not Unicode text")),
            Err(env::VarError::NotPresent) if is_variable(name) => Err(fault("is not set")),
            // Whoever took `env` for the place of the secret itself must not read it in a log.
            Err(env::VarError::NotPresent) => Err(Problem::hidden(
                self.place.clone(),
                "there is no environment variable of this name",
                "expected the name of a variable, as STRIPE_WEBHOOK_SECRET, not the secret itself",
            )),
        }
    }

    fn of_file(&self, given: &str, path: &Path) -> Result<Secret, Problem> {
        let secret = read(path).map_err(|error| {
            let expected = "expected the path of a file that can be read; one that is relative begins at this file's folder";
            if is_path(given, path) {
                self.problem(&format!("{}: {error}", path.display()), expected)
            } else {
                let what = format!("the file cannot be read: {error}");
                Problem::hidden(self.place.clone(), what, expected)
            }
        })?;
        if secret.expose().trim_ascii().is_empty() {
            return Err(self.problem(
                &format!("{} is empty", path.display()),
                "expected the secret in it",
            ));
        }
        Ok(secret)
    }

    /// What is wrong with what is there.
    pub(super) fn problem(&self, what: &str, expected: &str) -> Problem {
        let place = self.place.clone();
        let place = match self.at {
            At::Here(_) => Place::Hidden(place),
            At::Variable(_) | At::File { .. } => Place::Shown(place),
        };
        Problem::at(place, what, expected)
    }

    /// Warns where others may read the file.
    pub(super) fn look(&self, findings: &mut Findings<'_>) {
        if let Some(path) = self.file().filter(|path| others_read(path)) {
            let what = format!("every user of this machine may read {}", path.display());
            findings.warn(self.problem(&what, "keep it from others, as by `chmod 600`"));
        }
    }
}

/// A file's bytes without one line break at their end.
fn read(path: &Path) -> io::Result<Secret> {
    // Before it is opened: a pipe would keep whoever opens it waiting, a device may never end.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?
        .take(LARGEST.saturating_add(1))
        .read_to_end(&mut bytes)?;
    let secret = Secret::new(bytes);
    if secret.expose().len() > usize::try_from(LARGEST).unwrap_or(usize::MAX) {
        return Err(io::Error::other("it is larger than any secret, 1 MiB"));
    }
    Ok(without_line_break(&secret))
}

/// Whether every user of this machine may read a file.
#[cfg(unix)]
pub(crate) fn others_read(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;

    fs::metadata(path).is_ok_and(|found| found.mode() & 0o004 != 0)
}

#[cfg(not(unix))]
pub(crate) fn others_read(_: &Path) -> bool {
    false
}

const WHERE: &str = "expected { env = \"NAME\" } or { file = \"PATH\" }";
const LARGEST: u64 = 1024 * 1024;
