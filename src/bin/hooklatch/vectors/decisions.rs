//! Where implementations differ, or a careful receiver refuses what is cryptographically right: what hooklatch decides.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The decisions, by the id of the case.
#[derive(Debug, Default)]
pub(crate) struct Decisions(BTreeMap<String, Decision>);

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Decision {
    id: String,
    /// Whether hooklatch decides as the case does.
    pub(crate) agree: bool,
    pub(crate) reason: String,
}

impl Decisions {
    /// Those of this version of hooklatch.
    pub(crate) fn of_hooklatch() -> Result<Self, String> {
        let all: Vec<Decision> = serde_json::from_str(include_str!("decisions.json"))
            .map_err(|error| format!("decisions.json: {error}"))?;
        let by_id = all
            .into_iter()
            .map(|decision| (decision.id.clone(), decision));
        Ok(Self(by_id.collect()))
    }

    pub(crate) fn of(&self, case: &str) -> Option<&Decision> {
        self.0.get(case)
    }

    #[cfg(test)]
    #[allow(
        dead_code,
        reason = "the tests of the vectors ask for all; they have this file too"
    )]
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Decision)> {
        self.0.iter().map(|(id, decision)| (&**id, decision))
    }
}
