//! A running `hooklatch serve`, with all that it says.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

/// A secret that every sender of these tests can have: text to most, base64 to Standard Webhooks.
pub(crate) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
pub(crate) const OTHER_SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
pub(crate) const TOKEN: &str = "a-token-of-the-admin-address";

/// The lines that a process has written to one of its ends.
#[derive(Clone, Default)]
pub(crate) struct Lines(Arc<Mutex<Vec<String>>>);

impl Lines {
    fn of(end: impl Read + Send + 'static) -> Self {
        let lines = Self::default();
        let gathered = lines.clone();
        thread::spawn(move || {
            for line in BufReader::new(end).lines() {
                let Ok(line) = line else { return };
                gathered.0.lock().unwrap().push(line);
            }
        });
        lines
    }

    pub(crate) fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    /// Those that are JSON.
    pub(crate) fn json(&self) -> Vec<Value> {
        let lines = self.all();
        lines
            .iter()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()
    }

    /// The first line of the log whose message this is.
    pub(crate) fn said(&self, message: &str) -> Option<Value> {
        self.json()
            .into_iter()
            .find(|line| line["message"] == message)
    }
}

/// A folder with a configuration and its secrets.
pub(crate) struct Folder(TempDir);

impl Folder {
    /// With the secrets `secret`, `other` and `token`.
    pub(crate) fn new(config: &str) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.write("secret", SECRET);
        folder.write("other", OTHER_SECRET);
        folder.write("token", TOKEN);
        folder.write("hooklatch.toml", config);
        folder
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file in one step, as editors do.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let draft = self.path("draft");
        fs::write(&draft, text).unwrap();
        // What others may read is warned of.
        fs::set_permissions(&draft, fs::Permissions::from_mode(0o700)).unwrap();
        fs::rename(draft, self.path(name)).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    pub(crate) fn serve(self) -> Service {
        self.serve_with(&[], &[])
    }

    pub(crate) fn serve_with(self, arguments: &[&str], variables: &[(&str, &str)]) -> Service {
        let config = self.path("hooklatch.toml");
        let mut command = hooklatch();
        command
            .arg("serve")
            .arg("--config")
            .arg(config)
            .args(["--log", "json"])
            .args(arguments)
            .envs(variables.iter().copied());
        Service::start(command, self)
    }
}

/// The command line, in an environment without what this one says to it.
pub(crate) fn hooklatch() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hooklatch"));
    command.env_remove("RUST_LOG");
    command
}

/// A process that serves.
pub(crate) struct Service {
    child: Child,
    pub(crate) folder: Folder,
    /// What it wrote to standard output, and the log.
    pub(crate) out: Lines,
    pub(crate) log: Lines,
    pub(crate) url: String,
}

impl Service {
    /// Begins it, and waits until it receives.
    pub(crate) fn start(mut command: Command, folder: Folder) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let out = Lines::of(child.stdout.take().unwrap());
        let log = Lines::of(child.stderr.take().unwrap());
        let mut service = Self {
            child,
            folder,
            out,
            log,
            url: String::new(),
        };
        let line = service.until("it receives", |service| service.log.said("receiving"));
        service.url = line["url"].as_str().unwrap().to_owned();
        service
    }

    /// Waits until there is something, for up to a minute.
    pub(crate) fn until<T>(&self, what: &str, look: impl Fn(&Self) -> Option<T>) -> T {
        let began = Instant::now();
        loop {
            if let Some(found) = look(self) {
                return found;
            }
            assert!(
                began.elapsed() < Duration::from_secs(60),
                "{what} did not happen:\n{}",
                self.log.all().join("\n")
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until so many events were printed, and gives them.
    pub(crate) fn printed(&self, count: usize) -> Vec<Value> {
        self.until(&format!("{count} events were printed"), |service| {
            Some(service.out.json()).filter(|lines| lines.len() >= count)
        })
    }

    /// Waits for a line of the log, once more than it was there before.
    pub(crate) fn says_again(&self, message: &str, times: usize) {
        self.until(message, |service| {
            let lines = service.log.json();
            let said = lines.iter().filter(|line| line["message"] == message);
            (said.count() >= times).then_some(())
        });
    }

    pub(crate) fn admin(&self) -> String {
        let line = self.log.said("admin").unwrap();
        line["url"].as_str().unwrap().to_owned()
    }

    pub(crate) fn hook(&self, source: &str) -> String {
        format!("{}/webhooks/{source}", self.url)
    }

    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let status = Command::new("kill").args(["-s", name, &id]).status();
        assert!(status.unwrap().success());
    }

    /// Sends events to a source as its sender does, and gives the summary. Each has to be answered with 200.
    pub(crate) fn send(&self, sender: &str, source: &str, more: &[&str]) -> Value {
        let summary = send(
            sender,
            &self.hook(source),
            &self.folder.path("secret"),
            more,
        );
        assert_eq!(summary["wrong"], 0, "{source}: {summary}");
        summary
    }

    /// Tells it to stop, waits for its end, and looks for secrets in all that it said.
    pub(crate) fn stop(mut self) -> (ExitStatus, Vec<String>, Vec<String>) {
        self.signal("TERM");
        let status = self.ended();
        (status, self.out.all(), self.log.all())
    }

    /// Waits for its end.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                thread::sleep(Duration::from_millis(50));
                return status;
            }
            assert!(began.elapsed() < Duration::from_secs(40), "it does not end");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if !thread::panicking() {
            let said = [self.out.all(), self.log.all()].concat().join("\n");
            for secret in [SECRET, OTHER_SECRET, TOKEN] {
                let secret = secret.trim_start_matches("whsec_");
                assert!(!said.contains(secret), "a secret was told:\n{said}");
            }
        }
    }
}

/// What `hooklatch send` tells of its requests.
pub(crate) fn send(sender: &str, url: &str, secret: &Path, more: &[&str]) -> Value {
    let output = hooklatch()
        .args(["send", sender, url, "--json", "--secret-file"])
        .arg(secret)
        .args(more)
        .output()
        .unwrap();
    let fault = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{sender}: {fault}"))
}
