//! [`Server`]: one process with a folder of its own, ended with the test.

use std::{
    env, fs,
    io::{self, Write},
    net::{Ipv4Addr, TcpListener},
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// One process of this test, and its folder.
#[derive(Debug)]
pub(super) struct Server {
    // Dropped before the folder.
    running: Option<Running>,
    program: PathBuf,
    arguments: Vec<String>,
    user: Option<(u32, u32)>,
    pub(super) dir: TempDir,
}

#[derive(Debug)]
struct Running {
    child: Child,
    /// Ends the server if this process ends without dropping it: it reads from us until then.
    watch: Child,
}

impl Server {
    pub(super) const fn new(
        program: PathBuf,
        arguments: Vec<String>,
        dir: TempDir,
        user: Option<(u32, u32)>,
    ) -> Self {
        Self {
            running: None,
            program,
            arguments,
            user,
            dir,
        }
    }

    pub(super) fn start(&mut self) {
        assert!(self.running.is_none(), "it runs already");
        let mut log = fs::File::options();
        let log = log.create(true).append(true).open(self.log()).unwrap();
        let mut command = command(&self.program, self.dir.path(), self.user);
        command.args(&self.arguments).stdin(Stdio::null());
        command.stdout(log.try_clone().unwrap()).stderr(log);
        let child = command.spawn().unwrap();
        let mut watch = Command::new("sh");
        let orders = r#"read -r _; kill -CONT $1 $(cat /proc/$1/task/$1/children); kill -QUIT $1
            sleep 1; kill -KILL $1; rm -rf "$2""#;
        watch.args(["-c", orders, "watch", &child.id().to_string()]);
        watch.arg(self.dir.path()).stdin(Stdio::piped());
        let watch = watch.stderr(Stdio::null()).spawn().unwrap();
        self.running = Some(Running { child, watch });
    }

    pub(super) fn id(&self) -> Option<u32> {
        self.running.as_ref().map(|running| running.child.id())
    }

    pub(super) fn signal(&self, name: &str) {
        kill(name, self.id().expect("the server runs"));
    }

    /// Waits for the end of a process that was told to end.
    pub(super) fn reap(&mut self) {
        let Some(mut running) = self.running.take() else {
            return;
        };
        // First the watch, which would else signal whatever got the number next.
        running.watch.kill().unwrap();
        running.watch.wait().unwrap();
        running.child.wait().unwrap();
    }

    pub(super) fn wait_until(&mut self, ready: impl Fn() -> bool) {
        let start = Instant::now();
        while !ready() {
            let running = self.running.as_mut().unwrap();
            let ended = running.child.try_wait().unwrap();
            if ended.is_some() || start.elapsed() > PATIENCE {
                let log = fs::read_to_string(self.log()).unwrap_or_default();
                panic!("{} did not start: {ended:?}\n{log}", self.program.display());
            }
            sleep(BRIEFLY);
        }
    }

    fn log(&self) -> PathBuf {
        self.dir.path().join("server.log")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.running.is_some() {
            self.signal("KILL");
            self.reap();
        }
    }
}

pub(super) fn command(program: &Path, dir: &Path, user: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(dir);
    if let Some((user, group)) = user {
        command.uid(user).gid(group);
    }
    command
}

/// The program on the PATH, or where Debian puts those of Postgres, the newest first.
pub(super) fn find(program: &str, what: &str) -> Option<PathBuf> {
    let mut places: Vec<PathBuf> = env::var_os("PATH")
        .map(|path| env::split_paths(&path).collect())
        .unwrap_or_default();
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut versions: Vec<(u32, PathBuf)> = versions
        .flatten()
        .filter_map(|entry| {
            let number = entry.file_name().to_str()?.parse().ok()?;
            Some((number, entry.path().join("bin")))
        })
        .collect();
    versions.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
    places.extend(versions.into_iter().map(|(_, place)| place));
    let found = places.iter().map(|place| place.join(program));
    let found = { found }.find(|path| path.is_file());
    if found.is_none() {
        let no_skip = env::var_os("HOOKLATCH_NO_SKIP").is_some();
        assert!(!no_skip, "HOOKLATCH_NO_SKIP is set, but there is no {what}");
        // `eprintln!` would be kept back, as all that a passing test prints.
        let _ = writeln!(io::stderr(), "SKIPPED: there is no {what} on this machine");
    }
    found
}

/// Somebody else to be, if we are root: user and group.
pub(super) fn other_user(ours: &Path) -> Option<(u32, u32)> {
    if fs::metadata(ours).unwrap().uid() != 0 {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let user = |name: &str| {
        let line = users
            .lines()
            .find(|line| line.split(':').next() == Some(name))?;
        let fields: Vec<&str> = line.split(':').collect();
        Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?))
    };
    Some(user("postgres").or_else(|| user("nobody")).unwrap())
}

/// A port that was free a moment ago.
pub(super) fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

/// Signals a process; one that has just ended is no fault.
pub(super) fn kill(signal: &str, pid: u32) {
    let mut kill = Command::new("kill");
    kill.args([format!("-{signal}"), pid.to_string()]);
    kill.stderr(Stdio::null()).status().unwrap();
}

/// The parent of a process. `None`: it has ended.
pub(super) fn parent(pid: u32) -> Option<u32> {
    let (state, parent) = stat(pid)?;
    (state != "Z").then_some(parent)
}

/// Whether a process does nothing until it is told to go on. One that was told to stop is not at once.
pub(super) fn is_stopped(pid: u32) -> bool {
    stat(pid).is_none_or(|(state, _)| state == "T")
}

/// The state of a process and its parent.
fn stat(pid: u32) -> Option<(String, u32)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name before it may hold anything, the last bracket ends it; then come the state and the parent.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    Some((fields.next()?.to_owned(), fields.next()?.parse().ok()?))
}

pub(super) fn wait(what: &str, done: impl Fn() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        sleep(BRIEFLY);
    }
}

pub(super) fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// How long a server may take to start or end on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);
const BRIEFLY: Duration = Duration::from_millis(10);
