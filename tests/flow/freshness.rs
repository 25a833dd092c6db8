//! How old a signed timestamp may be.

use std::time::Duration;

use hooklatch::{RejectionKind, provider};

use crate::kind;
use crate::support::{Runs, World, payload, send, start, status};

#[tokio::test]
async fn an_event_time_senders_retry_twenty_minutes_later_is_accepted() {
    let (world, runs) = (World::new(), Runs::default());
    let (sendgrid, app) = world.endpoint(provider::SENDGRID, runs.router());
    let (stripe, stripe_app) = world.endpoint(provider::STRIPE, runs.router());
    let batch = sendgrid.batch([("bounce", payload())]).at(start());
    let attempt = stripe.event("a", payload()).at(start());
    world.clock.advance(Duration::from_secs(20 * 60));
    assert_eq!(status(&app, batch.clone().request()).await, 200);
    assert_eq!(
        status(&stripe_app, attempt.request()).await,
        401,
        "an attempt is signed anew"
    );
    world.clock.advance(Duration::from_secs(25 * 3600));
    assert_eq!(
        status(&app, batch.request()).await,
        401,
        "past the retry horizon"
    );
}

#[tokio::test]
async fn freshness_counts_both_ways_to_the_second() {
    for (offset, expected) in [(-301, 401), (-300, 200), (0, 200), (300, 200), (301, 401)] {
        let (world, runs) = (World::new(), Runs::default());
        let (stripe, app) = world.endpoint(provider::STRIPE, runs.router());
        let moment = start() + time::Duration::seconds(offset);
        let answered = status(&app, stripe.event("a", payload()).at(moment).request()).await;
        assert_eq!((offset, answered), (offset, expected));
    }
}

#[tokio::test]
async fn a_stale_delivery_of_a_sender_that_gives_up_on_4xx_is_503() {
    let mut scheme = provider::STRIPE;
    scheme.profile.on_client_error = hooklatch::OnClientError::GiveUp;
    let (world, runs) = (World::new(), Runs::default());
    let (sender, app) = world.endpoint(scheme, runs.router());
    let response = send(&app, sender.event("a", payload()).stale().request()).await;
    assert_eq!(
        (response.status().as_u16(), kind(&response)),
        (503, RejectionKind::Stale)
    );
}
