//! What `hooklatch deliveries purge` asks at a terminal.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use super::deliveries::{Receiver, ended, ids};

/// What a purge of the completed ones says at a terminal where somebody types this, and how it ends. The terminal is one that
/// `script` of util-linux makes.
fn asked(shop: &Receiver, typed: &str) -> (String, Option<i32>) {
    let purge = format!(
        "{} deliveries purge --completed --before 0s",
        env!("CARGO_BIN_EXE_hooklatch")
    );
    let mut script = Command::new("script")
        .args(["-q", "-e", "-c", &purge, "/dev/null"])
        .env("HOOKLATCH_STORE", shop.place())
        .env("SHELL", "/bin/sh")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    script
        .stdin
        .take()
        .unwrap()
        .write_all(typed.as_bytes())
        .unwrap();
    let output = script.wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    (said, output.status.code())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_a_terminal_only_a_yes_purges() {
    let shop = ended().await;
    for no in ["n\n", "\n", "yess\n", "no y\n", "x\ny\n", ""] {
        let (said, code) = asked(&shop, no);
        assert!(
            said.contains("Remove all completed deliveries that arrived before")
                && said.contains("hooks.db, for good? [y/N]")
                && said.contains("nothing was removed"),
            "{no:?}: {said}"
        );
        assert_eq!(code, Some(1), "{no:?}");
        assert_eq!(ids(&shop.place(), &[]).len(), 3, "{no:?}");
    }
    for (yes, purged) in [("y\n", 1), ("YES\n", 0)] {
        let (said, code) = asked(&shop, yes);
        assert!(said.contains(&format!("purged: {purged}")), "{said}");
        assert_eq!(code, Some(0));
    }
    assert_eq!(ids(&shop.place(), &[]), ["evt_3", "evt_2"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_terminal_a_yes_that_is_piped_in_is_none() {
    let shop = ended().await;
    let mut purge = Command::new(env!("CARGO_BIN_EXE_hooklatch"))
        .args(["deliveries", "purge", "--completed", "--before", "0s"])
        .env("HOOKLATCH_STORE", shop.place())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may end before it is written to.
    let _ = purge.stdin.take().unwrap().write_all(b"y\n");
    let output = purge.wait_with_output().unwrap();
    let fault = String::from_utf8(output.stderr).unwrap();
    assert!(fault.contains("say --yes: there is no terminal"), "{fault}");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(ids(&shop.place(), &[]).len(), 3);
}
