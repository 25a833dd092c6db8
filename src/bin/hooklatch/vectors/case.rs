//! A case of a vectors file.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;

/// One request, and whether it is the sender's.
#[derive(Debug, Deserialize)]
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) provider: String,
    /// Which of the sender's schemes, where it has several.
    #[serde(default)]
    pub(crate) variant: Option<String>,
    pub(crate) kind: Kind,
    /// What the scheme is, in words.
    #[serde(default)]
    pub(crate) scheme: String,
    pub(crate) key: BTreeMap<String, Value>,
    #[serde(default = "post")]
    pub(crate) method: String,
    #[serde(default)]
    pub(crate) url: Option<String>,
    #[serde(default)]
    pub(crate) headers: Vec<(String, String)>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    body_base64: Option<String>,
    /// Unix seconds at which it is judged; freshness is not judged without.
    #[serde(default)]
    pub(crate) now: Option<i64>,
    /// Seconds, where they are not the sender's.
    #[serde(default)]
    pub(crate) tolerance_s: Option<u64>,
    pub(crate) expect: Expect,
    #[serde(default)]
    pub(crate) why: String,
    #[serde(default)]
    pub(crate) policy_sensitive: bool,
    #[serde(default)]
    pub(crate) expected_response: Option<Answer>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// A delivery.
    Webhook,
    /// A URL challenge.
    Handshake,
    /// A signed response.
    Response,
    /// A signature over the body, and nothing around it.
    Primitive,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Expect {
    Valid,
    Invalid,
}

/// The answer to a URL challenge, as far as it is told.
#[derive(Debug, Deserialize)]
pub(crate) struct Answer {
    #[serde(default)]
    pub(crate) status: Option<u16>,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) absent_headers: Vec<String>,
    #[serde(default)]
    pub(crate) body: Option<String>,
    /// The body as JSON, however it is written.
    #[serde(default)]
    pub(crate) json: Option<Value>,
}

impl Case {
    /// The body, byte for byte.
    pub(crate) fn body(&self) -> Result<Bytes, String> {
        match (&self.body, &self.body_base64) {
            (_, Some(text)) => STANDARD
                .decode(text)
                .map(Bytes::from)
                .map_err(|error| format!("body_base64: {error}")),
            (Some(text), None) => Ok(Bytes::from(text.clone())),
            (None, None) => Ok(Bytes::new()),
        }
    }

    /// The request, with this as its body.
    pub(crate) fn request<B>(&self, body: B) -> Result<http::Request<B>, String> {
        let mut request = http::Request::builder()
            .method(&*self.method)
            .uri(self.url.as_deref().unwrap_or("/"));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request.body(body).map_err(|error| error.to_string())
    }

    /// A text of the key.
    pub(crate) fn key_text(&self, name: &str) -> Option<&str> {
        self.key.get(name)?.as_str()
    }
}

fn post() -> String {
    "POST".to_owned()
}
