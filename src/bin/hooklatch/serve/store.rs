//! The store of all sources: opened once, and kept over every reload.

use std::{error::Error, fs::OpenOptions, path::Path, sync::Arc};

use hooklatch::{
    Claims, Hooks, Inbox, MemoryStore, Receiver,
    store::{Operate, PostgresStore, RedisStore, SqliteStore},
};

use super::{
    TARGET,
    config::{StoreSetting, others_read},
};

/// Where deliveries or claims are kept.
#[derive(Clone)]
pub(super) enum Store {
    /// Claims alone: events are handled while their senders wait.
    Claims(Arc<dyn Claims>),
    /// An inbox, which is looked after as well.
    Inbox(Arc<dyn Inbox>, Arc<dyn Operate>),
}

impl Store {
    /// Opens or connects it.
    ///
    /// # Errors
    /// It cannot be opened or reached. No error holds the password of a URL.
    pub(super) async fn open(setting: &StoreSetting) -> Result<Self, Box<dyn Error>> {
        Ok(match setting {
            StoreSetting::Memory => Self::Claims(Arc::new(MemoryStore::new())),
            StoreSetting::RedisClaims(url) => {
                Self::Claims(Arc::new(RedisStore::connect(url).await?))
            }
            StoreSetting::Sqlite(path) => {
                keep_private(path);
                Self::inbox(SqliteStore::open(path).await?)
            }
            StoreSetting::Postgres(url) => Self::inbox(PostgresStore::connect(url).await?),
        })
    }

    fn inbox<S: Inbox + Operate + Clone + 'static>(store: S) -> Self {
        Self::Inbox(Arc::new(store.clone()), Arc::new(store))
    }

    /// What looks after its deliveries, where it has any.
    pub(super) fn operate(&self) -> Option<Arc<dyn Operate>> {
        match self {
            Self::Claims(_) => None,
            Self::Inbox(_, operate) => Some(Arc::clone(operate)),
        }
    }

    /// Gives hooks their claims.
    pub(super) fn with_claims(&self, hooks: Hooks) -> Hooks {
        match self {
            Self::Claims(claims) => hooks.with_claims(Arc::clone(claims)),
            Self::Inbox(..) => hooks,
        }
    }

    /// Gives a receiver its inbox, where there is one.
    pub(super) fn with_inbox(&self, receiver: Receiver) -> Receiver {
        match self {
            Self::Claims(_) => receiver,
            Self::Inbox(inbox, _) => receiver.shared_inbox(Arc::clone(inbox)),
        }
    }
}

/// Makes the file of an inbox, where there is none, so that nobody else can read it: events are in it. The files that SQLite puts
/// beside it get the same mode.
fn keep_private(path: &Path) {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // Whatever else is wrong with the file, the store says when it opens it.
    if options.open(path).is_err() && others_read(path) {
        let path = path.display();
        tracing::warn!(target: TARGET, %path, "every user of this machine may read the inbox: keep it from others, as by `chmod 600`");
    }
}
