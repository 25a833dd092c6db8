//! `command`: runs a program with the event on its standard input.

use std::{
    io,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use hooklatch::Delivery;
use http::header;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    process::{self, Child, ChildStderr, ChildStdin},
    time::timeout,
};
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument as _;

use super::{Ended, TARGET};

/// Runs one program for each event.
#[derive(Clone)]
pub(super) struct Command(Arc<Program>);

struct Program {
    path: PathBuf,
    arguments: Vec<String>,
    timeout: Duration,
    /// Variables that hold secrets.
    hidden: Vec<String>,
}

impl Command {
    pub(super) fn new(
        program: &Path,
        arguments: &[String],
        timeout: Duration,
        hidden: &[String],
    ) -> Self {
        Self(Arc::new(Program {
            path: program.to_owned(),
            arguments: arguments.to_vec(),
            timeout,
            hidden: hidden.to_vec(),
        }))
    }

    pub(super) async fn run(&self, delivery: &Delivery, body: Bytes) -> Ended {
        let program = &*self.0;
        let mut running = match program.command(delivery).spawn() {
            Ok(child) => Running::new(child),
            Err(error) => return Ended::Failed(format!("the program cannot be run: {error}")),
        };
        let ended = timeout(program.timeout, running.finish(body, delivery.receiver())).await;
        match ended {
            Ok(Ok(status)) => {
                running.is_over = true;
                judge(status)
            }
            Ok(Err(error)) => Ended::Failed(format!("the program cannot be waited for: {error}")),
            Err(_) => Ended::Failed("the program did not end in time and was killed".to_owned()),
        }
    }
}

impl Program {
    /// No shell, the environment of this process without the secrets, and the facts of the event.
    fn command(&self, delivery: &Delivery) -> process::Command {
        let mut command = process::Command::new(&self.path);
        command
            .args(&self.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        for variable in &self.hidden {
            command.env_remove(variable);
        }
        let attempt = delivery.attempt().to_string();
        let content_type = delivery.headers().get(header::CONTENT_TYPE);
        let facts = [
            ("HOOKLATCH_ATTEMPT", Some(&*attempt)),
            (
                "HOOKLATCH_CONTENT_TYPE",
                content_type.and_then(|value| value.to_str().ok()),
            ),
            ("HOOKLATCH_EVENT_ID", delivery.id()),
            ("HOOKLATCH_EVENT_TYPE", delivery.event_type()),
            ("HOOKLATCH_PROVIDER", Some(delivery.provider())),
            ("HOOKLATCH_RECEIVER", Some(delivery.receiver())),
            ("HOOKLATCH_TENANT", delivery.tenant()),
        ];
        for (name, fact) in facts {
            // One of another process is not this event's. A NUL cannot be in a variable.
            match fact.filter(|fact| !fact.contains('\0')) {
                Some(fact) => command.env(name, fact),
                None => command.env_remove(name),
            };
        }
        command
    }
}

/// A program that runs. Dropped before its end, it is killed with all that it began.
struct Running {
    child: Child,
    is_over: bool,
}

impl Running {
    const fn new(child: Child) -> Self {
        Self {
            child,
            is_over: false,
        }
    }

    /// Gives it the body, logs what it says, and waits for its end.
    async fn finish(&mut self, body: Bytes, source: &str) -> io::Result<ExitStatus> {
        let (input, output) = (self.child.stdin.take(), self.child.stderr.take());
        let saying = log_lines(output, source.to_owned()).in_current_span();
        let saying = AbortOnDropHandle::new(tokio::spawn(saying));
        // One that has read enough closes its end, which is its own business: how it ends is what counts.
        let (_, ended) = tokio::join!(give(input, body), self.child.wait());
        // What it began in the background may keep the pipe open.
        let _ = timeout(LAST_WORDS, saying).await;
        ended
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.is_over {
            self.kill_all();
        }
    }
}

impl Running {
    #[cfg(unix)]
    fn kill_all(&self) {
        use rustix::process::{Pid, Signal, kill_process_group};

        let id = self.child.id().and_then(|id| i32::try_from(id).ok());
        if let Some(group) = id.and_then(Pid::from_raw)
            && let Err(error) = kill_process_group(group, Signal::KILL)
        {
            tracing::warn!(target: TARGET, %error, "the program cannot be killed");
        }
    }

    #[cfg(not(unix))]
    fn kill_all(&mut self) {
        let _ = self.child.start_kill();
    }
}

async fn give(input: Option<ChildStdin>, body: Bytes) -> io::Result<()> {
    if let Some(mut input) = input {
        input.write_all(&body).await?;
        input.shutdown().await?;
    }
    Ok(())
}

/// Logs what a program says, line by line: so much of it, and the rest is read and dropped.
async fn log_lines(output: Option<ChildStderr>, source: String) {
    let Some(output) = output else {
        return;
    };
    let mut output = BufReader::new(output);
    for _ in 0..MOST_LINES {
        let mut line = Vec::new();
        let read = (&mut output)
            .take(LONGEST_LINE)
            .read_until(b'\n', &mut line)
            .await;
        if !matches!(read, Ok(1..)) {
            return;
        }
        let line = String::from_utf8_lossy(&line);
        tracing::info!(target: TARGET, source, line = line.trim_end(), "the program says");
    }
    let _ = tokio::io::copy(&mut output, &mut tokio::io::sink()).await;
}

/// 0 is done. 65 is `EX_DATAERR` of `sysexits.h`: the event itself is at fault. Anything else may go well another time.
fn judge(status: ExitStatus) -> Ended {
    match status.code() {
        Some(0) => Ended::Done,
        Some(65) => Ended::Refused("the program refused the event".to_owned()),
        Some(code) => Ended::Failed(format!("the program ended with {code}")),
        None => Ended::Failed("the program was killed".to_owned()),
    }
}

/// What is logged of one run.
const MOST_LINES: usize = 100;
const LONGEST_LINE: u64 = 1024;
/// How long a pipe is read after the end of the program.
const LAST_WORDS: Duration = Duration::from_millis(500);
