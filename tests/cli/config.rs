//! `hooklatch init` and `hooklatch check`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hooklatch::{provider, testing::Sender};
use serde_json::Value;

/// Stands in the cases wherever somebody may put a secret by mistake. Nothing that is printed holds it.
const MARKER: &str = "whsec_MARKERMARKERMARKERMARKER";

/// A folder with a configuration and what it names.
struct Stage(tempfile::TempDir);

impl Stage {
    fn new(config: &str) -> Self {
        let stage = Self(tempfile::tempdir().unwrap());
        stage.write("hooklatch.toml", config);
        stage.write("secret.txt", &format!("{MARKER}\n"));
        stage.write("open.txt", &format!("{MARKER}\n"));
        let own = rcgen::generate_simple_self_signed(["app.internal".to_owned()]).unwrap();
        stage.write("ca.pem", &pem("CERTIFICATE", own.cert.der()));
        stage.allow("secret.txt", 0o600);
        stage.allow("open.txt", 0o644);
        stage
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    #[cfg(unix)]
    fn allow(&self, name: &str, mode: u32) {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(mode)).unwrap();
    }

    /// What a command printed, on either side, and how it ended.
    fn told(&self, arguments: &[&str], variables: &[(String, String)]) -> (String, String, i32) {
        let output = Command::new(env!("CARGO_BIN_EXE_hooklatch"))
            .args(arguments)
            .current_dir(self.0.path())
            .env("STRIPE_SECRET", MARKER)
            .env("PADDED_SECRET", format!("{MARKER} "))
            .env("SHORT_SECRET", &MARKER[..12])
            .env("EMPTY_SECRET", " ")
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let (out, err) = (text(output.stdout), text(output.stderr));
        assert!(
            !out.contains(&MARKER[..12]) && !err.contains(&MARKER[..12]),
            "{out}{err}"
        );
        (out, err, output.status.code().unwrap())
    }
}

/// The folder of the cases: a configuration each, and what is said of it.
fn cases() -> impl Iterator<Item = PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/config");
    let files = fs::read_dir(folder).unwrap();
    let files = files.map(|file| file.unwrap().path());
    files.filter(|file| file.extension().is_some_and(|end| end == "toml"))
}

#[test]
fn every_fault_is_shown_at_its_place_and_shows_no_secret() {
    let mut differ = Vec::new();
    let mut count = 0;
    for case in cases() {
        let stage = Stage::new(&fs::read_to_string(&case).unwrap());
        let (out, err, code) = stage.told(&["check"], &[]);
        let is_warned = case.file_stem().unwrap() == "warnings";
        assert_eq!(code, i32::from(!is_warned), "{err}");
        assert_eq!(out.is_empty(), !is_warned, "{out}");
        let expected = case.with_extension("txt");
        if fs::read_to_string(&expected).unwrap_or_default() != err {
            let is = Path::new(env!("CARGO_TARGET_TMPDIR")).join(expected.file_name().unwrap());
            fs::write(&is, err).unwrap();
            differ.push(format!("cp {} {}", is.display(), expected.display()));
        }
        count += 1;
    }
    assert!(count >= 12, "{count}");
    assert!(
        differ.is_empty(),
        "if they are right:\n{}",
        differ.join("\n")
    );
}

#[test]
fn faults_are_told_to_programs_too() {
    let stage = Stage::new("[[sources]]\nname = \"a\"\npath = \"/a\"\n  provider = \"strpe\"\n");
    let (out, err, code) = stage.told(&["check", "--json"], &[]);
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((told["ok"].as_bool(), code, &*err), (Some(false), 1, ""));
    let fault = &told["faults"][0];
    assert_eq!(
        (fault["line"].as_u64(), fault["column"].as_u64()),
        (Some(4), Some(14))
    );
    assert_eq!(fault["file"], "hooklatch.toml");
    assert_eq!(fault["message"], "there is no provider \"strpe\"");
    assert_eq!(fault["expected"], "did you mean \"stripe\"?");
}

