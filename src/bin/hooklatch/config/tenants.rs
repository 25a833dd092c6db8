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

    /// The keyring of a tenant; `None` where there is no such tenant.
    fn find(&self, name: &str) -> Result<Option<Keyring>, Fault> {
        if let Some(keys) = self.named.get(name) {
            return keys.keyring().map(Some);
        }
        // The name is a stranger's text: what is not surely the name of a file in this very folder is none.
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let fits = !name.is_empty() && name.chars().all(fits);
        let Some((folder, place)) = self.folder.as_ref().filter(|_| fits) else {
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

    /// The keyrings of all tenants that there are now, by name.
    pub(crate) fn all(&self) -> Result<Vec<(String, Keyring)>, Fault> {
        let mut names: Vec<String> = self.named.keys().cloned().collect();
        let folder = self.folder.as_ref().map(|(folder, _)| fs::read_dir(folder));
        // A folder that cannot be read has no tenants for the server either.
        let files = folder.into_iter().flatten().flatten().flatten();
        names.extend(files.filter_map(|file| file.file_name().into_string().ok()));
        names.sort();
        names.dedup();
        let found = names
            .into_iter()
            .map(|name| Ok(self.find(&name)?.map(|keys| (name, keys))));
        found.filter_map(Result::transpose).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    /// A configuration with a folder of tenants, beside a file that is none of them.
    fn stage() -> (tempfile::TempDir, TenantSetting) {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        fs::create_dir(folder.path().join("tenants")).unwrap();
        write("outside", "the-secret-of-somebody-else");
        write("tenants/acme", "the-secret-of-acme\n");
        write("named", "the-secret-of-crabs\n");
        let config = "[[sources]]\nname = 'shop'\npath = '/{tenant}'\nprovider = 'github'\n\
                      tenants = { folder = 'tenants', secrets.crabs = { file = 'named' } }";
        write("hooklatch.toml", config);
        let mut config = config::load(&folder.path().join("hooklatch.toml")).unwrap();
        let tenants = config.sources.remove(0).tenants.unwrap();
        (folder, tenants)
    }

    fn secrets(tenants: &TenantSetting, name: &str) -> Vec<Vec<u8>> {
        let keyring = tenants.find(name).unwrap();
        let keys = keyring.as_ref().map_or(&[][..], Keyring::keys);
        keys.iter()
            .map(|key| key.secret().expose().to_vec())
            .collect()
    }

    #[test]
    fn a_tenant_has_the_keys_of_its_files_as_they_are_now() {
        let (folder, tenants) = stage();
        assert_eq!(secrets(&tenants, "acme"), [b"the-secret-of-acme"]);
        assert_eq!(secrets(&tenants, "crabs"), [b"the-secret-of-crabs"]);
        let files = ["tenants/acme", "tenants/acme.old", "named"];
        for (file, text) in files
            .iter()
            .zip(["a-new-secret-of-acme", "the-secret-of-acme", ""])
        {
            fs::write(folder.path().join(file), text).unwrap();
        }
        let both = [&b"a-new-secret-of-acme"[..], b"the-secret-of-acme"];
        assert_eq!(secrets(&tenants, "acme"), both);
        assert!(
            tenants.find("crabs").is_err(),
            "a file that is empty is no key"
        );
    }

    #[test]
    fn no_name_leads_out_of_the_folder() {
        let (folder, tenants) = stage();
        let outside = folder.path().join("outside").display().to_string();
        for name in [
            "",
            ".",
            "..",
            "../outside",
            "acme.old",
            "acme/",
            "./acme",
            "ACMÉ",
            "a\0",
            &outside,
        ] {
            assert!(tenants.find(name).unwrap().is_none(), "{name}");
        }
    }
}
