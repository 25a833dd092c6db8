//! `--help` and `man`, of each command.

use std::process::Command;

use super::told;

const COMMANDS: [&str; 18] = [
    "serve",
    "sign",
    "send",
    "verify",
    "explain",
    "deliveries",
    "deliveries list",
    "deliveries show",
    "deliveries replay",
    "deliveries retry",
    "deliveries forget",
    "deliveries purge",
    "providers",
    "init",
    "check",
    "vectors",
    "completions",
    "man",
];

#[test]
fn every_help_ends_with_examples_that_can_be_read() {
    let binary = env!("CARGO_BIN_EXE_hooklatch");
    for command in COMMANDS {
        let words: Vec<&str> = command.split(' ').chain(["--help"]).collect();
        let (help, _, code) = told(&words);
        assert_eq!(code, Some(0), "{command}");
        let (_, examples) = help.rsplit_once("Examples:\n").unwrap();
        assert!((1..=4).contains(&examples.lines().count()), "{help}");
        for line in examples.lines() {
            assert!(line.contains(&format!("hooklatch {command}")), "{line}");
            // `serve` would not end: what comes before it is enough.
            let line = line.replace("hooklatch init && ", "");
            let folder = tempfile::tempdir().unwrap();
            let script = format!("hooklatch() {{ '{binary}' \"$@\"; }}\n{line}");
            let mut shell = Command::new("sh");
            shell.args(["-c", &script]).current_dir(folder.path());
            shell.env_remove("HOOKLATCH_STORE");
            if line.trim() == "hooklatch serve" {
                continue;
            }
            let output = shell.output().unwrap();
            let fault = String::from_utf8(output.stderr).unwrap();
            // Files, secrets and a store are not there; the arguments are as they should be.
            for wrong in ["Usage:", "For more information, try"] {
                assert!(!fault.contains(wrong), "{line}: {fault}");
            }
        }
    }
}

#[test]
fn every_command_has_a_page_and_pages_refer_to_pages() {
    let version = concat!("\"hooklatch ", env!("CARGO_PKG_VERSION"), "\"");
    let is_referred = |page: &str, name: &str| page.replace('\\', "").contains(name);
    for command in COMMANDS {
        let words: Vec<&str> = ["man"].into_iter().chain(command.split(' ')).collect();
        let (page, fault, code) = told(&words);
        assert_eq!(code, Some(0), "{command}: {fault}");
        let title = page.lines().find(|line| line.starts_with(".TH")).unwrap();
        assert!(title.contains(version), "{title}");
        assert_eq!(told(&["man", command]).0, page, "{command}");
        assert!(!is_referred(&page, "-help(1)"), "{page}");
        let (_, examples) = page.split_once(".SH \"EXAMPLES\"\n.nf\n").unwrap();
        let example = examples.lines().next().unwrap().replace("\\-", "-");
        assert!(
            example.starts_with("\\&  hooklatch ") && example.contains(command),
            "{example}"
        );
        let parent = match command.split_once(' ') {
            Some((parent, _)) => told(&["man", parent]).0,
            None => told(&["man"]).0,
        };
        let name = format!("hooklatch-{}(1)", command.replace(' ', "-"));
        assert!(is_referred(&parent, &name), "{name}: {parent}");
        assert!(!is_referred(&parent, "hooklatch-help(1)"), "{parent}");
    }
    assert!(told(&["man"]).0.contains(".SH \"EXIT STATUS\"\n"));
    let (_, fault, code) = told(&["man", "deliveries", "odd"]);
    assert!(
        fault.contains("no such command") && code == Some(2),
        "{fault}"
    );
}

/// A full disk is no success.
#[test]
#[cfg(target_os = "linux")]
fn what_cannot_be_printed_ends_with_2() {
    for words in [
        "--help",
        "providers",
        "providers stripe --json",
        "init -",
        "man",
        "completions bash",
        "sign github --secret-env HOOK_SECRET",
    ] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
        let mut command = Command::new(env!("CARGO_BIN_EXE_hooklatch"));
        command.args(words.split(' ')).stdout(full.unwrap());
        let output = command
            .env("HOOK_SECRET", super::SECRET)
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap()
            .wait_with_output()
            .unwrap();
        let fault = String::from_utf8(output.stderr).unwrap();
        assert!(fault.contains("cannot be written"), "{words}: {fault}");
        assert_eq!(output.status.code(), Some(2), "{words}");
    }
}