#[test]
fn what_is_right_is_a_table_or_json() {
    let stage = Stage::new(GOOD);
    let (out, err, code) = stage.told(&["check", "--config", "hooklatch.toml"], &[]);
    assert_eq!((&*err, code), ("", 0), "{out}");
    let cells = |line: &str| -> Vec<String> {
        let cells = line.split("  ").map(str::trim);
        cells
            .filter(|cell| !cell.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let rows: Vec<_> = out.lines().map(cells).collect();
    let row = [
        "shop",
        "stripe",
        "/webhooks/{tenant}/stripe",
        "by tenant",
        "the whole body",
        "print",
    ];
    assert_eq!(rows[2], row, "{out}");
    let (out, _, code) = stage.told(&["check", "--json"], &[]);
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((told["ok"].as_bool(), code), (Some(true), 0));
    assert_eq!(
        told["sources"][0]["keys"],
        serde_json::json!(["STRIPE_SECRET", "old"])
    );
    assert_eq!(told["sources"][0]["action"], "forward");
    assert_eq!(told["store"], "sqlite");
}

const GOOD: &str = r#"
[[sources]]
name = "acme"
path = "/webhooks/acme"
secrets = [{ env = "STRIPE_SECRET" }, { file = "secret.txt", name = "old" }]
tolerance = "5min"
[sources.scheme]
signature = { header = "x-acme-signature" }
[sources.forward]
url = "http://127.0.0.1:8080/events"

[[sources]]
name = "shop"
path = "/webhooks/{tenant}/stripe"
provider = "stripe"
[sources.tenants.secrets]
acme = { env = "STRIPE_SECRET" }
"#;

#[test]
fn a_file_that_is_not_there_ends_with_2() {
    let stage = Stage::new("");
    let (out, err, code) = stage.told(&["check", "--config", "none.toml"], &[]);
    assert_eq!((&*out, code), ("", 2));
    assert!(err.starts_with("error: none.toml: "), "{err}");
    assert!(err.contains("`hooklatch init` writes one"), "{err}");
}

#[test]
fn a_file_that_is_there_is_left_alone_unless_forced() {
    let stage = Stage::new("mine");
    let (_, err, code) = stage.told(&["init"], &[]);
    assert_eq!(
        (&*err, code),
        (
            "hooklatch: hooklatch.toml is there already; --force overwrites it\n",
            2
        )
    );
    assert_eq!(
        fs::read_to_string(stage.path("hooklatch.toml")).unwrap(),
        "mine"
    );
    let (_, _, code) = stage.told(&["init", "--force"], &[]);
    let (printed, _, _) = stage.told(&["init", "-"], &[]);
    assert_eq!(code, 0);
    assert_eq!(
        fs::read_to_string(stage.path("hooklatch.toml")).unwrap(),
        printed
    );
    let (_, _, code) = stage.told(&["init", "other.toml", "--provider", "github"], &[]);
    assert!(code == 0 && stage.path("other.toml").exists());
    let (_, err, code) = stage.told(&["init", "-", "--provider", "strpe"], &[]);
    assert!(code == 2 && err.contains("no such sender"), "{err}");
}

#[test]
fn what_init_writes_is_right_once_its_variables_are_set() {
    let stage = Stage::new("");
    let (config, _, _) = stage.told(&["init", "-"], &[]);
    stage.write("hooklatch.toml", &config);
    let (_, err, code) = stage.told(&["check"], &[]);
    assert_eq!(code, 1, "{err}");
    assert!(
        err.contains("the environment variable STRIPE_WEBHOOK_SECRET is not set"),
        "{err}"
    );
    let (_, err, code) = stage.told(&["check"], &variables(&config));
    assert_eq!((&*err, code), ("", 0), "not even a warning");
}

/// The variables that a configuration names, with secrets in them.
fn variables(config: &str) -> Vec<(String, String)> {
    let names = config.split("env = \"").skip(1);
    let names = names.map(|rest| rest.split('"').next().unwrap());
    let value = |name: &str| match name {
        "DATABASE_URL" => "postgres://hooks@127.0.0.1/hooks".to_owned(),
        _ => MARKER.to_owned(),
    };
    names.map(|name| (name.to_owned(), value(name))).collect()
}

fn pem(kind: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    format!("-----BEGIN {kind}-----\n{text}\n-----END {kind}-----\n")
}

#[test]
fn every_setting_that_init_comments_out_can_be_used() {
    let stage = Stage::new("");
    let (config, _, _) = stage.told(&["init", "-"], &[]);
    let variables = variables(&config);
    fs::create_dir(stage.path("tls")).unwrap();
    fs::create_dir(stage.path("tenants")).unwrap();
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    for file in ["tls/cert.pem", "tls/authority.pem"] {
        stage.write(file, &pem("CERTIFICATE", own.cert.der()));
    }
    stage.write(
        "tls/key.pem",
        &pem("PRIVATE KEY", &own.signing_key.serialize_der()),
    );
    stage.write("acme.old", MARKER);
    stage.allow("acme.old", 0o600);
    let lines: Vec<&str> = config.lines().collect();
    let is_setting = |line: &str| {
        let behind = line.strip_prefix('#');
        behind.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '['))
    };
    let mut settings = 0;
    let mut at = 0;
    for run in lines.chunk_by(|one, other| is_setting(one) == is_setting(other)) {
        let (before, after) = (&lines[..at], &lines[at + run.len()..]);
        at += run.len();
        if !is_setting(run[0]) {
            continue;
        }
        settings += run.len();
        let used: Vec<_> = run.iter().map(|line| &line[1..]).collect();
        let config = [before, &used, after].concat().join("\n");
        stage.write("hooklatch.toml", &config);
        let (_, err, code) = stage.told(&["check"], &variables);
        assert_eq!((&*err, code), ("", 0), "{used:?}");
    }
    assert!(settings > 40, "{settings}");
}

