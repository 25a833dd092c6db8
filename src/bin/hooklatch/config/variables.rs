//! The environment variables that hold secrets: programs that are run are not given them.

use std::env;

use super::{
    Action, Config, SecretSetting, StoreSetting, keys::KeySetting, tenants::TenantSetting,
};

impl Config {
    /// The variables that the file names as secrets, and those that hold the URL of the store, which may hold a password.
    pub(crate) fn secret_variables(&self) -> Vec<String> {
        let sources = self.sources.iter();
        let keys = sources.clone().flat_map(|source| {
            let tenants = source.tenants.iter().flat_map(TenantSetting::named);
            tenants.chain([&source.keys])
        });
        let upstreams = sources.filter_map(|source| match &source.action {
            Action::Forward { secret, .. } => secret.as_ref(),
            Action::Print { .. } | Action::Command { .. } => None,
        });
        let token = self.admin.iter().filter_map(|admin| admin.token.as_ref());
        let single = upstreams.chain(token).map(SecretSetting::origin);
        let single = single.filter_map(|origin| origin.variable_name());
        let named = keys.flat_map(KeySetting::variables).chain(single);
        named
            .map(str::to_owned)
            .chain(self.store.variables())
            .collect()
    }
}

impl StoreSetting {
    fn variables(&self) -> Vec<String> {
        let (Self::Postgres(url) | Self::RedisClaims(url)) = self else {
            return Vec::new();
        };
        let all =
            env::vars_os().filter(|(_, value)| value.to_str().map(str::trim) == Some(url.trim()));
        all.filter_map(|(name, _)| name.into_string().ok())
            .collect()
    }
}
