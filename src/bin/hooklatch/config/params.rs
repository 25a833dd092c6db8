//! `params`: what a sender needs besides keys.

use hooklatch::Param;
use serde::{
    Deserialize as _,
    de::{
        IntoDeserializer as _,
        value::{Error, StrDeserializer},
    },
};
use toml::Spanned;

use super::{document::Document, fault::Problem, given::Given, origin::Origin, suggest};

/// A parameter of the file.
pub(super) fn of_file(
    document: &Document,
    name: &Spanned<String>,
    given: Spanned<Given>,
) -> Result<(Param, Origin), Problem> {
    let written = name.get_ref();
    let Some(param) = param(written) else {
        let what = format!("there is no parameter `{written}`");
        let expected = suggest::among(written, PARAMS.iter().copied());
        return Err(Problem::hidden(name.span(), what, &expected));
    };
    // A URL with a user in it is a secret.
    let secret =
        |text: &str| is_secret_param(param) || text.contains('@') && param == Param::PublicUrl;
    Ok((param, Origin::of_text(document, given, secret)?))
}

/// Whether a parameter must not stand in the file.
pub(crate) const fn is_secret_param(param: Param) -> bool {
    matches!(
        param,
        Param::VerifyToken | Param::AccessToken | Param::ClientSecret
    )
}

/// The parameter of a name.
pub(crate) fn param(name: &str) -> Option<Param> {
    let name: StrDeserializer<'_, Error> = name.into_deserializer();
    Param::deserialize(name).ok()
}

/// The names of all parameters.
pub(crate) const PARAMS: &[&str] = &[
    "access_token",
    "allowed_origins",
    "allowed_rate",
    "app_id",
    "audience",
    "bundle_id",
    "client_id",
    "client_secret",
    "domain",
    "environment",
    "issuer",
    "public_url",
    "service_account",
    "topics",
    "verify_token",
    "webhook_id",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_those_of_the_library() {
        for name in PARAMS {
            assert_eq!(param(name).map(Param::name), Some(*name));
        }
    }
}