#[test]
fn init_writes_a_source_for_every_sender() {
    let stage = Stage::new("");
    let names = provider::ALL.iter().map(|scheme| &*scheme.name);
    let arguments: Vec<_> = ["init", "-", "--provider"]
        .into_iter()
        .chain(names)
        .collect();
    let (config, _, code) = stage.told(&arguments, &[]);
    assert_eq!(code, 0);
    stage.write("hooklatch.toml", &config);
    let parsed: toml::Table = config.parse().unwrap();
    let mut variables = Vec::new();
    for source in parsed["sources"].as_array().unwrap() {
        let scheme = provider::by_name(source["provider"].as_str().unwrap()).unwrap();
        let key = Sender::new(scheme.clone()).key_text();
        let mut add = |given: &toml::Value, value: &str| {
            if let Some(name) = given.get("env") {
                variables.push((name.as_str().unwrap().to_owned(), value.to_owned()));
            }
        };
        if let Some(secret) = source.get("secret") {
            add(secret, &key);
        }
        for (_, given) in source
            .get("params")
            .and_then(toml::Value::as_table)
            .into_iter()
            .flatten()
        {
            add(given, "a-token-made-up-for-the-test");
        }
    }
    let (out, err, code) = stage.told(&["check"], &variables);
    assert_eq!(code, 0, "{err}");
    assert!(out.lines().count() > provider::ALL.len());
}

/// The settings of each table, as the program itself lists them to whoever writes another.
fn settings() -> BTreeMap<&'static str, BTreeSet<String>> {
    let source = "[[sources]]\nzzz = 1";
    let tables = [
        ("[server]", "[server]\nzzz = 1"),
        ("[server.tls]", "[server.tls]\nzzz = 1"),
        ("[admin]", "[admin]\nzzz = 1"),
        ("[store]", "[store]\nzzz = 1"),
        ("[log]", "[log]\nzzz = 1"),
        ("[[sources]]", source),
        (
            "[sources.tenants]",
            "[[sources]]\n[sources.tenants]\nzzz = 1",
        ),
        (
            "[sources.retries]",
            "[[sources]]\n[sources.retries]\nzzz = 1",
        ),
        (
            "[sources.forward]",
            "[[sources]]\n[sources.forward]\nzzz = 1",
        ),
        (
            "[sources.command]",
            "[[sources]]\n[sources.command]\nzzz = 1",
        ),
        ("A secret", "[[sources]]\nsecret = { zzz = 1 }"),
        ("params", "[[sources]]\nparams = { zzz = \"1\" }"),
    ];
    let known = tables.map(|(table, config)| {
        let (out, _, _) = Stage::new(config).told(&["check", "--json"], &[]);
        let told: Value = serde_json::from_str(&out).unwrap();
        let faults = told["faults"].as_array().unwrap();
        let is_it = |fault: &&Value| fault["message"].as_str().unwrap().contains("`zzz`");
        let fault = faults.iter().find(is_it).unwrap();
        let names = fault["expected"].as_str().unwrap().split('`');
        (table, names.skip(1).step_by(2).map(str::to_owned).collect())
    });
    known.into()
}

#[test]
fn every_setting_has_a_row_in_the_reference_and_no_other_has() {
    let page = reference();
    for (table, known) in settings() {
        let heading = format!("\n## `{table}`\n");
        let heading = if page.contains(&heading) {
            heading
        } else {
            format!("\n## {table}\n")
        };
        let (_, section) = page
            .split_once(&heading)
            .unwrap_or_else(|| panic!("no section on {table}"));
        let section = section.split("\n## ").next().unwrap();
        let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
        let told: BTreeSet<_> = rows
            .map(|row| row.split('`').next().unwrap().to_owned())
            .collect();
        assert!(!known.is_empty());
        assert_eq!(told, known, "{table}");
    }
}

fn reference() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/config.md")).unwrap()
}

#[test]
fn the_sources_of_the_reference_are_right() {
    let page = reference();
    let blocks = page.split("```toml\n").skip(1);
    let blocks = blocks.map(|rest| rest.split("```").next().unwrap());
    let sources: Vec<_> = blocks
        .filter(|block| block.starts_with("[[sources]]"))
        .collect();
    assert_eq!(sources.len(), 3);
    let config = sources.join("\n");
    let (_, err, code) = Stage::new(&config).told(&["check"], &variables(&config));
    assert_eq!((&*err, code), ("", 0));
}
