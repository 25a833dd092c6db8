//! The store that the deliveries are in.

use std::{env, error::Error, sync::Arc};

use hooklatch::{
    Key,
    store::{DeliveryQuery, Operate, PostgresStore, SqliteStore, StoreError, StoredDelivery},
};

/// An open store.
pub(super) struct Store {
    /// What it is called, without a password.
    pub(super) name: String,
    pub(super) operate: Arc<dyn Operate>,
}

impl Store {
    /// Opens the store of this name, else the one of the environment. Makes none.
    pub(super) async fn open(name: Option<&str>) -> Result<Self, String> {
        let name = match name {
            Some(name) => name.to_owned(),
            None => env::var(VARIABLE).map_err(|_| {
                format!("say where the deliveries are: --store sqlite:hooklatch.db, or {VARIABLE}")
            })?,
        };
        if let Some(path) = name.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            let store = SqliteStore::open_beside(path).await.map_err(said)?;
            return Ok(Self::new(path.to_owned(), store));
        }
        if name.starts_with("postgres://") || name.starts_with("postgresql://") {
            let options = PostgresStore::options().connections(2).only_existing();
            let store = options.connect(&name).await.map_err(said)?;
            return Ok(Self::new("Postgres".to_owned(), store));
        }
        // What it is may hold a password.
        Err("a store is sqlite:PATH or postgres://user@host/database".to_owned())
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
            _ => Err(format!(
                "several deliveries have this event id, as those of other receivers and replays: name the event as \
                 `hooklatch deliveries list --id {}` shows it",
                super::text::plain(text)
            )),
        }
    }
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
