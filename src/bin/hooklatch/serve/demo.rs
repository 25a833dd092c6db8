//! A source to try it with, where there is no configuration: written as one, with a secret made up for this run.

use std::{
    error::Error,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use aws_lc_rs::rand;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use tempfile::{NamedTempFile, TempDir};

/// A folder with a configuration, its secret and its store; gone with it.
pub(super) struct Demo {
    folder: TempDir,
    config: PathBuf,
    secret: String,
}

impl Demo {
    /// # Errors
    /// The folder cannot be written, or there is no randomness.
    pub(super) fn new() -> Result<Self, Box<dyn Error>> {
        let folder = tempfile::Builder::new().prefix("hooklatch-").tempdir()?;
        let mut bytes = [0; 24];
        rand::fill(&mut bytes).map_err(|_| "there is no randomness for a secret")?;
        let demo = Self {
            config: folder.path().join("hooklatch.toml"),
            secret: format!("whsec_{}", STANDARD.encode(bytes)),
            folder,
        };
        // Temporary files are for their owner alone.
        let mut file = NamedTempFile::new_in(demo.folder.path())?;
        file.write_all(demo.secret.as_bytes())?;
        file.persist(demo.secret_file())?;
        fs::write(&demo.config, CONFIG)?;
        Ok(demo)
    }

    pub(super) fn config(&self) -> &Path {
        &self.config
    }

    fn secret_file(&self) -> PathBuf {
        self.folder.path().join("secret")
    }

    /// Says how to try it. The secret is shown: it is nobody's.
    pub(super) fn introduce(&self, url: &str) {
        let (secret, file) = (&self.secret, self.secret_file());
        let text = format!(
            "\nThere is no configuration, so this is a demo: a source of Standard Webhooks at {url}/webhooks/demo.\n\
             Its secret was made up for this run: {secret}\n\n\
             Send it an event from another terminal, and it is printed here:\n\n  \
             hooklatch send standard-webhooks {url}/webhooks/demo --secret-file {} --event user.created\n\n\
             `hooklatch init` writes a configuration to begin with.\n\n",
            file.display(),
        );
        // A closed standard error is no reason to panic.
        let _ = io::stderr().write_all(text.as_bytes());
    }
}

const CONFIG: &str = include_str!("demo.toml");
