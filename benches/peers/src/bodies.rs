//! What senders send: bodies of realistic shape, and the types a receiver would decode.

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// A Standard Webhooks event of 1 KiB.
pub fn standard_webhooks(number: usize) -> String {
    padded(
        json!({"type": "invoice.paid", "timestamp": "2026-11-20T09:30:11.318Z", "data": invoice(number)}),
        1024,
    )
}

/// A Stripe event of 1 KiB: id and type are in the body.
pub fn stripe(number: usize) -> String {
    let event = json!({
        "id": format!("evt_1PgafmB7WZ01zgkW{number:08}"), "object": "event", "api_version": "2024-06-20",
        "created": 1_721_906_770, "data": {"object": invoice(number)}, "livemode": false, "pending_webhooks": 1,
        "request": {"id": null, "idempotency_key": null}, "type": "invoice.paid",
    });
    padded(event, 1024)
}

/// A GitHub `issues` event of 20 KiB.
pub fn github(number: usize) -> String {
    let event = json!({
        "action": "opened", "issue": issue(number), "repository": repository(), "organization": user("octo-org"),
        "sender": user("octocat"),
    });
    padded(event, 20 * 1024)
}

/// A JSON body of about this size.
pub fn sized(size: usize) -> String {
    padded(json!({"id": "evt_1", "type": "invoice.paid"}), size)
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "decoding it is the work")]
pub struct Invoice {
    id: String,
    object: String,
    amount_due: i64,
    amount_paid: i64,
    currency: String,
    customer: String,
    customer_email: Option<String>,
    description: Option<String>,
    hosted_invoice_url: String,
    number: String,
    paid: bool,
    period_start: i64,
    period_end: i64,
    status: String,
    lines: Vec<Line>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "decoding it is the work")]
struct Line {
    id: String,
    amount: i64,
    quantity: u32,
    price: String,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "decoding it is the work")]
pub struct IssuesEvent {
    action: String,
    issue: Issue,
    repository: Repository,
    sender: User,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "decoding it is the work")]
struct Issue {
    number: u64,
    title: String,
    body: Option<String>,
    state: String,
    html_url: String,
    user: User,
    labels: Vec<Label>,
    assignees: Vec<User>,
    created_at: String,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "decoding it is the work")]
struct Label {
    id: u64,
    name: String,
    color: String,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "decoding it is the work")]
struct Repository {
    id: u64,
    full_name: String,
    private: bool,
    html_url: String,
    default_branch: String,
    owner: User,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "decoding it is the work")]
struct User {
    id: u64,
    login: String,
    html_url: String,
}

/// The envelopes a receiver by hand decodes.
#[derive(Deserialize)]
pub struct Enveloped<T> {
    pub r#type: String,
    pub data: T,
}

#[derive(Deserialize)]
pub struct StripeEnvelope<T> {
    pub id: String,
    pub r#type: String,
    pub data: StripeData<T>,
}

#[derive(Deserialize)]
pub struct StripeData<T> {
    pub object: T,
}

/// What a careful handler by hand uses of a verified body.
pub fn decode<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    serde_json::from_str(str::from_utf8(body).ok()?).ok()
}

fn invoice(number: usize) -> Value {
    json!({
        "id": format!("in_1MtHbELkdIwHu7ixl4OzzPMv{number:08}"), "object": "invoice", "amount_due": 1999,
        "amount_paid": 1999, "currency": "usd", "customer": "cus_NeZwdNtLEOXuvB", "customer_email": "jenny@example.com",
        "description": null, "hosted_invoice_url": "https://invoice.example.com/i/acct_1M2JTkLkdIwHu7ix/live_YWNjdF8x",
        "number": "8B36FE9C-0002", "paid": true, "period_start": 1_680_644_467, "period_end": 1_683_236_467,
        "status": "paid", "lines": [
            {"id": "il_1MtHbELkdIwHu7ixU8WJMVN2", "amount": 999, "quantity": 1, "price": "price_1Mr7aRLkdIwHu7ix"},
            {"id": "il_1MtHbELkdIwHu7ixU8WJMVN3", "amount": 1000, "quantity": 2, "price": "price_1Mr7aRLkdIwHu7iy"},
        ],
    })
}

