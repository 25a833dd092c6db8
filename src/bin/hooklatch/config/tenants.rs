//! [`TenantSetting`]: where the keys of tenants are.

use std::{
    collections::BTreeMap, error::Error, fs, ops::Range, path::PathBuf, sync::Arc, time::Duration,
};

use hooklatch::{Keyring, Keys, Scheme, Tenants};
use toml::Spanned;

use super::{
    Fault,
    document::Document,
    fault::{Findings, Problem},
    file::TenantsFile,
    keys::{self, KeySetting},
};

/// Where the keys of tenants are.
#[derive(Clone, Debug)]
pub(crate) struct TenantSetting {
    document: Arc<Document>,
    parameter: String,
    fresh: Option<Duration>,
    /// The tenants that the file itself names.
    named: BTreeMap<String, KeySetting>,
    /// A folder with a file for each tenant, and where the file says so.
    folder: Option<(PathBuf, Range<usize>)>,
    /// The parameters that all of them have.
    shared: KeySetting,
}

impl TenantSetting {
    /// The name of the path parameter that tells the tenant.
    pub(crate) fn parameter(&self) -> &str {
        &self.parameter
    }

    /// For `Hooks::tenants`: reads a tenant's keys anew whenever it is asked.
    pub(crate) fn tenants(&self) -> Tenants {
        let known = Arc::new(self.clone());
        let resolver = move |name: String| {
            let known = Arc::clone(&known);
            async move {
                let found = tokio::task::spawn_blocking(move || known.find(&name)).await?;
                found.map_err(Box::<dyn Error + Send + Sync>::from)
            }
        };
        let tenants = Tenants::new(resolver).parameter(&self.parameter);
        match self.fresh {
            Some(time) => tenants.fresh(time),
            None => tenants,
        }
    }

    /// The keyrings of the tenants that the file itself names, read anew, to replace those in use at a reload. Tenants of a
    /// folder are read anew by themselves.
    ///
    /// # Errors
    /// As of [`KeySetting::keyring`], of any of them.
    pub(crate) fn keyrings(&self) -> Result<BTreeMap<String, Keyring>, Fault> {
        let named = self.named.iter();
        named
            .map(|(name, keys)| Ok((name.clone(), keys.keyring()?)))
            .collect()
    }

    /// The keyring of a tenant; `None` where there is no such tenant.
    fn find(&self, name: &str) -> Result<Option<Keyring>, Fault> {
        if let Some(keys) = self.named.get(name) {
            return keys.keyring().map(Some);
        }
        // The name is a stranger's text: what is not surely the name of a file in this very folder is none.
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let Some((folder, place)) = self.folder.as_ref().filter(|_| name.chars().all(fits)) else {
            return Ok(None);
        };
        let files = ["", ".old"].map(|end| folder.join(format!("{name}{end}")));
        let mut files = files.into_iter().filter(|file| file.is_file()).peekable();
        if files.peek().is_none() {
            return Ok(None);
        }
        let keys = KeySetting::of_files(&self.document, files, place.clone());
        keys.with_params_of(&self.shared).keyring().map(Some)
    }

    /// The files that it reads, but for those of the folder.
    pub(super) fn files(&self) -> impl Iterator<Item = PathBuf> {
        self.named.values().flat_map(KeySetting::files)
    }

    /// What is wrong with the keys of the tenants that the file itself names.
    pub(super) fn problems(&self, scheme: &Scheme) -> Vec<Problem> {
        let whole = self.named.values().filter(|keys| keys.is_whole);
        let problems = whole.map(|keys| match keys.read() {
            Ok(keyring) => {
                let ready = Keys::new(scheme, keyring);
                ready.err().map(|error| vec![keys.problem(&error)])
            }
            Err(problems) => Some(problems),
        });
        problems.flatten().flatten().collect()
    }

    pub(super) fn named(&self) -> impl Iterator<Item = &KeySetting> {
        self.named.values()
    }
}

/// The tenants of a source; `shared` has the parameters of all.
pub(super) fn of_source(
    findings: &mut Findings<'_>,
    document: &Arc<Document>,
    file: Spanned<TenantsFile>,
    shared: &KeySetting,
) -> TenantSetting {
    let place = file.span();
    let file = file.into_inner();
    if shared.has_keys() {
        let what = "a source with tenants has no keys of its own: whoever held one could sign for any tenant";
        findings.fault(Problem::hidden(
            shared.place.clone(),
            what,
            "expected the keys under [sources.tenants]",
        ));
    }
    let folder = findings.placed(file.folder).map(|folder| {
        let path = document.beside(folder.get_ref());
        let what = format!("{} is no folder that can be read", path.display());
        let expected = "expected a folder with a file for each tenant; a relative path begins at this file's folder";
        if fs::read_dir(&path).is_err() {
            findings.fault(Problem::shown(folder.span(), what, expected));
        }
        (path, folder.span())
    });
    let mut named = BTreeMap::new();
    let secrets = file.secrets.map(Spanned::into_inner);
    for (name, secrets) in secrets.unwrap_or_default() {
        let keys = keys::of_list(findings, document, Some(secrets), name.span());
        named.insert(name.into_inner(), keys.with_params_of(shared));
    }
    if named.is_empty() && folder.is_none() {
        let expected =
            "expected [sources.tenants.secrets], or `folder = \"…\"` with a file for each tenant";
        findings.fault(Problem::hidden(place, "there is no tenant", expected));
    }
    let parameter = findings.value(file.parameter);
    TenantSetting {
        document: Arc::clone(document),
        parameter: parameter.unwrap_or_else(|| "tenant".to_owned()),
        fresh: findings.value(file.fresh),
        named,
        folder,
        shared: shared.clone(),
    }
}
