//! What somebody may have meant.

/// The nearest of these names as a question, or all of them.
pub(super) fn among<'n>(written: &str, names: impl Iterator<Item = &'n str> + Clone) -> String {
    nearest(written, names.clone()).map_or_else(
        || {
            let names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
            format!("expected one of {}", names.join(", "))
        },
        |name| format!("did you mean `{name}`?"),
    )
}

/// The name that is nearest, if one is near.
pub(super) fn nearest<'n>(written: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let written = written.to_lowercase();
    let like = |name: &str| strsim::jaro_winkler(&written, name);
    let near = names.map(|name| (like(name), name));
    near.filter(|(likeness, _)| *likeness > NEAR)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, name)| name)
}

/// How like two words are that may be one misspelt.
const NEAR: f64 = 0.85;
