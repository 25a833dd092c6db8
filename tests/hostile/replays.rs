//! A captured request of a sender that signs neither id nor type.

use hooklatch::{Part, Repeats, Source};
use http::header::HeaderName;

use crate::presets::Stage;
use crate::support::status;

const DELIVERY: HeaderName = HeaderName::from_static("x-github-delivery");
const EVENT: HeaderName = HeaderName::from_static("x-github-event");

#[tokio::test]
async fn github_bytes_without_their_id_are_a_replay() {
    let stage = Stage::of(&["github"]);
    let endpoint = stage.endpoint("github");
    assert_eq!(
        status(&endpoint.app, endpoint.draft("1").request()).await,
        200
    );
    let replayed = endpoint.draft("1").without_header(DELIVERY).request();
    assert_eq!(status(&endpoint.app, replayed).await, 409);
    assert_eq!(stage.runs.count(), 1);
}

#[tokio::test]
async fn github_bytes_of_another_unsigned_type_are_a_replay() {
    let stage = Stage::of(&["github"]);
    let endpoint = stage.endpoint("github");
    assert_eq!(
        status(&endpoint.app, endpoint.draft("1").request()).await,
        200
    );
    for (id, event) in [("2", "ping"), ("3", "workflow_dispatch")] {
        let replayed = endpoint
            .draft("1")
            .with_header(DELIVERY, id)
            .with_header(EVENT, event);
        assert_eq!(
            status(&endpoint.app, replayed.request()).await,
            409,
            "{event}"
        );
    }
    assert_eq!(stage.runs.count(), 1);
}

#[tokio::test]
async fn github_bytes_of_an_id_that_differs_by_a_letter_or_type_are_a_replay() {
    let stage = Stage::of(&["github"]);
    let endpoint = stage.endpoint("github");
    let first = endpoint.draft("AbC");
    assert_eq!(status(&endpoint.app, first.clone().request()).await, 200);
    for id in ["abc", "ABC", "AbC.", "0AbC", "AbC/", "x"] {
        let replayed = first.clone().with_header(DELIVERY, id);
        assert_eq!(
            status(&endpoint.app, replayed.clone().request()).await,
            409,
            "{id}"
        );
        let renamed = replayed.with_header(EVENT, "issues").request();
        assert_eq!(status(&endpoint.app, renamed).await, 409, "{id}");
        let unnamed = first
            .clone()
            .with_header(DELIVERY, id)
            .without_header(EVENT);
        assert_eq!(status(&endpoint.app, unnamed.request()).await, 409, "{id}");
    }
    let copy = first.with_header(EVENT, "ping").request();
    assert_eq!(
        status(&endpoint.app, copy).await,
        200,
        "its own id: a duplicate"
    );
    assert_eq!(stage.runs.count(), 1);
}

#[tokio::test]
async fn signed_bytes_under_another_unsigned_id_are_a_replay_unless_the_profile_says_otherwise() {
    let stage = Stage::new();
    let mut senders = Vec::new();
    for endpoint in &stage.endpoints {
        let (preset, name) = (&endpoint.preset, &endpoint.preset.name);
        let Some(id) = &preset.scheme.id else {
            continue;
        };
        // Here the sender lists the header of the id as signed.
        let listed = |part: &Part| matches!(part, Part::Listed(_) | Part::Where(..));
        let listed = preset.scheme.content.iter().any(listed);
        if preset.scheme.signs_id() || !preset.covers_all() || listed {
            continue;
        }
        let (place, good) = (preset.place(id), endpoint.good("1"));
        let before = stage.runs.count();
        assert_eq!(status(&endpoint.app, good.request()).await, 200, "{name}");
        // GitHub's types without an id of their own are tested above: this one is none of them.
        let (expected, more) = match preset.scheme.profile.repeats {
            Repeats::Flag => (200, 3),
            Repeats::Refuse | Repeats::FlagTypes(_) => (409, 0),
        };
        for other in ["2", "01", "one"] {
            let replayed = good.clone().put(&place, other);
            let got = status(&endpoint.app, replayed.request()).await;
            assert_eq!(got, expected, "{name} as {other}");
        }
        assert_eq!(stage.runs.count(), before + 1 + more, "{name}");
        // An id that is there has to be one.
        let long = "x".repeat(300);
        for odd in ["", " ", "a b", &long, "\u{e9}"] {
            let odd_id = good.clone().put(&place, odd);
            assert_eq!(
                status(&endpoint.app, odd_id.request()).await,
                401,
                "{name} {odd}"
            );
        }
        let copy = status(&endpoint.app, good.request()).await;
        assert_eq!(
            (copy, stage.runs.count()),
            (200, before + 1 + more),
            "{name}"
        );
        senders.push(&**name);
    }
    for name in [
        "github",
        "linear",
        "sentry",
        "shopify",
        "teamwork",
        "woocommerce",
        "sentry-other",
        "shopify-other",
        "twilio-json",
    ] {
        assert!(senders.contains(&name), "{name} is none of {senders:?}");
    }
}

#[tokio::test]
async fn a_copy_of_a_completed_event_is_answered_200_and_not_run() {
    let stage = Stage::new();
    for endpoint in &stage.endpoints {
        let before = stage.runs.count();
        let good = endpoint.good("1");
        for _ in 0..3 {
            let got = status(&endpoint.app, good.request()).await;
            assert_eq!(got, 200, "{}", endpoint.preset.name);
        }
        assert_eq!(stage.runs.count(), before + 1, "{}", endpoint.preset.name);
    }
}

#[tokio::test]
async fn an_unsigned_header_or_query_makes_no_new_event() {
    let stage = Stage::new();
    for endpoint in &stage.endpoints {
        let before = stage.runs.count();
        let good = endpoint.good("1");
        let mut copies = vec![good.clone()];
        let id = endpoint.preset.scheme.id.clone();
        for name in ["x-request-id", "user-agent", "x-forwarded-for", "x-attempt"] {
            // An id in such a header does make another event, or a replay.
            if id == Some(Source::header(name)) {
                continue;
            }
            copies.push(good.clone().with(name, "7"));
        }
        if !endpoint.preset.signs_query() {
            copies.push(good.clone().with_query(&format!("{}&x=7", good.query())));
        }
        for copy in copies {
            let got = status(&endpoint.app, copy.request()).await;
            assert_eq!(got, 200, "{}", endpoint.preset.name);
        }
        assert_eq!(stage.runs.count(), before + 1, "{}", endpoint.preset.name);
    }
}
