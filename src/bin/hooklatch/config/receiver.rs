//! From a [`SourceSetting`] to a receiver, and what is seen only then.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use hooklatch::{ConfigError, ConfigErrorKind, Coverage, Hooks, Param, Receiver};
use time::OffsetDateTime;

use super::{
    Action, Authorities, Fault, SourceSetting, StoreSetting, TlsSettings,
    fault::{Findings, Problem},
    tenants::TenantSetting,
};

impl SourceSetting {
    /// Its receiver, with every setting but the inbox. Keys are read anew.
    ///
    /// # Errors
    /// What [`KeySetting::keyring`] and the library find wrong.
    pub(crate) fn receiver(&self, hooks: &Hooks) -> Result<Receiver, Fault> {
        let receiver = self.build(hooks);
        receiver.map_err(|problems| self.keys.fault(problems))
    }

    fn build(&self, hooks: &Hooks) -> Result<Receiver, Vec<Problem>> {
        let scheme = self.scheme.clone();
        let receiver = match &self.tenants {
            Some(tenants) => hooks.tenants(&self.name, scheme, tenants.tenants()),
            None => hooks.receiver(&self.name, scheme, self.keys.read()?),
        };
        let receiver = receiver.map_err(|error| vec![self.problem(&error)])?;
        Ok(self.with_settings(receiver))
    }

    fn with_settings(&self, mut receiver: Receiver) -> Receiver {
        if let Some(tolerance) = self.tolerance {
            receiver = receiver.tolerance(tolerance);
        }
        if let Some(bytes) = self.body_limit {
            receiver = receiver.body_limit(bytes);
        }
        if let Some(policy) = &self.public_url {
            receiver = receiver.public_url(policy.clone());
        }
        if let Some(handlers) = self.concurrency {
            receiver = receiver.concurrency(handlers);
        }
        if let Some(retries) = self.retries {
            receiver = receiver.retries(retries);
        }
        if let Some(age) = self.oldest_allowed {
            receiver = receiver.oldest_allowed(age);
        }
        // The action's own end comes first, so that it can say what happened.
        let longest = self.action.timeout().saturating_add(LAST_WORDS);
        receiver.handler_deadline(longest.max(HANDLER_DEADLINE))
    }

    /// What the library finds wrong, where it is said.
    fn problem(&self, error: &ConfigError) -> Problem {
        let place = match error.kind() {
            ConfigErrorKind::Scheme | ConfigErrorKind::Feature => &self.place.scheme,
            ConfigErrorKind::Name => &self.place.name,
            _ => return self.keys.problem(error),
        };
        Problem::hidden(place.clone(), error.to_string(), "expected another")
    }
}

impl Action {
    /// How long it may take. Zero: it takes no time to speak of.
    pub(crate) const fn timeout(&self) -> Duration {
        match self {
            Self::Print { .. } => Duration::ZERO,
            Self::Forward { timeout, .. } | Self::Command { timeout, .. } => *timeout,
        }
    }

    /// What it is called.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Print { .. } => "print",
            Self::Forward { .. } => "forward",
            Self::Command { .. } => "command",
        }
    }
}

impl StoreSetting {
    /// Whether deliveries are written before they are acknowledged.
    pub(crate) const fn is_inbox(&self) -> bool {
        matches!(self, Self::Sqlite(_) | Self::Postgres(_))
    }

    /// What it is called.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Sqlite(_) => "sqlite",
            Self::Postgres(_) => "postgres",
            Self::RedisClaims(_) => "redis",
        }
    }
}

/// The file itself and every file that it names and that may change while the server runs.
pub(super) fn files(
    path: &Path,
    tls: Option<&TlsSettings>,
    sources: &[SourceSetting],
) -> Vec<PathBuf> {
    let mut files = vec![path.to_owned()];
    files.extend(
        tls.into_iter()
            .flat_map(|tls| [tls.cert.clone(), tls.key.clone()]),
    );
    for source in sources {
        files.extend(source.keys.files());
        files.extend(source.tenants.iter().flat_map(TenantSetting::files));
        if let Action::Forward {
            secret,
            authorities,
            ..
        } = &source.action
        {
            let file = secret.as_ref().and_then(|secret| secret.origin().file());
            files.extend(file.map(Into::into));
            files.extend(authorities.as_ref().map(Authorities::path).cloned());
        }
    }
    files.sort();
    files.dedup();
    files
}

