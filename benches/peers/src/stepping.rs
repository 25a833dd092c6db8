//! Counts instructions by stepping through another process, one after the other.
//!
//! Slower than an emulator, but it is the real processor: valgrind has no SHA instructions, so under it hashing costs
//! ten times what it costs, and everything else looks cheap beside it.

use std::{
    env,
    os::unix::process::CommandExt,
    process::{Command, Stdio},
    ptr::null_mut,
};

/// Between two of these the steps of a traced process count.
pub fn mark() {
    // SAFETY: a signal to ourselves, ignored unless we are traced.
    unsafe { libc::raise(libc::SIGURG) };
}

/// The instructions between the marks of this program with these arguments.
pub fn instructions(arguments: &[&str]) -> u64 {
    let mut command = Command::new(env::current_exe().expect("this program"));
    // A repeated move counts as one step for every byte; with this, copies are made in vectors.
    let moves = "glibc.cpu.x86_rep_movsb_threshold=1000000000";
    command.args(arguments).stdout(Stdio::null());
    command.env("GLIBC_TUNABLES", moves);
    // SAFETY: one system call, which is allowed between fork and exec.
    unsafe {
        command.pre_exec(|| match libc::ptrace(libc::PTRACE_TRACEME) {
            -1 => Err(std::io::Error::last_os_error()),
            _ => Ok(()),
        });
    }
    let child = command.spawn().expect("this program starts");
    let pid = libc::pid_t::try_from(child.id()).expect("a process id");
    let stopped_by_mark = || {
        let mut status = 0;
        // SAFETY: our own child; the status is ours.
        unsafe { libc::waitpid(pid, &mut status, 0) };
        assert!(libc::WIFSTOPPED(status), "it ended before it was done");
        libc::WSTOPSIG(status) == libc::SIGURG
    };
    // SAFETY: our own child, stopped; the signal it stopped for is dropped.
    let go_on = |how| unsafe { libc::ptrace(how, pid, null_mut::<()>(), null_mut::<()>()) };
    while !stopped_by_mark() {
        go_on(libc::PTRACE_CONT);
    }
    let mut steps = 0;
    go_on(libc::PTRACE_SINGLESTEP);
    while !stopped_by_mark() {
        steps += 1;
        go_on(libc::PTRACE_SINGLESTEP);
    }
    // SAFETY: our own child, which nobody waited for to its end.
    unsafe { libc::kill(pid, libc::SIGKILL) };
    steps
}
