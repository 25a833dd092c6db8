//! [`Origin`]: what all deliveries of one receiver have in common.

use std::{borrow::Cow, sync::Arc};

use http::HeaderName;

use crate::{
    envelope::Plan,
    metric::Handled,
    profile::Profile,
    source::{Items, Source, TypePart},
};

/// The facts about a receiver's sender that a delivery needs after verification, compiled once.
#[derive(Debug)]
pub(crate) struct Origin {
    pub(crate) receiver: Arc<str>,
    pub(crate) provider: Cow<'static, str>,
    pub(crate) profile: Profile,
    pub(crate) id: Option<Source>,
    pub(crate) event_type: Cow<'static, [TypePart]>,
    pub(crate) form_payload: Option<Cow<'static, str>>,
    pub(crate) items: Option<Items>,
    /// The request headers a handler may see.
    pub(crate) kept_headers: Vec<HeaderName>,
    pub(crate) handled: Handled,
    /// Reads, in this order: the payload, the id, and each part of the type that is JSON.
    plan: Plan,
    /// Reads, in this order, an item's payload, id and type.
    item_plan: Plan,
}

/// What [`Origin`] is made of.
#[derive(Debug)]
pub(crate) struct OriginParts {
    pub(crate) receiver: Arc<str>,
    pub(crate) provider: Cow<'static, str>,
    pub(crate) profile: Profile,
    pub(crate) id: Option<Source>,
    pub(crate) event_type: Cow<'static, [TypePart]>,
    pub(crate) payload: Cow<'static, str>,
    pub(crate) form_payload: Option<Cow<'static, str>>,
    pub(crate) items: Option<Items>,
    pub(crate) kept_headers: Vec<HeaderName>,
}

impl Origin {
    pub(crate) fn new(parts: OriginParts) -> Self {
        let id = parts.id.as_ref().and_then(json_pointer);
        let types = parts
            .event_type
            .iter()
            .filter_map(|part| json_pointer(&part.source))
            .map(Some);
        let whole = parts
            .items
            .as_ref()
            .map_or(&*parts.payload, |items| &*items.pointer);
        // A payload that is not found is the whole document: looking for that would read everything twice.
        let whole = Some(whole).filter(|pointer| !pointer.is_empty());
        let only_types = whole.is_none() && id.is_none();
        let plan = Plan::new([whole, id].into_iter().chain(types));
        let plan = if only_types { plan.at_a_glance() } else { plan };
        let item_plan = parts.items.as_ref().map_or_else(Plan::default, |items| {
            Plan::new([
                Some(&*parts.payload).filter(|pointer| !pointer.is_empty()),
                items.id.as_deref(),
                items.event_type.as_deref(),
            ])
        });
        Self {
            handled: Handled::new(&parts.receiver),
            receiver: parts.receiver,
            provider: parts.provider,
            profile: parts.profile,
            id: parts.id,
            event_type: parts.event_type,
            form_payload: parts.form_payload,
            items: parts.items,
            kept_headers: parts.kept_headers,
            plan,
            item_plan,
        }
    }

    pub(crate) const fn plan(&self) -> &Plan {
        &self.plan
    }

    pub(crate) const fn item_plan(&self) -> &Plan {
        &self.item_plan
    }
}

fn json_pointer(source: &Source) -> Option<&str> {
    match source {
        Source::Json(pointer) => Some(pointer),
        _ => None,
    }
}
