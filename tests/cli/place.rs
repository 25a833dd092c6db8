//! Where `hooklatch deliveries` looks for them.

use std::path::Path;

use super::deliveries::ended;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_store_is_that_of_the_configuration() {
    let shop = ended().await;
    let config = |name: &str, text: &str| {
        std::fs::write(shop.folder.path().join(name), text).unwrap();
    };
    // A source whose secret nobody has here: of no use, and of no matter.
    let sources = "[[sources]]\nname = \"shop\"\npath = \"/shop\"\nprovider = \"stripe\"\nsecret = { env = \"NOT_THERE\" }\n";
    let stored = format!("[store]\nurl = \"sqlite:hooks.db\"\n{sources}");
    config("hooks.toml", &stored);
    let run = |folder: &Path, arguments: &[&str], variable: Option<&str>| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_hooklatch"));
        command
            .args(["deliveries", "list", "--json"])
            .args(arguments);
        command.current_dir(folder).env_remove("HOOKLATCH_STORE");
        command.envs(variable.map(|place| ("HOOKLATCH_STORE", place)));
        let output = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let (out, fault) = (text(output.stdout), text(output.stderr));
        (out.lines().count(), fault, output.status.code().unwrap())
    };
    let (folder, elsewhere) = (shop.folder.path(), tempfile::tempdir().unwrap());
    let found = (3, String::new(), 0);
    assert_eq!(run(folder, &["--config", "hooks.toml"], None), found);
    // Its path begins at the folder of the file, wherever the command runs.
    let path = folder.join("hooks.toml");
    let path = path.to_str().unwrap();
    assert_eq!(run(elsewhere.path(), &["--config", path], None), found);
    // It goes before the variable; the usual file, where it is there, after it.
    assert_eq!(
        run(folder, &["--config", "hooks.toml"], Some("sqlite:no.db")),
        found
    );
    assert!(run(folder, &[], None).1.contains("HOOKLATCH_STORE"));
    config("hooklatch.toml", &stored);
    assert_eq!(run(folder, &[], None), found);
    assert_eq!(run(folder, &[], Some("sqlite:no.db")).2, 2);

    let both = ["--config", "hooks.toml", "--store", "sqlite:hooks.db"];
    let (_, fault, code) = run(folder, &both, None);
    assert!(
        code == 2 && fault.contains("cannot be used with"),
        "{fault}"
    );
    for (text, told) in [
        ("[store]\nurl = \"memory\"", "keeps no deliveries"),
        (
            "[store]\nurl = \"redis://127.0.0.1:9/\"",
            "keeps no deliveries",
        ),
        ("[store]\nurl = 1", "hooks.toml:2:7"),
        ("[store]\nurl = \"sqlite:no.db\"", "no.db"),
        ("[store", "hooks.toml:1:"),
    ] {
        config("hooks.toml", text);
        let (_, fault, code) = run(folder, &["--config", "hooks.toml"], None);
        assert!(code == 2 && fault.contains(told), "{text}: {fault}");
    }
    assert!(!folder.join("no.db").exists());
    assert_eq!(run(folder, &["--config", "none.toml"], None).2, 2);
}
