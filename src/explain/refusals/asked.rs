//! [`Asked`]: what a request asked for, as far as it may be told.

use axum::extract::{MatchedPath, OriginalUri};
use http::{Extensions, Method, Uri};

/// Method and path. Made for every request, so nothing is copied.
pub(super) struct Asked {
    pub(super) method: Method,
    path: Path,
}

enum Path {
    Route(MatchedPath),
    Own(Uri),
}

impl Asked {
    pub(super) fn new(method: &Method, uri: &Uri, extensions: &Extensions) -> Self {
        let path = extensions.get().cloned().map_or_else(
            || {
                // A nested router takes the prefix off the request's own.
                let original = extensions.get::<OriginalUri>();
                Path::Own(original.map_or(uri, |original| &original.0).clone())
            },
            Path::Route,
        );
        Self {
            method: method.clone(),
            path,
        }
    }

    pub(super) fn path(&self) -> &str {
        match &self.path {
            Path::Route(route) => route.as_str(),
            Path::Own(uri) => uri.path(),
        }
    }
}
