//! [`Attachments`]: the files of a multipart body.

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::request::Parts;

use super::event::refuse;
use crate::delivery::Delivery;

/// The files of a `multipart/form-data` delivery, in the order of the body: the parts that have a file name. The text
/// parts beside them are an [`Event<T>`](crate::Event) of a struct of strings and numbers. A body that is no multipart
/// body, or one that is cut off, is a permanent refusal, 422.
///
/// The whole body was read and verified under the receiver's limit before any of it is here; it has at most 1,000
/// parts, each with a head of at most 8 KiB. The bytes are slices of one copy of the body, held for as long as any.
/// axum's own `Multipart` works in a handler too.
///
/// ```
/// use hooklatch::{Attachments, Event, EventRouter};
///
/// #[derive(serde::Deserialize)]
/// struct Mail { from: String, subject: String }
///
/// async fn mail(event: Event<Mail>, Attachments(files): Attachments) {
///     for file in files {
///         println!("{} sent {} bytes of {:?}", event.data.from, file.bytes.len(), file.content_type);
///     }
/// }
/// let router: EventRouter = EventRouter::new().fallback(mail);
/// ```
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a wrapper around the files")]
pub struct Attachments(pub Vec<Attachment>);

/// One file of a multipart body. All of it is what the sender, or whoever wrote to the sender, chose to say.
#[derive(Clone)]
#[non_exhaustive]
pub struct Attachment {
    /// The name of the form field.
    pub field: String,
    /// The name the file had at its origin. Text to show, never a path to write to: it may hold `../`, a drive or the
    /// name of a device. Store a file under a name of your own.
    pub file_name: String,
    /// What the file is said to be. Look into the bytes where it matters.
    pub content_type: Option<String>,
    /// The file.
    pub bytes: Bytes,
}

impl<S: Send + Sync> FromRequestParts<S> for Attachments {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let delivery = Delivery::from_request_parts(parts, state)
            .await
            .map_err(IntoResponse::into_response)?;
        let parts = delivery
            .parts()
            .map_err(|rejection| refuse(rejection, &delivery))?;
        let files = parts.iter().filter_map(|part| {
            Some(Attachment {
                field: part.name.clone(),
                file_name: part.file_name.clone()?,
                content_type: part.content_type.clone(),
                bytes: part.bytes.clone(),
            })
        });
        Ok(Self(files.collect()))
    }
}

impl std::fmt::Debug for Attachment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Attachment")
            .field("field", &self.field)
            .field("content_type", &self.content_type)
            .field("bytes", &format_args!("{} bytes", self.bytes.len()))
            .finish_non_exhaustive()
    }
}
