//! Whose keys: one receiver for many tenants, told apart by the path.
//!
//! [`Lookup`] reads the tenant's name from the path and asks a [`Find`] for the verifier that has the tenant's keys.
//! With the feature `tenants` that is [`TenantKeys`], a cache in front of a [`TenantResolver`].
#![cfg_attr(
    not(feature = "tenants"),
    allow(
        dead_code,
        reason = "without the feature nothing looks up a tenant, but layers ask whether to"
    )
)]

#[cfg(feature = "tenants")]
mod keys;
#[cfg(feature = "tenants")]
mod resolver;
#[cfg(feature = "tenants")]
mod settings;

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use axum::extract::{FromRequestParts, RawPathParams, rejection::RawPathParamsRejection};
use http::request::Parts;

use crate::{
    error::{Rejection, RejectionKind},
    scheme::SchemeVerifier,
};

#[cfg(feature = "tenants")]
pub use self::{
    keys::TenantKeys,
    resolver::{TenantError, TenantFuture, TenantResolver},
    settings::Tenants,
};

/// Finds the keys of a tenant by name. `None`: there is no such tenant.
pub(crate) trait Find: fmt::Debug + Send + Sync {
    fn find<'a>(&'a self, name: &'a str) -> Found<'a>;
}

pub(crate) type Found<'a> =
    Pin<Box<dyn Future<Output = Result<Option<Tenant>, Rejection>> + Send + 'a>>;

/// A tenant that is known, and the verifier that has its keys.
#[derive(Clone, Debug)]
pub(crate) struct Tenant {
    pub(crate) name: Arc<str>,
    pub(crate) verifier: Arc<SchemeVerifier>,
}

/// How the tenant of a request is found.
#[derive(Clone, Debug)]
pub(crate) struct Lookup {
    /// The name of the path parameter that holds the tenant's name.
    pub(crate) parameter: Arc<str>,
    pub(crate) source: Arc<dyn Find>,
}

impl Lookup {
    /// Reads the name a request gives. Looks nothing up yet.
    pub(crate) async fn name(&self, head: &mut Parts) -> Result<Name<'_>, Rejection> {
        let params = match RawPathParams::from_request_parts(head, &()).await {
            Ok(params) => params,
            // No name that anybody was given.
            Err(RawPathParamsRejection::InvalidUtf8InPathParam(_)) => return Ok(self.odd()),
            Err(_) => return Err(self.misplaced()),
        };
        let (_, name) = params
            .iter()
            .find(|(parameter, _)| *parameter == &*self.parameter)
            .ok_or_else(|| self.misplaced())?;
        let usable = (1..=LONGEST_NAME).contains(&name.len());
        Ok(Name {
            lookup: self,
            name: usable.then(|| name.into()),
        })
    }

    const fn odd(&self) -> Name<'_> {
        Name {
            lookup: self,
            name: None,
        }
    }

    fn misplaced(&self) -> Rejection {
        let parameter = &self.parameter;
        let detail = format!(
            "the route has no path parameter `{parameter}` to tell the tenant: mount the receiver at a path with `{{{parameter}}}`"
        );
        Rejection::new(RejectionKind::Misconfigured, detail)
    }
}

/// A tenant's name as a request gives it; `None` where no tenant can be called so.
#[derive(Debug)]
pub(crate) struct Name<'a> {
    lookup: &'a Lookup,
    name: Option<Box<str>>,
}

impl Name<'_> {
    /// The tenant of this name. Who is unknown is not named: anybody can ask for any name.
    pub(crate) async fn find(self) -> Result<Tenant, Rejection> {
        let tenant = match &self.name {
            Some(name) => self.lookup.source.find(name).await?,
            None => None,
        };
        tenant.ok_or_else(|| Rejection::new(RejectionKind::UnknownTenant, "no such tenant"))
    }
}

/// The longest name of a tenant, in bytes.
const LONGEST_NAME: usize = 256;
