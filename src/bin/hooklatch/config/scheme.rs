//! `provider` and `[sources.scheme]`: a preset, a preset with changes, or a scheme of one's own.

use std::{borrow::Cow, ops::Range};

use hooklatch::{Scheme, provider};
use serde_json::{Map, Value};
use toml::Spanned;

use super::{
    fault::{Findings, Problem, found_and_expected},
    suggest,
    value::Field,
};

/// A scheme that was checked, and where the file says it.
pub(super) struct Described {
    pub(super) scheme: Scheme,
    pub(super) place: Range<usize>,
}

/// How a source's sender signs. `None`: there is a fault among the findings.
pub(super) fn of_source(
    findings: &mut Findings<'_>,
    provider: Field<String>,
    changes: Option<Spanned<Map<String, Value>>>,
    at: &At<'_>,
) -> Option<Described> {
    let preset = match provider {
        Some(provider) => {
            let provider = findings.placed(Some(provider))?;
            let preset = preset(&provider);
            Some((findings.take(preset)?, provider.span()))
        }
        None => None,
    };
    let (base, place) = match (preset, &changes) {
        (Some((preset, place)), None) => {
            return Some(Described {
                scheme: preset.clone(),
                place,
            });
        }
        (Some((preset, _)), Some(changes)) => (preset.clone(), changes.span()),
        (None, Some(changes)) => (own(at.name), changes.span()),
        (None, None) => {
            let what = "nothing says how the sender signs";
            let expected = "expected `provider = \"…\"` (`hooklatch providers` lists them) or [sources.scheme]";
            findings.fault(Problem::hidden(at.source.clone(), what, expected));
            return None;
        }
    };
    let changes = changes.map(Spanned::into_inner).unwrap_or_default();
    let scheme = changed(&base, changes).map_err(|(path, error)| {
        let path = format!("{}.scheme.{path}", at.path);
        let place = findings.document().span_of(&path);
        misshapen(place.unwrap_or_else(|| at.source.clone()), &error)
    });
    let scheme = findings.take(scheme)?;
    let checked = scheme.check().map_err(|error| {
        let expected =
            "expected a scheme that can work; see `Scheme` in the documentation of hooklatch";
        let message = error.to_string();
        // The text that it is about stands between quotes, if there is one.
        let text = message.split('"').nth(1);
        let member = text.and_then(|text| {
            let members = format!("{}.scheme", at.path);
            findings.document().span_of_text(&members, text)
        });
        match member {
            Some(member) => Problem::shown(member, message, expected),
            None => Problem::hidden(place.clone(), message, expected),
        }
    });
    findings.take(checked)?;
    Some(Described { scheme, place })
}

/// Which source a scheme belongs to.
pub(super) struct At<'a> {
    /// Its name, for a scheme of its own.
    pub(super) name: &'a str,
    /// As `sources[0]`.
    pub(super) path: &'a str,
    /// Its header.
    pub(super) source: &'a Range<usize>,
}

fn preset(name: &Spanned<String>) -> Result<&'static Scheme, Problem> {
    let written = name.get_ref();
    provider::by_name(written).ok_or_else(|| {
        let names = provider::ALL.iter().map(|scheme| &*scheme.name);
        let expected = suggest::nearest(written, names).map_or_else(
            || {
                "`hooklatch providers` lists those it knows; any other is a [sources.scheme]"
                    .to_owned()
            },
            |name| format!("did you mean \"{name}\"?"),
        );
        let what = format!("there is no provider \"{written}\"");
        Problem::shown(name.span(), what, &expected)
    })
}

/// Where a scheme of one's own begins.
fn own(name: &str) -> Scheme {
    Scheme {
        name: Cow::Owned(name.to_owned()),
        ..Scheme::HMAC_SHA256
    }
}

/// A scheme with these of its members replaced as a whole; of the profile, each of its own. The error has the path of what
/// does not fit.
fn changed(base: &Scheme, changes: Map<String, Value>) -> Result<Scheme, (String, String)> {
    let mut whole =
        serde_json::to_value(base).map_err(|error| (String::new(), error.to_string()))?;
    for (name, value) in changes {
        match (whole.get_mut(&name), value) {
            (Some(Value::Object(profile)), Value::Object(changes)) if name == "profile" => {
                profile.extend(changes);
            }
            (Some(member), value) => *member = value,
            (None, value) => {
                if let Some(members) = whole.as_object_mut() {
                    members.insert(name, value);
                }
            }
        }
    }
    serde_path_to_error::deserialize(whole)
        .map_err(|error| (error.path().to_string(), error.inner().to_string()))
}

/// What is wrong with the shape of a member. Schemes hold no secret, but a name that is unknown may be that of one.
fn misshapen(place: Range<usize>, error: &str) -> Problem {
    let (found, expected) = found_and_expected(error);
    if let Some(name) = found.strip_prefix("unknown field `") {
        let name = name.trim_end_matches('`');
        let names = expected.split('`').skip(1).step_by(2);
        let expected = suggest::among(name, names);
        return Problem::hidden(place, format!("a scheme has no `{name}` here"), &expected);
    }
    Problem::shown(place, found, &expected)
}