fn issue(number: usize) -> Value {
    let label = |name: &str| {
        json!({"id": 208_045_946, "node_id": "MDU6TGFiZWwyMDgwNDU5NDY=", "name": name, "color": "d73a4a", "default": true,
            "url": format!("https://api.github.com/repos/octo-org/hello/labels/{name}"), "description": "Something isn't working"})
    };
    json!({
        "url": format!("https://api.github.com/repos/octo-org/hello/issues/{number}"), "id": 1_000_000 + number,
        "html_url": format!("https://github.com/octo-org/hello/issues/{number}"), "number": number, "state": "open",
        "title": "Spelling error in the README file", "user": user("octocat"), "locked": false, "comments": 0,
        "labels": [label("bug"), label("documentation")], "assignees": [user("hubot"), user("monalisa")],
        "milestone": null, "created_at": "2026-11-20T09:30:11Z", "updated_at": "2026-11-20T09:30:11Z", "closed_at": null,
        "author_association": "COLLABORATOR", "active_lock_reason": null, "reactions": {"total_count": 0, "+1": 0, "-1": 0},
        "body": "It looks like you accidently spelled \"commit\" with two \"t\"s.\n\nSteps:\n1. open the README\n2. read it\n".repeat(8),
    })
}

fn repository() -> Value {
    let mut repository = json!({
        "id": 1_296_269, "node_id": "MDEwOlJlcG9zaXRvcnkxMjk2MjY5", "name": "hello", "full_name": "octo-org/hello",
        "private": false, "owner": user("octo-org"), "html_url": "https://github.com/octo-org/hello", "description": null,
        "fork": false, "size": 108, "stargazers_count": 80, "watchers_count": 80, "language": "Rust", "has_issues": true,
        "forks_count": 9, "open_issues_count": 4, "topics": ["octocat", "atom", "electron", "api"], "visibility": "public",
        "default_branch": "main", "pushed_at": "2026-11-19T19:06:43Z", "created_at": "2011-01-26T19:01:12Z",
    });
    for name in [
        "archive",
        "assignees",
        "blobs",
        "branches",
        "collaborators",
        "comments",
        "commits",
        "compare",
        "contents",
        "contributors",
        "deployments",
        "downloads",
        "events",
        "forks",
        "git_commits",
        "git_refs",
        "git_tags",
        "hooks",
        "issue_comment",
        "issue_events",
        "issues",
        "keys",
        "labels",
        "languages",
        "merges",
        "milestones",
        "notifications",
        "pulls",
        "releases",
        "stargazers",
        "statuses",
        "subscribers",
        "subscription",
        "tags",
        "teams",
        "trees",
    ] {
        let url = format!("https://api.github.com/repos/octo-org/hello/{name}{{/sha}}");
        repository[format!("{name}_url")] = url.into();
    }
    repository
}

fn user(login: &str) -> Value {
    let mut user = json!({
        "login": login, "id": 583_231, "node_id": "MDQ6VXNlcjU4MzIzMQ==", "gravatar_id": "", "type": "User",
        "avatar_url": "https://avatars.githubusercontent.com/u/583231?v=4", "html_url": format!("https://github.com/{login}"),
        "site_admin": false,
    });
    for name in [
        "followers",
        "following",
        "gists",
        "starred",
        "subscriptions",
        "organizations",
        "repos",
        "events",
    ] {
        user[format!("{name}_url")] =
            format!("https://api.github.com/users/{login}/{name}{{/other_user}}").into();
    }
    user
}

/// Filled up with a member nobody wants: text as senders have it, in pieces of 60 bytes.
fn padded(mut event: Value, size: usize) -> String {
    let length = event.to_string().len();
    let mut missing = size.saturating_sub(length + r#","metadata":[]"#.len());
    let mut pieces = Vec::new();
    while missing > 3 {
        let piece = missing.min(63) - 3;
        pieces.push(Value::from("x".repeat(piece)));
        missing -= piece + 3;
    }
    event["metadata"] = pieces.into();
    event.to_string()
}
