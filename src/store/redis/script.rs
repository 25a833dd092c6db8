//! [`Script`]: what Redis does in one step, called by its digest.

use redis::Cmd;
use sha1::{Digest, Sha1};

/// A script and its digest, under which Redis keeps it once it has seen it.
#[derive(Debug)]
pub(super) struct Script {
    text: String,
    digest: String,
}

/// The scripts of a store.
#[derive(Debug)]
pub(super) struct Scripts {
    pub(super) claim: Script,
    pub(super) settle: Script,
    pub(super) forget: Script,
}

impl Scripts {
    /// Those for a Redis of this major version.
    pub(super) fn new(major: u32) -> Self {
        // A run that was promised can be finished when the memory is full; Redis has words for that since version 7.
        let finishing = if major >= 7 {
            "#!lua flags=allow-oom\n"
        } else {
            ""
        };
        Self {
            claim: Script::new(include_str!("scripts/claim.lua").to_owned()),
            settle: Script::new(format!("{finishing}{}", include_str!("scripts/settle.lua"))),
            forget: Script::new(format!("{finishing}{}", include_str!("scripts/forget.lua"))),
        }
    }
}

impl Script {
    fn new(text: String) -> Self {
        let mut digest = String::with_capacity(40);
        push_hex(&mut digest, &Sha1::digest(text.as_bytes()));
        Self { text, digest }
    }

    /// The call that Redis understands if it has seen the script.
    pub(super) fn by_digest(&self, keys: &[&str], arguments: &[Argument<'_>]) -> Cmd {
        call("EVALSHA", &self.digest, keys, arguments)
    }

    /// The call that always works, and after which Redis has seen the script.
    pub(super) fn by_text(&self, keys: &[&str], arguments: &[Argument<'_>]) -> Cmd {
        call("EVAL", &self.text, keys, arguments)
    }
}

/// What a script is given besides its keys.
#[derive(Clone, Copy, Debug)]
pub(super) enum Argument<'a> {
    Number(u64),
    Text(&'a str),
}

/// Appends bytes as digits.
pub(super) fn push_hex(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from_digit(digit.into(), 16).unwrap_or_default());
        }
    }
}

fn call(how: &str, script: &str, keys: &[&str], arguments: &[Argument<'_>]) -> Cmd {
    let count = 3 + keys.len() + arguments.len();
    let keys_len: usize = keys.iter().map(|key| key.len()).sum();
    let size = how.len() + script.len() + keys_len + 1 + NUMBER * arguments.len();
    let mut command = Cmd::with_capacity(count, size);
    command.arg(how).arg(script).arg(keys.len());
    for key in keys {
        command.arg(*key);
    }
    for argument in arguments {
        match argument {
            Argument::Number(number) => command.arg(*number),
            Argument::Text(text) => command.arg(*text),
        };
    }
    command
}

/// The most digits of a number.
const NUMBER: usize = 20;
