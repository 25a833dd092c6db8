//! Where a scheme says that things stand in a document.

use std::iter;

use super::fault;
use crate::{
    envelope::{Plan, is_path, is_pointer},
    scheme::Scheme,
    source::{Items, Source},
};

impl Scheme {
    pub(super) fn document_fault(&self) -> Option<String> {
        let types = self.event_type.iter().map(|part| &part.source);
        let sources = self.id.iter().chain(types);
        bad_pointer(&self.payload)
            .or_else(|| places_fault(sources))
            .or_else(|| self.items.as_ref().and_then(Items::fault))
    }
}

impl Items {
    fn fault(&self) -> Option<String> {
        let mut pointers = iter::once(&self.pointer).chain(&self.id);
        if let Some(what) = pointers.find_map(|pointer| bad_pointer(pointer)) {
            return Some(what);
        }
        let (outer, inner) = self.outer();
        let steps = |pointer: &str| pointer.split('/').any(|step| step == "*");
        if steps(outer) || inner.is_some_and(|inner| steps(inner) || bad_pointer(inner).is_some()) {
            return fault("the items are more than two arrays deep");
        }
        let types = self.event_type.iter().map(|part| &part.source);
        let within = |place: &Source| {
            matches!(
                place,
                Source::Json(_) | Source::Xml(_) | Source::OtherMember(_)
            )
        };
        if !types.clone().flat_map(Source::places).all(within) {
            return fault("the event type of an item has to be within the item");
        }
        places_fault(types)
    }
}

/// What is wrong with the places that one read has to find.
fn places_fault<'s>(sources: impl Iterator<Item = &'s Source> + Clone) -> Option<String> {
    let places = sources.clone().flat_map(Source::places);
    let json = places
        .clone()
        .filter(|place| matches!(place, Source::Json(_)));
    let xml = places.filter(|place| matches!(place, Source::Xml(_)));
    // A plan also holds the payload, and of an item its id.
    let most = Plan::MOST.saturating_sub(2);
    let many = json.count().max(xml.count()) > most;
    sources.into_iter().find_map(pointer_fault).or_else(|| {
        many.then(|| format!("more than {most} places of the id and event type are in the body"))
    })
}

/// What is wrong with the pointers and paths of a source.
pub(super) fn pointer_fault(source: &Source) -> Option<String> {
    source.places().iter().find_map(|place| match place {
        Source::Json(pointer) => bad_pointer(pointer),
        Source::Xml(path) if !is_path(path) => {
            Some(format!("{path:?} is not the path of an XML element"))
        }
        _ => None,
    })
}

fn bad_pointer(pointer: &str) -> Option<String> {
    (!is_pointer(pointer)).then(|| format!("{pointer:?} is not a JSON pointer"))
}
