//! A captured request of a sender that signs neither id nor type.

use http::header::HeaderName;

use crate::presets::Stage;
use crate::support::status;

const DELIVERY: HeaderName = HeaderName::from_static("x-github-delivery");
const EVENT: HeaderName = HeaderName::from_static("x-github-event");

#[tokio::test]
async fn github_bytes_without_their_id_are_a_replay() {
    let stage = Stage::new();
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
    let stage = Stage::new();
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
    let stage = Stage::new();
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