/// Builds every receiver once, to see what is wrong with it.
pub(super) fn check(findings: &mut Findings<'_>, sources: &[SourceSetting]) {
    let hooks = Hooks::new();
    // What lacks a key because of a fault has been told of already.
    for source in sources.iter().filter(|source| source.keys.is_whole) {
        let mut problems = source.build(&hooks).err().unwrap_or_default();
        if let Some(tenants) = &source.tenants {
            problems.extend(tenants.problems(&source.scheme));
        }
        for problem in problems {
            findings.fault(problem);
        }
    }
}

/// Warns of what works and may not be what was meant.
pub(super) fn look(
    findings: &mut Findings<'_>,
    store: &StoreSetting,
    sources: &[SourceSetting],
    tells_url: bool,
    now: OffsetDateTime,
) {
    for source in sources {
        source.keys.look(findings, now);
        if !tells_url {
            url(findings, source);
        }
        let tenants = source.tenants.iter().flat_map(TenantSetting::named);
        for keys in tenants {
            keys.look(findings, now);
        }
        coverage(findings, source);
        if !store.is_inbox() {
            inline(findings, source);
        }
    }
}

/// Where nothing says which URL the sender was given, it is that of the request.
fn url(findings: &mut Findings<'_>, source: &SourceSetting) {
    let is_told = source.public_url.is_some() || source.keys.has_param(Param::PublicUrl);
    if is_told || !source.scheme.signs_url() {
        return;
    }
    let what = format!(
        "{} signs the URL it was given, which is taken to be https, the header Host and the path that came in",
        source.scheme.name
    );
    let expected = "behind a proxy that changes one of them say `public_url` or `trusted_proxies`";
    findings.warn(Problem::shown(source.place.scheme.clone(), what, expected));
}

fn coverage(findings: &mut Findings<'_>, source: &SourceSetting) {
    let covered = match source.scheme.coverage() {
        Coverage::Whole => return,
        Coverage::Partial => "only some fields of the body",
        _ => "no byte of the body",
    };
    let what = format!("the signature of {} covers {covered}", source.scheme.name);
    let expected =
        "whoever learns one request can change the rest: ask the sender for what an event names";
    findings.warn(Problem::shown(source.place.scheme.clone(), what, expected));
}

/// Without an inbox the sender waits for the action, and what failed is tried again only if the sender does.
fn inline(findings: &mut Findings<'_>, source: &SourceSetting) {
    if matches!(source.action, Action::Print { .. }) {
        return;
    }
    let place = source.place.forward.clone();
    let place = place.unwrap_or_else(|| source.place.whole.clone());
    let profile = &source.scheme.profile;
    if profile.retry_horizon.is_zero() {
        let what = format!(
            "{} never tries again, and without an inbox an event whose action fails is lost",
            source.scheme.name
        );
        findings.warn(Problem::hidden(
            place,
            what,
            "give [store] an inbox: sqlite or postgres",
        ));
    } else if source.action.timeout() > profile.answer_deadline() {
        let what = format!(
            "{} waits for {}, and without an inbox it waits for the action, which may take {}",
            source.scheme.name,
            humantime::format_duration(profile.answer_within),
            humantime::format_duration(source.action.timeout()),
        );
        findings.warn(Problem::hidden(
            place,
            what,
            "give [store] an inbox, or the action a shorter timeout",
        ));
    }
}

/// As the library has it.
const HANDLER_DEADLINE: Duration = Duration::from_secs(60);
/// What an action has left to say how it ended.
const LAST_WORDS: Duration = Duration::from_secs(5);
