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
        assert!((1..=3).contains(&examples.lines().count()), "{help}");
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
        let parent = match command.split_once(' ') {
            Some((parent, _)) => told(&["man", parent]).0,
            None => told(&["man"]).0,
        };
        let name = format!("hooklatch-{}(1)", command.replace(' ', "-"));
        assert!(is_referred(&parent, &name), "{name}: {parent}");
        assert!(!is_referred(&parent, "hooklatch-help(1)"), "{parent}");
    }
    let (_, fault, code) = told(&["man", "deliveries", "odd"]);
    assert!(
        fault.contains("no such command") && code == Some(2),
        "{fault}"
    );
}
