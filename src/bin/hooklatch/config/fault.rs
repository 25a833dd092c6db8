//! [`Fault`]: what is wrong with a configuration file, and where.

use std::{error::Error, fmt, path::Path};

/// What is wrong with a configuration file. `Display` says all of it, with file, line and column, and no secret.
#[derive(Clone, Debug)]
pub(crate) struct Fault(String);

impl Fault {
    /// A fault of the file as a whole.
    pub(super) fn of_file(path: &Path, what: &str) -> Self {
        Self(format!("{}: {what}", path.display()))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Fault {}
