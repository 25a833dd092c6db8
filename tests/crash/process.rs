//! Starts, asks and kills the process of the receiver.

use std::{
    env,
    fs::OpenOptions,
    io::{BufRead, BufReader},
    os::unix::process::ExitStatusExt,
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use serde::de::DeserializeOwned;

use crate::child::{FOLDER, MODE, Mode};

pub(crate) struct Process {
    child: Child,
    /// Kept open: a process that writes to a closed pipe would fail.
    output: BufReader<ChildStdout>,
    pub(crate) port: u16,
}

impl Process {
    /// Starts one. `None`: it was killed before it could say where it listens.
    pub(crate) fn start(folder: &Path, mode: Mode, failpoint: Option<&str>) -> Option<Self> {
        let mut this = Self::new(command(folder, mode, failpoint).spawn().unwrap());
        let mut line = String::new();
        while this.output.read_line(&mut line).unwrap() > 0 {
            if let Some(port) = line.trim_end().strip_prefix("port ") {
                this.port = port.parse().unwrap();
                return Some(this);
            }
            line.clear();
        }
        let signal = this.child.wait().unwrap().signal();
        assert_eq!(signal, Some(9), "it ended by itself: {}", log_of(folder));
        None
    }

    fn new(mut child: Child) -> Self {
        let output = BufReader::new(child.stdout.take().unwrap());
        Self {
            child,
            output,
            port: 0,
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Whether it died by SIGKILL without our doing.
    pub(crate) fn is_dead(&mut self) -> bool {
        let status = self.child.try_wait().unwrap();
        status.is_some_and(|status| status.signal() == Some(9))
    }

    /// Waits until it dies. `false`: it does not.
    pub(crate) async fn dies_within(&mut self, limit: Duration) -> bool {
        let began = Instant::now();
        while began.elapsed() < limit {
            if self.is_dead() {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
        false
    }

    /// Asks one of its routes. `None`: it is dead.
    pub(crate) async fn ask<T: DeserializeOwned>(&self, route: &str) -> Option<T> {
        let url = format!("http://127.0.0.1:{}/{route}", self.port);
        let answer = reqwest::get(url).await.ok()?;
        let text = answer.bytes().await.ok()?;
        serde_json::from_slice(&text).ok()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may be dead already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(folder: &Path, mode: Mode, failpoint: Option<&str>) -> Command {
    let log = OpenOptions::new()
        .append(true)
        .create(true)
        .open(folder.join("log"));
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args([
            "--exact",
            "child::the_process_of_the_receiver",
            "--nocapture",
        ])
        .env(FOLDER, folder)
        .env(MODE, format!("{mode:?}"))
        .env_remove("HOOKLATCH_FAILPOINT")
        // The symbols it would load are more than all else it holds.
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log.unwrap());
    if let Some(failpoint) = failpoint {
        command.env("HOOKLATCH_FAILPOINT", failpoint);
    }
    command
}

/// What the process said before it died.
fn log_of(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("log")).unwrap_or_default()
}
