//! The store that the deliveries are in.

use std::{
    env,
    error::Error,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;
use hooklatch::{
    Key,
    store::{DeliveryQuery, Operate, PostgresStore, SqliteStore, StoreError, StoredDelivery},
};

use super::super::config::{DEFAULT_PATH, StoreSetting, load_store};

/// Where the deliveries are.
#[derive(Debug, Args)]
pub(super) struct Place {
    /// Where the deliveries are: `sqlite:hooklatch.db` or `postgres://user@host/database`. Else the environment variable
    /// HOOKLATCH_STORE says so, which keeps a password out of the list of processes; else hooklatch.toml, where there is one.
    #[arg(long, global = true, value_name = "STORE")]
    store: Option<String>,
    /// The configuration of `hooklatch serve` that says so. Nothing else is read of it.
    #[arg(long, global = true, value_name = "PATH", conflicts_with = "store")]
    config: Option<PathBuf>,
}

impl Place {
    fn setting(&self) -> Result<StoreSetting, String> {
        let configured = |path: &Path| load_store(path).map_err(|fault| fault.to_string());
        if let Some(name) = &self.store {
            return named(name);
        }
        if let Some(path) = &self.config {
            return configured(path);
        }
        match env::var(VARIABLE) {
            Ok(name) => named(&name),
            Err(_) if Path::new(DEFAULT_PATH).exists() => configured(Path::new(DEFAULT_PATH)),
            Err(_) => Err(format!(
                "say where the deliveries are: --store sqlite:hooklatch.db, --config {DEFAULT_PATH}, or {VARIABLE}"
            )),
        }
    }
}

/// The store of this name; a relative path begins here.
fn named(name: &str) -> Result<StoreSetting, String> {
    if let Some(path) = name.strip_prefix("sqlite:") {
        let path = path.strip_prefix("//").unwrap_or(path);
        let host = path.split_once('/').map_or(path, |(host, _)| host);
        if host.contains(':') && host.contains('@') {
            return Err("a file has no user and no password: a store is sqlite:PATH".to_owned());
        }
        return Ok(StoreSetting::Sqlite(path.into()));
    }
    if name.starts_with("postgres://") || name.starts_with("postgresql://") {
        return Ok(StoreSetting::Postgres(name.to_owned()));
    }
    // What it is may hold a password.
    Err("a store is sqlite:PATH or postgres://user@host/database".to_owned())
}

/// An open store.
pub(super) struct Store {
    /// What it is called, without a password.
    pub(super) name: String,
    pub(super) operate: Arc<dyn Operate>,
}

impl Store {
    /// Opens the store of this place, else the one of the environment, else that of the usual configuration. Makes none.
    pub(super) async fn open(place: &Place) -> Result<Self, String> {
        match place.setting()? {
            StoreSetting::Sqlite(path) => {
                let store = SqliteStore::open_beside(&path).await.map_err(said)?;
                Ok(Self::new(path.display().to_string(), store))
            }
            StoreSetting::Postgres(url) => {
                let options = PostgresStore::options().connections(2).only_existing();
                let store = options.connect(&url).await.map_err(said)?;
                Ok(Self::new("Postgres".to_owned(), store))
            }
            setting @ (StoreSetting::Memory | StoreSetting::RedisClaims(_)) => Err(format!(
                "the store is {}: it keeps no deliveries",
                setting.name()
            )),
        }
    }

    fn new(name: String, store: impl Operate + 'static) -> Self {
        Self {
            name,
            operate: Arc::new(store),
        }
    }

    /// The deliveries that fit, newest first, at most so many.
    pub(super) async fn all(
        &self,
        query: &DeliveryQuery,
        most: usize,
    ) -> Result<Vec<StoredDelivery>, String> {
        let mut query = query.clone();
        let mut all = Vec::new();
        while all.len() < most {
            let left = u32::try_from(most - all.len()).unwrap_or(PAGE);
            query.limit = left.min(PAGE);
            let page = self.operate.list(&query).await.map_err(failed)?;
            let Some(last) = page.last() else {
                break;
            };
            query.before = Some(last.position);
            all.extend(page);
        }
        Ok(all)
    }

    /// The event that is meant: by its key, or by an event id that one delivery has.
    pub(super) async fn event(&self, text: &str) -> Result<Option<Key>, String> {
        if let Some(key) = key(text) {
            return Ok(Some(key));
        }
        let query = DeliveryQuery::new().id(text).limit(2);
        match &*self.operate.list(&query).await.map_err(failed)? {
            [] => Ok(None),
            [one] => Ok(Some(one.event)),
            _ => Err(several("several deliveries have this event id", text)),
        }
    }

    /// The same; of several with one event id the oldest, which the others are replays of. Those of other receivers are not.
    pub(super) async fn oldest(&self, text: &str) -> Result<Option<Key>, String> {
        if let Some(key) = key(text) {
            return Ok(Some(key));
        }
        let query = DeliveryQuery::new().id(text);
        let found = self.all(&query, usize::MAX).await?;
        let Some(oldest) = found.last() else {
            return Ok(None);
        };
        let is_of_another =
            |one: &StoredDelivery| one.receiver != oldest.receiver || one.tenant != oldest.tenant;
        if found.iter().any(is_of_another) {
            let what = "deliveries of several receivers or tenants have this event id";
            return Err(several(what, text));
        }
        Ok(Some(oldest.event))
    }
}

/// That an event id is not enough, and what is.
fn several(what: &str, id: &str) -> String {
    format!(
        "{what}: name the one that is meant by its event, the first column of `hooklatch deliveries list --id {}`",
        super::text::plain(id)
    )
}

/// A key as it is shown.
fn key(text: &str) -> Option<Key> {
    let number = u128::from_str_radix(text, 16).ok()?;
    let key = Key::from_bytes(number.to_be_bytes());
    (key.to_string() == text.to_lowercase()).then_some(key)
}

/// What a store says went wrong.
pub(super) fn failed(error: StoreError) -> String {
    said(error)
}

/// An error with its causes.
fn said(error: impl Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}

const VARIABLE: &str = "HOOKLATCH_STORE";

/// How many are asked for at once.
const PAGE: u32 = 1000;
