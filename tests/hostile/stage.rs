//! All presets' endpoints around one store, and what every attack on them must leave behind: nothing.

use std::collections::BTreeSet;

use axum::Router;
use hooklatch::{EventRouter, MemoryStore};

use crate::places::Signed;
use crate::presets::{Endpoint, Preset, presets};
use crate::support::{Runs, World, status};

/// All endpoints around one store, with a handler that counts.
pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) runs: Runs,
    pub(crate) endpoints: Vec<Endpoint>,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let runs = Runs::default();
        Self::with(runs.router(), runs)
    }

    /// The endpoints of these presets alone.
    pub(crate) fn of(names: &[&str]) -> Self {
        let runs = Runs::default();
        let mut presets = presets();
        presets.retain(|preset| names.contains(&&*preset.name));
        Self::around(presets, &runs.router(), runs)
    }

    pub(crate) fn with(events: EventRouter, runs: Runs) -> Self {
        Self::around(presets(), &events, runs)
    }

    fn around(presets: Vec<Preset>, events: &EventRouter, runs: Runs) -> Self {
        let world = World::new();
        let endpoints = presets
            .into_iter()
            .map(|preset| Endpoint::new(&world, preset, events.clone(), |receiver| receiver));
        Self {
            endpoints: endpoints.collect(),
            runs,
            world,
        }
    }

    /// The first of each shape.
    pub(crate) fn leaders(&self) -> impl Iterator<Item = &Endpoint> {
        self.endpoints.iter().filter(|at| at.preset.leads)
    }

    /// Whether it is the first of its [kind](Preset::kind).
    pub(crate) fn is_thorough(&self, endpoint: &Endpoint) -> bool {
        let kind = endpoint.preset.kind();
        let first = self.endpoints.iter().find(|at| at.preset.kind() == kind);
        first.is_some_and(|first| first.preset.name == endpoint.preset.name)
    }

    /// The first of each kind.
    pub(crate) fn one_of_each(&self, kind: impl Fn(&Preset) -> String) -> Vec<&Endpoint> {
        let mut kinds = BTreeSet::new();
        let is_new = |at: &&Endpoint| kinds.insert(kind(&at.preset));
        self.endpoints.iter().filter(is_new).collect()
    }

    pub(crate) fn endpoint(&self, name: &str) -> &Endpoint {
        let mut found = self.endpoints.iter().filter(|at| at.preset.name == name);
        found.next().expect("a preset")
    }

    pub(crate) fn router(&self) -> Router {
        self.endpoints.iter().fold(Router::new(), |router, at| {
            router.route_service(&format!("/{}", at.preset.name), at.app.clone())
        })
    }

    pub(crate) fn store(&self) -> &MemoryStore {
        &self.world.store
    }

    /// Each of these is answered so, without effect or trace, and the endpoint still works.
    pub(crate) async fn refuses(
        &self,
        endpoint: &Endpoint,
        attacks: impl IntoIterator<Item = (String, Signed)>,
        expected: u16,
    ) -> usize {
        let (before, runs) = (self.store().stats(), self.runs.count());
        let (mut count, name) = (0, &endpoint.preset.name);
        for (what, signed) in attacks {
            let got = status(&endpoint.app, signed.request()).await;
            assert_eq!(got, expected, "{name}: {what:.120}");
            count += 1;
        }
        assert_eq!(self.runs.count(), runs, "{name}: no effect");
        assert_eq!(self.store().stats(), before, "{name}: nothing written");
        self.works(endpoint).await;
        count
    }

    /// A good request is handled.
    pub(crate) async fn works(&self, endpoint: &Endpoint) {
        let (runs, name) = (self.runs.count(), &endpoint.preset.name);
        let good = endpoint.good(&format!("good_{runs}"));
        assert_eq!(status(&endpoint.app, good.request()).await, 200, "{name}");
        assert_eq!(self.runs.count(), runs + 1, "{name}");
    }
}
