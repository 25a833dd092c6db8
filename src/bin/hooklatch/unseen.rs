//! Arguments that may be secrets: what is wrong with them is said without repeating them.

use std::{ffi::OsStr, path::Path};

use clap::{
    Arg, Command, Error,
    builder::TypedValueParser,
    error::{ContextKind, ContextValue, ErrorKind},
};
use hooklatch::Secret;

/// A parser whose refusal does not repeat the value.
#[derive(Clone)]
pub(crate) struct Unseen<T>(pub(crate) fn(&str) -> Result<T, String>);

impl<T: Clone + Send + Sync + 'static> TypedValueParser for Unseen<T> {
    type Value = T;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<T, Error> {
        let text = value
            .to_str()
            .ok_or_else(|| "it is not Unicode text".to_owned());
        text.and_then(self.0).map_err(|reason| {
            let argument = argument.map(Arg::to_string).unwrap_or_default();
            let message = format!("the value of '{argument}' cannot be used: {reason}\n");
            Error::raw(ErrorKind::ValueValidation, message).with_cmd(command)
        })
    }
}

/// The error without what may be a secret, as one that stands where nothing is expected.
pub(crate) fn without_secrets(mut error: Error) -> Error {
    let is_hidden = |kind, text: &str| match kind {
        ContextKind::InvalidArg => {
            error.kind() == ErrorKind::UnknownArgument && !is_flag(text) && !is_plain(text)
        }
        _ => !is_plain(text),
    };
    let hidden = [
        ContextKind::InvalidArg,
        ContextKind::InvalidSubcommand,
        ContextKind::InvalidValue,
    ]
    .into_iter()
    .filter(|kind| matches!(error.get(*kind), Some(ContextValue::String(text)) if is_hidden(*kind, text)));
    for kind in hidden.collect::<Vec<_>>() {
        error.insert(kind, ContextValue::String(HIDDEN.to_owned()));
        // Tips repeat it.
        error.insert(ContextKind::Suggested, ContextValue::None);
    }
    error
}

/// Whether it is written as a flag.
fn is_flag(text: &str) -> bool {
    let name = text.trim_start_matches('-');
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
    text.starts_with('-') && name.len() <= LONGEST_FLAG && name.bytes().all(fits)
}

/// Whether it is too short for a secret, or written as names and paths are.
fn is_plain(text: &str) -> bool {
    let looks_secret = SECRETS.iter().any(|mark| text.contains(mark));
    let is_long = text.len() >= SHORTEST && !text.contains(['/', '.']);
    !looks_secret && !is_long && !text.contains(char::is_control)
}

/// What a file holds, without one line break at its end: editors write one.
pub(crate) fn without_line_break(secret: &Secret) -> Secret {
    let text = secret.expose();
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    Secret::new(text.strip_suffix(b"\r").unwrap_or(text))
}

/// Whether it is written as variables usually are, and no secret is.
pub(crate) fn is_variable(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.chars().all(fits)
        && name.contains('_')
}

/// Whether it is written as paths are, and not as a secret that somebody took for one. Both as it was given and from where
/// it counts.
pub(crate) fn is_path(given: &str, path: &Path) -> bool {
    let is_rooted = ["/", "./", "../"]
        .iter()
        .any(|root| given.starts_with(root));
    let has_end = path.extension().is_some_and(|end| end.len() <= 5);
    let is_in_folder = given.contains('/') && path.parent().is_some_and(Path::is_dir);
    is_rooted || has_end || is_in_folder
}

const HIDDEN: &str = "[not shown: it may be a secret]";
/// What secrets begin with or hold.
const SECRETS: [&str; 7] = [
    "whsec_",
    "whsk_",
    "sk_",
    "PRIVATE KEY",
    "-----BEGIN",
    "@",
    "=",
];
const LONGEST_FLAG: usize = 30;
/// What is shorter is no secret that anybody should use: a receiver takes none of less than 16 bytes.
pub(crate) const SHORTEST: usize = 16;
