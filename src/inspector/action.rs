//! What changes something: forms, each checked for being one of ours.

use axum::{
    Form,
    extract::{Path, State, rejection::FormRejection},
    response::Response,
};
use http::{header, request::Parts};
use serde::Deserialize;

use super::{Desk, delivery::read_key, fault::Fault, list::redirect};
use crate::key::Key;

/// The hidden fields of a form.
#[derive(Deserialize)]
pub(super) struct Fields {
    token: String,
    #[serde(default)]
    nonce: String,
}

/// What whoever signs in types.
#[derive(Deserialize)]
pub(super) struct SignIn {
    secret: String,
}

type Sent<T> = Result<Form<T>, FormRejection>;

pub(super) async fn replay(
    State(desk): State<Desk>,
    Path(key): Path<String>,
    form: Sent<Fields>,
) -> Result<Response, Fault> {
    let (fields, key) = named(&desk, &key, form)?;
    if fields.nonce.is_empty() || fields.nonce.len() > MOST_NONCE {
        return Err(ODD_FORM);
    }
    let copy = desk.store.replay(key, &fields.nonce).await?;
    let copy = copy.ok_or(REPLAYED)?;
    Ok(redirect(&format!("../{copy}")))
}

pub(super) async fn retry(
    State(desk): State<Desk>,
    Path(key): Path<String>,
    form: Sent<Fields>,
) -> Result<Response, Fault> {
    let (_, key) = named(&desk, &key, form)?;
    if desk.store.retry(key).await? {
        Ok(redirect(&format!("../{key}")))
    } else {
        Err(NOT_DEAD)
    }
}

pub(super) async fn forget(
    State(desk): State<Desk>,
    Path(key): Path<String>,
    form: Sent<Fields>,
) -> Result<Response, Fault> {
    let (_, key) = named(&desk, &key, form)?;
    if desk.store.forget(key).await? {
        Ok(redirect("../../deliveries?done=forgotten"))
    } else {
        Err(Fault::NOT_FOUND)
    }
}

pub(super) async fn sign_in(
    State(desk): State<Desk>,
    head: Parts,
    form: Sent<SignIn>,
) -> Result<Response, Fault> {
    let Form(form) = form.map_err(|_| ODD_FORM)?;
    let cookie = desk.guard.sign_in(&head, &form.secret)?;
    let mut response = redirect("deliveries");
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}

pub(super) async fn sign_out(
    State(desk): State<Desk>,
    head: Parts,
    form: Sent<Fields>,
) -> Result<Response, Fault> {
    checked(&desk, form)?;
    let mut response = redirect("deliveries");
    if let Some(cookie) = desk.guard.sign_out(&head) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// The fields of a form that is one of ours, and the delivery that its path names.
fn named(desk: &Desk, key: &str, form: Sent<Fields>) -> Result<(Fields, Key), Fault> {
    let fields = checked(desk, form)?;
    let key = read_key(key).ok_or(Fault::NOT_FOUND)?;
    Ok((fields, key))
}

/// The fields of a form that is one of ours.
fn checked(desk: &Desk, form: Sent<Fields>) -> Result<Fields, Fault> {
    let Form(fields) = form.map_err(|_| ODD_FORM)?;
    desk.guard.check_form(&fields.token)?;
    Ok(fields)
}

const MOST_NONCE: usize = 128;

const ODD_FORM: Fault =
    Fault::bad_request("This is none of the forms of the inspector. Nothing was changed.");
const NOT_DEAD: Fault =
    Fault::conflict("The delivery is not dead: it was tried again, or is forgotten.");
const REPLAYED: Fault = Fault::conflict(
    "The delivery was replayed by this form already, or it is forgotten. For another replay reload its page.",
);
