//! [`load`]: from a path to a [`Config`].

use std::{fs, ops::Range, path::Path, sync::Arc};

use hooklatch::{Clock as _, SystemClock};
use serde::de::DeserializeOwned;
use toml::{
    Spanned,
    de::{DeTable, DeValue, Error, ValueDeserializer},
};

use super::{
    Config, Fault, Report, StoreSetting,
    document::{Document, is_short},
    fault::{Findings, Place, Problem, found_and_expected},
    file::{ServerFile, SourceFile},
    receiver, server, source, suggest,
};

/// Reads and checks a file. Environment variables and files that it names are read as well, and every receiver is built once,
/// to find faults now.
///
/// # Errors
/// All faults that can be told at once, each with its place.
pub(crate) fn load(path: &Path) -> Result<Config, Fault> {
    let (config, warnings) = read_file(path, config)?;
    Ok(Config { warnings, ..config })
}

/// Reads of a file where deliveries are kept, and nothing else: whoever looks after them may not know the secrets of senders.
///
/// # Errors
/// The file is not TOML, or what it says of the store is at fault.
pub(crate) fn load_store(path: &Path) -> Result<StoreSetting, Fault> {
    let (store, _) = read_file(path, |findings, _, table| {
        let store = Tables(table).take(findings, "store");
        server::store(findings, store.unwrap_or_default())
    })?;
    Ok(store)
}

/// What is read of a file, and the warnings.
fn read_file<T>(
    path: &Path,
    read: impl FnOnce(&mut Findings<'_>, &Arc<Document>, DeTable<'_>) -> Option<T>,
) -> Result<(T, Vec<Report>), Fault> {
    let text = fs::read_to_string(path).map_err(|error| Fault::unread(path, &error))?;
    let document = Document::new(path, text.clone());
    let (table, unread) = DeTable::parse_recoverable(&text);
    let table = table.into_inner();
    if !unread.is_empty() {
        let problems: Vec<_> = unread.iter().map(unreadable).collect();
        return Err(Fault::from((&document, problems)));
    }
    let document = Arc::new(document.with_values(&table));
    let mut findings = Findings::new(&document);
    let value = read(&mut findings, &document, table);
    let warnings = findings.finish()?;
    // Without a value there is a fault among the findings; were there none, it would still not be used.
    let none = || Problem::hidden(0..0, "this cannot be used", "");
    let value = value.ok_or_else(|| Fault::from((&*document, vec![none()])))?;
    Ok((value, warnings))
}

/// The configuration; what is wrong is among the findings. `None`: there is a fault among them.
fn config(
    findings: &mut Findings<'_>,
    document: &Arc<Document>,
    table: DeTable<'_>,
) -> Option<Config> {
    let mut tables = Tables::new(findings, table);
    let server = tables.take(findings, "server");
    let admin = tables.take(findings, "admin");
    let store = tables.take(findings, "store");
    let log = tables.take(findings, "log");
    let sources = tables.take_sources(findings);

    let server: ServerFile = server.unwrap_or_default();
    let tells_url = server.public_url.is_some() || server.trusted_proxies.is_some();
    let server = server::server(findings, server);
    let admin = admin.map(|admin| server::admin(findings, document, admin).ok_or(()));
    let store = server::store(findings, store.unwrap_or_default());
    let log = server::log(findings, log.unwrap_or_default());
    let sources = source::all(findings, document, sources);
    receiver::check(findings, &sources);
    let (server, admin, store, log) = (server?, admin.transpose().ok()?, store?, log?);
    if let Some(admin) = &admin
        && admin.listen == server.listen
        && server.listen.port() != 0
    {
        let what = format!("{} is the address of webhooks as well", admin.listen);
        let place = document.span_of("admin").unwrap_or_default();
        let expected = "expected another `listen`: who sends webhooks must not reach it";
        findings.fault(Problem::hidden(place, what, expected));
    }
    let files = receiver::files(document.path(), server.tls.as_ref(), &sources);
    let now = SystemClock::default().now();
    receiver::look(findings, &store, &sources, tells_url, now);
    Some(Config {
        path: document.path().to_owned(),
        server,
        admin,
        store,
        log,
        sources,
        files,
        warnings: Vec::new(),
    })
}

