//! Real servers for tests: [`Redis`] and [`Postgres`], each on a free port of the loopback with a folder of its own, gone
//! when dropped.
//!
//! Not part of `mod support`: test binaries that need it say `#[path = "support/servers.rs"] mod servers;`.
//!
//! Without the server's programs a test is skipped, and says so on stderr; with `HOOKLATCH_NO_SKIP` in the environment it
//! fails, so that nobody mistakes a run without servers for one that passed.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_in_result,
    clippy::unwrap_used,
    reason = "shared by test binaries that each use some of it; a test fails by panicking, a skipped one has to be heard of"
)]

#[path = "servers/process.rs"]
mod process;

use std::{
    fs,
    io::{Read, Write},
    net::{Ipv4Addr, TcpStream},
    os::unix::fs::chown,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use tempfile::TempDir;

use self::process::{
    Server, command, find, free_port, is_stopped, kill, other_user, parent, strings, wait,
};

/// A Redis of this test. Dropping it kills it and deletes its files.
#[derive(Debug)]
pub struct Redis {
    server: Server,
    port: u16,
    password: Option<String>,
}

impl Redis {
    /// Starts one with these options of `redis.conf`, after which it answers. Unless they say otherwise it keeps nothing
    /// on disk, evicts nothing and has no password. `None`: there is no `redis-server`, skip the test.
    #[must_use]
    pub fn launch(options: &[(&str, &str)]) -> Option<Self> {
        let program = find("redis-server", "redis-server")?;
        let dir = TempDir::new().unwrap();
        let port = free_port();
        let mut arguments = strings(&["--port", &port.to_string(), "--bind", "127.0.0.1"]);
        arguments.extend(strings(&["--dir", dir.path().to_str().unwrap()]));
        arguments.extend(strings(&["--save", "", "--appendonly", "no"]));
        for (name, value) in options {
            arguments.extend([format!("--{name}"), (*value).to_owned()]);
        }
        let password = options.iter().find(|(name, _)| *name == "requirepass");
        let mut redis = Self {
            server: Server::new(program, arguments, dir, None),
            port,
            password: password.map(|(_, value)| (*value).to_owned()),
        };
        redis.start();
        Some(redis)
    }

    /// Where it is, with the password if it has one.
    #[must_use]
    pub fn url(&self) -> String {
        let password = self.password.as_ref();
        let login = password.map_or_else(String::new, |word| format!(":{word}@"));
        format!("redis://{login}127.0.0.1:{}/", self.port)
    }

    /// The port of the loopback.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Starts it again on the same port and files, after which it answers.
    pub fn start(&mut self) {
        self.server.start();
        let told = format!("process_id:{}\r\n", self.server.id().unwrap());
        let (port, password) = (self.port, self.password.clone());
        self.server.wait_until(|| {
            let info = ask(port, password.as_deref(), "INFO").unwrap_or_default();
            info.contains(&told) && info.contains("\r\nloading:0\r\n")
        });
    }

    /// Kills it on the spot, as a crash would.
    pub fn stop(&mut self) {
        self.server.signal("KILL");
        self.server.reap();
    }

    /// Lets it keep its connections and do nothing, as a machine that hangs.
    pub fn pause(&self) {
        self.server.signal("STOP");
    }

    /// Ends [`pause`](Self::pause).
    pub fn resume(&self) {
        self.server.signal("CONT");
    }

    /// What it answers to one command on one line, in its protocol, over a connection of its own.
    ///
    /// # Panics
    /// When it cannot be reached or does not answer within five seconds.
    #[must_use]
    pub fn command(&self, line: &str) -> String {
        let answer = ask(self.port, self.password.as_deref(), line);
        answer.expect("Redis answers")
    }
}

/// A Postgres of this test, with the user and database `postgres` and no password. Dropping it kills it and deletes its
/// files.
#[derive(Debug)]
pub struct Postgres {
    server: Server,
    port: u16,
    programs: PathBuf,
}

impl Postgres {
    /// Starts one with these settings of `postgresql.conf`, after which it answers. Unless they say otherwise it is
    /// durable (`fsync=on`), as in production. `None`: there is no Postgres, skip the test.
    #[must_use]
    pub fn launch(settings: &[(&str, &str)]) -> Option<Self> {
        let initdb = find("initdb", "Postgres")?;
        let programs = fs::canonicalize(initdb).unwrap();
        let programs = programs.parent().unwrap().to_owned();
        let dir = TempDir::new().unwrap();
        // Postgres refuses to run as root.
        let user = other_user(dir.path());
        if let Some((user, group)) = user {
            chown(dir.path(), Some(user), Some(group)).unwrap();
        }
        let data = dir.path().join("data");
        let data = data.to_str().unwrap();
        let mut initdb = command(&programs.join("initdb"), dir.path(), user);
        initdb.args(["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8"]);
        let made = initdb.args(["--no-locale", "--no-sync"]).output().unwrap();
        let said = String::from_utf8_lossy(&made.stderr);
        assert!(made.status.success(), "initdb failed: {said}");
        Some(Self::run(programs, dir, user, settings))
    }

    /// Another one that follows this one, and can be promoted.
    ///
    /// # Panics
    /// When it cannot be copied or does not start.
    #[must_use]
    pub fn standby(&self) -> Self {
        let dir = TempDir::new().unwrap();
        let user = other_user(dir.path());
        if let Some((user, group)) = user {
            chown(dir.path(), Some(user), Some(group)).unwrap();
        }
        let mut copy = command(&self.programs.join("pg_basebackup"), dir.path(), user);
        let data = dir.path().join("data");
        copy.args(["-D", data.to_str().unwrap(), "-d", &self.url()]);
        let made = copy.args(["-R", "-c", "fast"]).output().unwrap();
        let said = String::from_utf8_lossy(&made.stderr);
        assert!(made.status.success(), "pg_basebackup failed: {said}");
        Self::run(self.programs.clone(), dir, user, &[])
    }

    /// Starts the one in `data` of this folder.
    fn run(
        programs: PathBuf,
        dir: TempDir,
        user: Option<(u32, u32)>,
        settings: &[(&str, &str)],
    ) -> Self {
        let (data, port) = (dir.path().join("data"), free_port());
        let mut arguments = strings(&["-h", "127.0.0.1", "-p", &port.to_string()]);
        arguments.extend(strings(&["-D", data.to_str().unwrap()]));
        arguments.extend(strings(&["-k", dir.path().to_str().unwrap()]));
        for (name, value) in settings {
            arguments.extend(["-c".to_owned(), format!("{name}={value}")]);
        }
        let mut postgres = Self {
            server: Server::new(programs.join("postgres"), arguments, dir, user),
            port,
            programs,
        };
        postgres.start();
        postgres
    }

    /// Where it is over TCP.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// The folder of its Unix socket.
    #[must_use]
    pub fn socket_folder(&self) -> &Path {
        self.server.dir.path()
    }

    /// The port of the loopback, which is also in the socket's name.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Starts it again on the same port and files, after which it answers.
    pub fn start(&mut self) {
        self.server.start();
        let file = self.server.dir.path().join("data/postmaster.pid");
        let pid = self.server.id().unwrap().to_string();
        // What `pg_ctl start` waits for, too.
        self.server.wait_until(|| {
            let text = fs::read_to_string(&file).unwrap_or_default();
            let lines: Vec<&str> = text.lines().map(str::trim).collect();
            let ready = lines
                .get(7)
                .is_some_and(|state| ["ready", "standby"].contains(state));
            lines.first() == Some(&pid.as_str()) && ready
        });
    }

    /// Ends it and all its processes without a checkpoint, as a crash would; the next start recovers from the log.
    pub fn stop(&mut self) {
        let family = self.family();
        // SIGQUIT is its "immediate shutdown". Killed outright, it would leave children that hold the port for a while.
        self.server.signal("QUIT");
        self.server.reap();
        wait("its processes to end", || {
            family.iter().all(|pid| parent(*pid).is_none())
        });
    }

    /// Lets it keep its connections and do nothing, as a machine that hangs.
    pub fn pause(&self) {
        // The parent first, or it could start another child meanwhile.
        self.server.signal("STOP");
        wait("the server to hang", || {
            self.server.id().is_none_or(is_stopped)
        });
        self.family().iter().for_each(|pid| kill("STOP", *pid));
        wait("all of the server to hang", || {
            self.family().into_iter().all(is_stopped)
        });
    }

    /// Ends [`pause`](Self::pause).
    pub fn resume(&self) {
        self.family().iter().for_each(|pid| kill("CONT", *pid));
        self.server.signal("CONT");
    }

    /// What `psql` prints for one statement, without a frame.
    ///
    /// # Panics
    /// When the statement fails.
    #[must_use]
    pub fn query(&self, statement: &str) -> String {
        self.query_in("postgres", statement)
    }

    /// The same in a database of this name.
    ///
    /// # Panics
    /// When the statement fails.
    #[must_use]
    pub fn query_in(&self, database: &str, statement: &str) -> String {
        let psql = find("psql", "psql").unwrap_or_else(|| self.programs.join("psql"));
        let mut psql = Command::new(psql);
        let url = format!("postgres://postgres@127.0.0.1:{}/{database}", self.port);
        psql.args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-d", &url]);
        let done = psql.args(["-c", statement]).output().unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "psql failed: {said}");
        String::from_utf8(done.stdout).unwrap().trim().to_owned()
    }

    /// The processes that Postgres started: one a connection and those that do its work.
    fn family(&self) -> Vec<u32> {
        let Some(id) = self.server.id() else {
            return Vec::new();
        };
        let processes = fs::read_dir("/proc").unwrap().flatten();
        processes
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .filter(|pid| parent(*pid) == Some(id))
            .collect()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if self.server.id().is_some() {
            self.resume();
            self.stop();
        }
    }
}

/// What Redis answers to one command on one line.
fn ask(port: u16, password: Option<&str>, line: &str) -> Option<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    let login = password.map_or_else(String::new, |word| format!("AUTH {word}\r\n"));
    write!(stream, "{login}{line}\r\nQUIT\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let answer = answer.strip_suffix("+OK\r\n")?;
    let answer = answer.strip_prefix(if login.is_empty() { "" } else { "+OK\r\n" })?;
    Some(answer.to_owned())
}
