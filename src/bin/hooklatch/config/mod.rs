//! The configuration file of `hooklatch serve`: read, checked and ready to use.
//!
//! | file | is |
//! |---|---|
//! | `settings` | what comes out: plain data |
//! | `file`, `value`, `given` | the file as it stands, before any of it is believed |
//! | `server`, `source`, `forward`, `scheme`, `keys`, `params`, `origin`, `tenants` | from one to the other, with every check |
//! | `document`, `fault`, `suggest` | what is wrong, where, and what may have been meant |

mod document;
mod fault;
mod file;
mod forward;
mod given;
mod keys;
mod origin;
mod params;
mod read;
mod receiver;
mod scheme;
mod server;
mod settings;
mod source;
mod suggest;
mod tenants;
mod value;
mod variables;

pub(crate) use self::{
    fault::{Fault, Report},
    forward::Authorities,
    keys::{SecretSetting, is_secret},
    origin::others_read,
    params::{PARAMS, is_secret_param, param},
    read::{load, load_store},
    settings::{
        Action, AdminSettings, Config, LogFormat, LogSettings, ServerSettings, SourceSetting,
        StoreSetting, TlsSettings,
    },
};

/// Where the file is, unless it is said.
pub(crate) const DEFAULT_PATH: &str = "hooklatch.toml";