/// The tables of the file that are still to be read.
struct Tables<'t>(DeTable<'t>);

impl<'t> Tables<'t> {
    /// Of the tables that there can be; any other is a fault.
    fn new(findings: &mut Findings<'_>, table: DeTable<'t>) -> Self {
        for (key, _) in &table {
            let name = key.get_ref();
            if !TABLES.contains(&&**name) {
                findings.fault(unknown(key.span(), name, TABLES.iter().copied()));
            }
        }
        Self(table)
    }

    /// A table, if it is there and has the shape.
    fn take<T: DeserializeOwned>(&mut self, findings: &mut Findings<'_>, name: &str) -> Option<T> {
        let value = self.0.remove(name)?;
        read(findings, value)
    }

    fn take_sources(
        &mut self,
        findings: &mut Findings<'_>,
    ) -> Vec<(Range<usize>, Option<SourceFile>)> {
        let Some(value) = self.0.remove("sources") else {
            findings.fault(Problem::hidden(0..0, NO_SOURCE.0, NO_SOURCE.1));
            return Vec::new();
        };
        let span = value.span();
        let DeValue::Array(sources) = value.into_inner() else {
            let what = "`sources` is a list";
            let expected = "expected [[sources]], with two brackets";
            findings.fault(Problem::hidden(span, what, expected));
            return Vec::new();
        };
        if sources.is_empty() {
            findings.fault(Problem::hidden(span, NO_SOURCE.0, NO_SOURCE.1));
        }
        let sources = sources.into_iter();
        sources
            .map(|source| (source.span(), read(findings, source)))
            .collect()
    }
}

/// A value in the shape of a type.
fn read<T: DeserializeOwned>(
    findings: &mut Findings<'_>,
    value: Spanned<DeValue<'_>>,
) -> Option<T> {
    let whole = value.span();
    let read = T::deserialize(ValueDeserializer::from(value));
    let document = findings.document();
    findings.take(read.map_err(|error| misshapen(document, whole, &error)))
}

/// What is wrong with the shape of a value. What was found is not told unless it can hold no secret.
fn misshapen(document: &Document, whole: Range<usize>, error: &Error) -> Problem {
    let place = error.span().unwrap_or(whole);
    let (found, expected) = found_and_expected(error.message());
    if let Some(name) = found.strip_prefix("unknown field `") {
        let name = name.trim_end_matches('`');
        let names = expected.split('`').skip(1).step_by(2);
        return unknown(place, name, names);
    }
    if document.is_public(&place) {
        return Problem::shown(place, found, &expected);
    }
    Problem::hidden(place, "this is of another kind than expected", &expected)
}

/// A setting that is not there. Its name is shown unless it may be a secret in the place of a name.
fn unknown<'n>(
    place: Range<usize>,
    name: &str,
    names: impl Iterator<Item = &'n str> + Clone,
) -> Problem {
    let expected = suggest::among(name, names.clone());
    if is_short(name) || suggest::nearest(name, names).is_some() {
        let what = format!("there is no setting `{name}` here");
        return Problem::hidden(place, what, &expected);
    }
    let place = Place::Unread(place.start);
    Problem::at(place, "there is no setting of this name here", &expected)
}

/// What is wrong with a file that is no TOML.
fn unreadable(error: &Error) -> Problem {
    let (found, expected) = found_and_expected(error.message());
    let place = error.span().map_or(0, |span| span.start);
    Problem::at(
        Place::Unread(place),
        format!("this is not TOML: {found}"),
        &expected,
    )
}

const NO_SOURCE: (&str, &str) = (
    "there is no source: nothing would be received",
    "expected [[sources]] with a name, a path, a provider and a secret",
);
const TABLES: &[&str] = &["server", "admin", "store", "log", "sources"];
