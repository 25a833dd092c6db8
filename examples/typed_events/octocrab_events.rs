//! GitHub's events in the types of `octocrab`, and what becomes of those that its types cannot read.
//!
//! A payload that does not fit the `T` of an `Event<T>` is refused with 422, and GitHub sends it again only when somebody
//! asks it to. So whoever wants to lose nothing takes the delivery and decodes it in the handler: what does not fit is
//! logged and kept as it came, to be handled when the types have caught up.
//!
//! Run with
//!
//! ```text
//! cargo run --manifest-path examples/typed_events/Cargo.toml --bin octocrab_events
//! ```
#![allow(
    clippy::print_stdout,
    reason = "an example shows what it does by printing"
)]

use std::{
    error::Error,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::extract::State;
use hooklatch::{
    Delivery, Event, EventRouter, Hooks, RawEvent, Receive, provider, testing::Sender,
};
use octocrab::models::webhook_events::payload::{
    IssuesWebhookEventPayload, StarWebhookEventPayload,
};
use serde_json::{Value, json};
use tower::ServiceExt;

/// The events nobody could read. A real receiver has a table for them.
#[derive(Clone, Default)]
pub(crate) struct Unread(Arc<Mutex<Vec<RawEvent>>>);

impl Unread {
    fn keep(&self, event: RawEvent) {
        self.events().push(event);
    }

    pub(crate) fn events(&self) -> MutexGuard<'_, Vec<RawEvent>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One handler for each family of events, and one for all others.
pub(crate) fn events(unread: &Unread) -> EventRouter {
    EventRouter::new()
        .on("star*", starred)
        .on("issues*", issue)
        .fallback(unknown)
        .with_state(unread.clone())
}

/// Where a payload that does not fit may be refused, `Event<T>` is all it takes.
async fn starred(event: Event<StarWebhookEventPayload>) {
    println!("  star {:?}", event.data.action);
}

/// Where nothing may be lost: typed if it fits, else as it came.
async fn issue(State(unread): State<Unread>, delivery: Delivery, raw: RawEvent) {
    match Event::<IssuesWebhookEventPayload>::decode(&delivery) {
        Ok(Event { data, .. }) => {
            println!(
                "  issue {} {:?}: {}",
                data.issue.number, data.action, data.issue.title
            );
        }
        Err(misfit) => {
            println!("  {} is kept: {}", raw.event_type, misfit.detail());
            unread.keep(raw);
        }
    }
}

/// What GitHub has and nobody here asked for.
async fn unknown(State(unread): State<Unread>, raw: RawEvent) {
    println!("  {} is kept: nobody handles it", raw.event_type);
    unread.keep(raw);
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let github = Sender::new(provider::GITHUB);
    let unread = Unread::default();
    let app = Hooks::new()
        .receiver("github", provider::GITHUB, github.keyring())?
        .receive(events(&unread));

    println!("what fits:");
    let star = json!({"starred_at": "2019-05-15T15:20:40Z"});
    expect(200, &app, &github, "star.created", star.clone()).await;
    expect(200, &app, &github, "issues.opened", issue_1()).await;
    println!("an action that octocrab does not know, refused by `Event<T>`:");
    expect(422, &app, &github, "star.gilded", star).await;
    println!("and kept by a handler that decodes by itself:");
    expect(200, &app, &github, "issues.typed", issue_1()).await;
    println!("an event without a handler of its own:");
    let page = json!({"pages": [{"page_name": "Home", "action": "edited"}]});
    expect(200, &app, &github, "gollum", page).await;

    let kept: Vec<_> = unread.events().drain(..).collect();
    let types: Vec<_> = kept.iter().map(|event| &event.event_type).collect();
    println!("kept: {types:?}");
    Ok(())
}

/// The issue in the example payloads of GitHub's page "Webhook events and payloads", without what no type asks for.
/// `issues.typed` is one of the actions on that page.
pub(crate) fn issue_1() -> Value {
    let repository = "https://api.github.com/repos/Codertocat/Hello-World";
    let user = "https://api.github.com/users/Codertocat";
    let in_issue = |rest: &str| format!("{repository}/issues/1{rest}");
    let of_user = |rest: &str| format!("{user}/{rest}");
    json!({
        "issue": {
            "url": in_issue(""),
            "repository_url": repository,
            "labels_url": in_issue("/labels{/name}"),
            "comments_url": in_issue("/comments"),
            "events_url": in_issue("/events"),
            "html_url": "https://github.com/Codertocat/Hello-World/issues/1",
            "id": 444_500_041,
            "node_id": "MDU6SXNzdWU0NDQ1MDAwNDE=",
            "number": 1,
            "title": "Spelling error in the README file",
            "user": {
                "login": "Codertocat",
                "id": 21_031_067,
                "node_id": "MDQ6VXNlcjIxMDMxMDY3",
                "avatar_url": "https://avatars1.githubusercontent.com/u/21031067?v=4",
                "gravatar_id": "",
                "url": user,
                "html_url": "https://github.com/Codertocat",
                "followers_url": of_user("followers"),
                "following_url": of_user("following{/other_user}"),
                "gists_url": of_user("gists{/gist_id}"),
                "starred_url": of_user("starred{/owner}{/repo}"),
                "subscriptions_url": of_user("subscriptions"),
                "organizations_url": of_user("orgs"),
                "repos_url": of_user("repos"),
                "events_url": of_user("events{/privacy}"),
                "received_events_url": of_user("received_events"),
                "type": "User",
                "site_admin": false
            },
            "labels": [],
            "state": "open",
            "locked": false,
            "assignee": null,
            "assignees": [],
            "milestone": null,
            "comments": 0,
            "created_at": "2019-05-15T15:20:18Z",
            "updated_at": "2019-05-15T15:20:18Z",
            "closed_at": null,
            "author_association": "OWNER",
            "body": "It looks like you accidentally spelled 'commit' with two 't's."
        }
    })
}

async fn expect(status: u16, app: &Receive, github: &Sender, event_type: &str, payload: Value) {
    let event = github.event(event_type, payload).id(event_type);
    // A receiver never fails as a service: a refusal is an answer.
    let Ok(response) = app.clone().oneshot(event.request()).await;
    assert_eq!(response.status(), status);
}
