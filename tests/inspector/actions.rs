//! What the forms do.

use hooklatch::store::DeliveryState;

use crate::site::{Site, field, form, header_of, page, send, text};

#[tokio::test]
async fn a_replay_is_a_copy_and_one_form_makes_one() {
    let site = Site::new().await;
    let first = site.deliver_event("evt_1", "a").await;
    let path = format!("/deliveries/{}", first.event);
    let (_, shown) = page(&site.app, &path).await;
    assert!(
        !shown.contains("/retry\""),
        "only what is dead is tried again"
    );
    let (token, nonce) = (field(&shown, "token"), field(&shown, "nonce"));
    let fields = [("token", &*token), ("nonce", &*nonce)];
    let done = send(&site.app, form(&format!("{path}/replay"), &fields)).await;
    assert_eq!(done.status(), 303);
    let copy = site.world.settled().await.swap_remove(0);
    assert_eq!(header_of(&done, "location"), format!("../{}", copy.event));
    assert_ne!(copy.event, first.event);
    assert_eq!((copy.state, copy.id), (DeliveryState::Completed, first.id));

    let again = send(&site.app, form(&format!("{path}/replay"), &fields)).await;
    assert_eq!(again.status(), 409);
    assert!(text(again).await.contains("Nothing was changed"));
    assert_eq!(site.world.all().await.len(), 2);

    // Another page makes another copy.
    let (_, shown) = page(&site.app, &path).await;
    let fields = [("token", &*token), ("nonce", &*field(&shown, "nonce"))];
    assert_eq!(
        send(&site.app, form(&format!("{path}/replay"), &fields))
            .await
            .status(),
        303
    );
    assert_eq!(site.world.all().await.len(), 3);
}

#[tokio::test]
async fn what_is_dead_is_tried_again() {
    let site = Site::new().await;
    let dead = site.deliver_event("evt_1", "fail").await;
    let path = format!("/deliveries/{}", dead.event);
    let (_, shown) = page(&site.app, &path).await;
    assert!(shown.contains(&format!("action=\"{}/retry\"", dead.event)));
    let token = field(&shown, "token");
    let done = send(
        &site.app,
        form(&format!("{path}/retry"), &[("token", &token)]),
    )
    .await;
    assert_eq!(
        (done.status().as_u16(), header_of(&done, "location")),
        (303, &*format!("../{}", dead.event))
    );
    site.world.settled().await;
    let (_, shown) = page(&site.app, &path).await;
    assert_eq!(
        shown.matches(&dead.error.unwrap()).count(),
        7,
        "the last error and six runs: {shown}"
    );

    let done = site.deliver_event("evt_2", "a").await;
    let path = format!("/deliveries/{}/retry", done.event);
    let refused = send(&site.app, form(&path, &[("token", &token)])).await;
    assert_eq!(refused.status(), 409);
}

#[tokio::test]
async fn forgetting_asks_first() {
    let site = Site::new().await;
    let key = site.deliver_event("evt_1", "a").await.event;
    let path = format!("/deliveries/{key}/forget");
    let (status, shown) = page(&site.app, &path).await;
    assert_eq!(status, 200);
    assert!(shown.contains("cannot be brought back") && shown.contains("evt_1"));
    assert_eq!(site.world.all().await.len(), 1);
    let fields = [("token", &*field(&shown, "token"))];
    let done = send(&site.app, form(&path, &fields)).await;
    assert_eq!(
        (done.status().as_u16(), header_of(&done, "location")),
        (303, "../../deliveries?done=forgotten")
    );
    assert!(site.world.all().await.is_empty());
    assert!(
        page(&site.app, "/deliveries?done=forgotten")
            .await
            .1
            .contains("The delivery is forgotten.")
    );
    assert_eq!(send(&site.app, form(&path, &fields)).await.status(), 404);
}
