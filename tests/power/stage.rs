//! Runs a process under the shim, in folders of its own.

use std::{
    env, fs,
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
};

use crate::{
    child::FOLDER,
    record::{Record, parse},
};

pub(crate) struct Stage {
    folder: tempfile::TempDir,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let stage = Self {
            folder: fast_folder(),
        };
        fs::create_dir(stage.store()).unwrap();
        let shim = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/power/shim.c");
        let built = Command::new("cc")
            .args([
                "-Wall", "-Wextra", "-Werror", "-O1", "-shared", "-fPIC", "-pthread", "-o",
            ])
            .arg(stage.shim())
            .arg(shim)
            .status()
            .unwrap();
        assert!(
            built.success(),
            "a C compiler is needed, as for SQLite itself"
        );
        stage
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    fn shim(&self) -> PathBuf {
        self.folder.path().join("shim.so")
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("record")
    }

    /// Runs the process to its end, with these settings of the shim.
    pub(crate) fn run(&self, shim: &[(&str, &str)]) {
        let status = self.process(shim);
        assert!(status.success(), "the process ended with {status}");
    }

    /// Runs the process until it is killed in the place of a sync of the log.
    pub(crate) fn run_until_killed(&self, sync: u32) {
        let status = self.process(&[("SHIM_SUFFIX", "-wal"), ("SHIM_KILL_AT", &sync.to_string())]);
        assert_eq!(status.signal(), Some(9), "the process ended with {status}");
    }

    fn process(&self, shim: &[(&str, &str)]) -> ExitStatus {
        Command::new(env::current_exe().unwrap())
            .args([
                "--exact",
                "child::the_process_under_the_shim",
                "--nocapture",
            ])
            .env(FOLDER, self.store())
            .env("LD_PRELOAD", self.shim())
            .env("SHIM_DIR", self.store())
            .env("SHIM_LOG", self.log())
            .envs(shim.iter().copied())
            .stdout(Stdio::null())
            .status()
            .unwrap()
    }

    /// What the processes did so far.
    pub(crate) fn records(&self) -> Vec<Record> {
        parse(&fs::read(self.log()).unwrap())
    }
}

/// A folder in memory where there is one: no disk has to keep what is here.
pub(crate) fn fast_folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() {
        tempfile::tempdir_in(memory)
    } else {
        tempfile::tempdir()
    };
    folder.unwrap()
}

pub(crate) fn setting(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name}={text} is no number")),
    )
}
