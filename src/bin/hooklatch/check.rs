//! `hooklatch check`.

use std::{fmt::Write as _, path::PathBuf, process::ExitCode};

use clap::Args;
use serde_json::{Value, json};

use super::{
    Outcome,
    config::{self, Action, Config, Fault, Report, SourceSetting},
    say, say_json,
    verify::covers,
};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The configuration file.
    #[arg(long, value_name = "PATH", default_value = config::DEFAULT_PATH)]
    config: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let checked = config::load(&arguments.config);
    let code = match &checked {
        Ok(_) => ExitCode::SUCCESS,
        Err(fault) if fault.is_unread() => ExitCode::from(2),
        Err(_) => ExitCode::FAILURE,
    };
    match &checked {
        _ if arguments.json => say_json(&as_json(checked.as_ref()))?,
        Ok(config) => {
            for warning in &config.warnings {
                eprintln!("{warning}\n");
            }
            say(table(config).as_bytes())?;
        }
        Err(fault) => eprintln!("{fault}"),
    }
    Ok(code)
}

/// The sources, and a line of the rest.
fn table(config: &Config) -> String {
    let rows = config.sources.iter().map(row);
    let head = ["NAME", "SENDER", "PATH", "KEYS", "COVERS", "ACTION"].map(str::to_owned);
    let rows: Vec<_> = [head].into_iter().chain(rows).collect();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or_default()
    };
    let mut text = String::new();
    for row in &rows {
        let cells = row.iter().enumerate();
        let line = cells.fold(String::new(), |line, (column, cell)| {
            format!("{line}{cell:width$}  ", width = width(column))
        });
        let _ = writeln!(text, "{}", line.trim_end());
    }
    let admin = config.admin.as_ref().map(|admin| admin.listen.to_string());
    let _ = writeln!(
        text,
        "\nlistens on {}{}, admin on {}, store {}",
        config.server.listen,
        if config.server.tls.is_some() {
            " with TLS"
        } else {
            ""
        },
        admin.as_deref().unwrap_or("no address"),
        config.store.name(),
    );
    text
}

fn row(source: &SourceSetting) -> [String; 6] {
    let action = match &source.action {
        Action::Print { body: false } => "print".to_owned(),
        Action::Print { body: true } => "print the body".to_owned(),
        Action::Forward { url, .. } => format!("forward to {url}"),
        Action::Command { program, .. } => format!("run {}", program.display()),
    };
    [
        source.name.clone(),
        source.scheme.name.to_string(),
        source.path.clone(),
        keys(source),
        covers(source.scheme.coverage()).to_owned(),
        action,
    ]
}

/// Where the keys are, in a word or two.
fn keys(source: &SourceSetting) -> String {
    match (&source.tenants, source.keys.names().len()) {
        (Some(_), _) => "by tenant".to_owned(),
        (None, 0) => "fetched".to_owned(),
        (None, count) => count.to_string(),
    }
}

fn as_json(checked: Result<&Config, &Fault>) -> Value {
    let reports = |reports: &[Report]| -> Value { reports.iter().map(report).collect() };
    match checked {
        Err(fault) => json!({ "ok": false, "faults": reports(fault.all()) }),
        Ok(config) => json!({
            "ok": true,
            "warnings": reports(&config.warnings),
            "listen": config.server.listen,
            "tls": config.server.tls.is_some(),
            "admin": config.admin.as_ref().map(|admin| admin.listen),
            "store": config.store.name(),
            "sources": config.sources.iter().map(source).collect::<Value>(),
        }),
    }
}

fn report(report: &Report) -> Value {
    json!({
        "file": report.file,
        "line": report.line,
        "column": report.column,
        "message": report.what,
        "expected": report.expected,
    })
}

fn source(source: &SourceSetting) -> Value {
    json!({
        "name": source.name,
        "sender": source.scheme.name,
        "path": source.path,
        "keys": source.keys.names(),
        "tenants": source.tenants.is_some(),
        "covers": format!("{:?}", source.scheme.coverage()).to_lowercase(),
        "action": source.action.name(),
    })
}
