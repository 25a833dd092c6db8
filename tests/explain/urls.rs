//! URLs that arrive in another spelling than they were signed in.

use hooklatch::{Scheme, explain::Mistake};

use super::{
    situation::Situation,
    table::{Row, signed_at, signs_origin, url},
};

pub(crate) const ROWS: &[Row] = &[
    url(Mistake::UrlHost, |scheme| {
        signs_origin(scheme)?;
        Some(Situation::correct(scheme).header("host", "Hooks.Example.COM"))
    }),
    url(Mistake::UrlHost, |scheme| {
        signs_origin(scheme)?;
        let situation = signed_at(scheme, "https://HOOKS.EXAMPLE.COM/in/here?a=b")?;
        Some(situation.header("host", "hooks.example.com"))
    }),
    url(Mistake::UrlPath, |scheme| {
        requeried(scheme, "c=d%20e&f=g", |query| query.replace("%20", "+"))
    }),
    url(Mistake::UrlPath, |scheme| {
        requeried(scheme, "c=d+e&f=g", |query| query.replace('+', "%20"))
    }),
    url(Mistake::UrlPath, |scheme| {
        requeried(scheme, "a=b&b=c&c=d", |query| {
            let pairs: Vec<_> = query.rsplit('&').collect();
            pairs.join("&")
        })
    }),
];

/// Signed with a query that arrives in another spelling.
fn requeried(scheme: &Scheme, query: &str, change: impl Fn(&str) -> String) -> Option<Situation> {
    let url = format!("https://hooks.example.com/in/here?{query}");
    let situation = signed_at(scheme, &url)?;
    let uri = situation.head.uri.clone();
    let query = change(uri.query()?);
    Some(situation.at_path(&format!("{}?{query}", uri.path())))
}
