//! `[[sources]]`, checked.

use std::{
    env,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use hooklatch::Retries;
use toml::Spanned;

use super::{
    Action, SourceSetting,
    document::Document,
    fault::{Findings, Problem},
    file::{CommandFile, RetriesFile, SourceFile},
    forward, keys, scheme, server, tenants,
    value::{Field, Print, Size},
};

/// Where the parts of a source stand.
#[derive(Clone, Debug)]
pub(super) struct SourcePlace {
    pub(super) whole: Range<usize>,
    pub(super) name: Range<usize>,
    pub(super) scheme: Range<usize>,
    pub(super) forward: Option<Range<usize>>,
}

/// All sources but those of which a fault is among the findings.
pub(super) fn all(
    findings: &mut Findings<'_>,
    document: &Arc<Document>,
    files: Vec<(Range<usize>, Option<SourceFile>)>,
) -> Vec<SourceSetting> {
    let mut seen = Seen::default();
    let mut sources = Vec::new();
    for (at, (place, file)) in files.into_iter().enumerate() {
        let Some(file) = file else { continue };
        sources.extend(one(findings, document, file, place, at, &mut seen));
    }
    sources
}

/// The names and paths of the sources so far.
#[derive(Default)]
struct Seen {
    names: Vec<String>,
    routes: matchit::Router<()>,
}

fn one(
    findings: &mut Findings<'_>,
    document: &Arc<Document>,
    mut file: SourceFile,
    place: Range<usize>,
    at: usize,
    seen: &mut Seen,
) -> Option<SourceSetting> {
    let (name, path) = name_and_path(findings, &mut file, &place, seen);
    let described = scheme::of_source(
        findings,
        file.provider.take(),
        file.scheme.take(),
        &scheme::At {
            name: name.as_ref().map_or("custom", |name| name.get_ref()),
            path: &format!("sources[{at}]"),
            source: &place,
        },
    );
    let scheme = described.as_ref().map(|described| &described.scheme);
    let keys = keys::of_source(findings, document, &mut file, scheme, place.clone());
    let tenants = file.tenants.take();
    let tenants = tenants.map(|file| tenants::of_source(findings, document, file, &keys));
    if let Some(path) = &path {
        let parameter = tenants.as_ref().map(tenants::TenantSetting::parameter);
        findings.take(fits_tenants(path, parameter));
    }
    let public_url = server::public_url(
        findings,
        file.public_url.take(),
        file.trusted_proxies.take(),
    );
    let forward = file.forward.as_ref().map(Spanned::span);
    let body_limit: Option<Size> = findings.value(file.body_limit.take());
    let retries = file
        .retries
        .take()
        .map(|retries| self::retries(findings, retries));
    let tolerance = findings.value(file.tolerance.take());
    let concurrency = findings.value(file.concurrency.take());
    let oldest_allowed = findings.value(file.oldest_allowed.take());
    let action = action(findings, document, file, &place);
    let (name, path, described) = (name?, path?, described?);
    Some(SourceSetting {
        place: SourcePlace {
            whole: place,
            name: name.span(),
            scheme: described.place,
            forward,
        },
        name: name.into_inner(),
        path: path.into_inner(),
        scheme: described.scheme,
        keys,
        tenants,
        tolerance,
        body_limit: body_limit.map(|Size(bytes)| bytes),
        public_url,
        concurrency,
        retries,
        oldest_allowed,
        action: action?,
    })
}

/// What tells a source from the others.
fn name_and_path(
    findings: &mut Findings<'_>,
    file: &mut SourceFile,
    place: &Range<usize>,
    seen: &mut Seen,
) -> (Option<Spanned<String>>, Option<Spanned<String>>) {
    let name = required(findings, file.name.take(), place, NAME).and_then(|name| {
        let checked = checked_name(name, &mut seen.names);
        findings.take(checked)
    });
    let path = required(findings, file.path.take(), place, PATH).and_then(|path| {
        let checked = checked_path(path, &mut seen.routes);
        findings.take(checked)
    });
    (name, path)
}

/// A setting that every source has.
fn required(
    findings: &mut Findings<'_>,
    field: Field<String>,
    place: &Range<usize>,
    (what, expected): (&str, &str),
) -> Option<Spanned<String>> {
    if field.is_none() {
        findings.fault(Problem::hidden(place.clone(), what, expected));
    }
    findings.placed(field)
}

fn checked_name(
    name: Spanned<String>,
    names: &mut Vec<String>,
) -> Result<Spanned<String>, Problem> {
    let text = name.get_ref();
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    if text.len() > LONGEST_NAME || !text.chars().all(fits) {
        let what = "a source cannot be called this: its name stands in logs, metrics and commands";
        let expected = "expected up to 64 letters, digits, `-`, `_`, `.` and `/`";
        return Err(Problem::shown(name.span(), what, expected));
    }
    if names.contains(text) {
        let what = format!("there is a source called \"{text}\" already");
        let expected = "expected another name: it scopes event ids";
        return Err(Problem::shown(name.span(), what, expected));
    }
    names.push(text.clone());
    Ok(name)
}

fn checked_path(
    path: Spanned<String>,
    routes: &mut matchit::Router<()>,
) -> Result<Spanned<String>, Problem> {
    let text = path.get_ref();
    let fault = |what: String| Problem::shown(path.span(), what, PATH.1);
    let fits = |c: char| c.is_ascii_graphic() && !"?#\\\"<>".contains(c);
    let is_old = |part: &str| part.starts_with([':', '*']);
    if !text.starts_with('/') || !text.chars().all(fits) || text.split('/').any(is_old) {
        return Err(fault("this is no path".to_owned()));
    }
    if RESERVED.contains(&&**text) {
        return Err(fault("the server answers at this path itself".to_owned()));
    }
    match routes.insert(text.clone(), ()) {
        Ok(()) => Ok(path),
        Err(matchit::InsertError::Conflict { with }) => Err(fault(format!(
            "requests to this path are those of the source at \"{with}\""
        ))),
        Err(error) => Err(fault(error.to_string())),
    }
}

/// Whether a path names tenants if, and only if, there are some.
fn fits_tenants(path: &Spanned<String>, parameter: Option<&str>) -> Result<(), Problem> {
    let text = path.get_ref();
    let has_some = text.contains(['{', '}']);
    match parameter {
        None if !has_some => Ok(()),
        None => Err(Problem::shown(
            path.span(),
            "the path names tenants, and there are none",
            "expected a plain path, or [sources.tenants] as well",
        )),
        Some(parameter) if text.contains(&format!("{{{parameter}}}")) => Ok(()),
        Some(parameter) => Err(Problem::shown(
            path.span(),
            "the path does not tell the tenant",
            &format!("expected {{{parameter}}} in it, as \"/webhooks/{{{parameter}}}/stripe\""),
        )),
    }
}

fn retries(findings: &mut Findings<'_>, file: Spanned<RetriesFile>) -> Retries {
    let place = file.span();
    let file = file.into_inner();
    let attempts: Option<usize> = findings.value(file.attempts);
    let default = Retries::DEFAULT;
    let retries = Retries {
        attempts: attempts.map_or(default.attempts, |attempts| {
            attempts.try_into().unwrap_or(u32::MAX)
        }),
        first: findings.value(file.first).unwrap_or(default.first),
        longest: findings.value(file.longest).unwrap_or(default.longest),
    };
    if retries.first > retries.longest {
        let what = "the first pause between tries is longer than the longest";
        findings.fault(Problem::hidden(
            place,
            what,
            "expected `first` to be the shorter one",
        ));
    }
    retries
}

/// What is done with an event. `None`: there is a fault among the findings.
fn action(
    findings: &mut Findings<'_>,
    document: &Arc<Document>,
    file: SourceFile,
    place: &Range<usize>,
) -> Option<Action> {
    let print: Option<Print> = findings.value(file.print);
    match (print, file.forward, file.command) {
        (None | Some(Print::Facts), None, None) => Some(Action::Print { body: false }),
        (Some(Print::Body), None, None) => Some(Action::Print { body: true }),
        (None | Some(Print::Nothing), Some(forward), None) => {
            forward::forward(findings, document, forward)
        }
        (None | Some(Print::Nothing), None, Some(command)) => self::command(findings, command),
        (Some(Print::Nothing), None, None) => {
            let what = "nothing is done with the events";
            let expected = "expected [sources.forward], [sources.command] or `print = true`";
            findings.fault(Problem::hidden(place.clone(), what, expected));
            None
        }
        _ => {
            let what = "more than one thing is done with the events: if one of them failed, the others would be done again";
            let expected = "expected one of `forward`, `command` and `print`; for two, have two sources at two paths";
            findings.fault(Problem::hidden(place.clone(), what, expected));
            None
        }
    }
}

fn command(findings: &mut Findings<'_>, file: Spanned<CommandFile>) -> Option<Action> {
    let place = file.span();
    let file = file.into_inner();
    if file.program.is_none() {
        let expected = "expected `program = \"./handle\"`";
        findings.fault(Problem::hidden(place, "nothing says what to run", expected));
    }
    let program = findings.placed(file.program);
    let timeout = findings.value(file.timeout).unwrap_or(COMMAND_TIMEOUT);
    let found = program_at(findings.document(), &program?);
    Some(Action::Command {
        program: findings.take(found)?,
        arguments: file.arguments.unwrap_or_default(),
        timeout,
    })
}

/// The program: a name is looked for in `PATH`, a path begins at the folder of the file.
fn program_at(document: &Document, program: &Spanned<String>) -> Result<PathBuf, Problem> {
    let text = program.get_ref();
    let folders = env::var_os("PATH").unwrap_or_default();
    let found = if text.contains('/') {
        Some(document.beside(text)).filter(|path| path.is_file())
    } else {
        let mut paths = env::split_paths(&folders).map(|folder| folder.join(text));
        paths.find(|path| Path::is_file(path))
    };
    found.ok_or_else(|| {
        let what = format!("there is no program \"{text}\"");
        let expected = "expected a name in PATH, or a path, which begins at this file's folder";
        Problem::shown(program.span(), what, expected)
    })
}

const NAME: (&str, &str) = (
    "this source has no name",
    "expected `name = \"…\"`: it scopes event ids",
);
const PATH: (&str, &str) = (
    "this source has no path",
    "expected `path = \"/webhooks/…\"`, one that no other source has",
);
const LONGEST_NAME: usize = 64;
const RESERVED: &[&str] = &["/healthz", "/readyz", "/metrics"];
const COMMAND_TIMEOUT: Duration = Duration::from_secs(30);
