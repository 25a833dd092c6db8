//! A delivery for people.

use std::fmt::Write as _;

use hooklatch::store::DeliveryContent;

use super::{
    json::moment,
    text::{body, plain},
};

pub(super) fn card(content: &DeliveryContent) -> String {
    let delivery = &content.delivery;
    let optional = |text: &Option<String>| text.as_deref().map_or_else(|| "none".to_owned(), plain);
    let due = match delivery.state {
        hooklatch::store::DeliveryState::Pending => "runs next",
        hooklatch::store::DeliveryState::Running => "lease until",
        hooklatch::store::DeliveryState::Completed => "known until",
        hooklatch::store::DeliveryState::Dead => "dead since",
    };
    let rows = [
        ("state", delivery.state.to_string()),
        ("attempts", delivery.attempt.to_string()),
        (due, moment(delivery.due)),
        ("receiver", plain(&delivery.receiver)),
        ("tenant", optional(&delivery.tenant)),
        ("event id", optional(&delivery.id)),
        ("type", optional(&delivery.event_type)),
        ("received", moment(delivery.received_at)),
        ("verified by", format!("the key {:?}", content.key_name)),
        (
            "request",
            plain(&format!("{} {}", content.method, content.path)),
        ),
    ];
    let mut text = format!("{}\n", delivery.event);
    for (name, value) in rows {
        let _ = writeln!(text, "  {name:12} {value}");
    }
    // Of a delivery that never ran, or before failed runs were kept one by one.
    if let (true, Some(error)) = (content.attempts.is_empty(), &delivery.error) {
        let _ = writeln!(text, "  {:12} {}", "error", plain(error));
    }
    section(
        &mut text,
        "failed runs",
        content.attempts.iter().map(|attempt| {
            let ended = moment(attempt.ended_at);
            format!("{:>3}  {ended}  {}", attempt.number, plain(&attempt.error))
        }),
    );
    section(
        &mut text,
        "headers",
        content
            .headers
            .iter()
            .map(|(name, value)| format!("{}: {}", plain(name), plain(value))),
    );
    let length = content.body.len();
    let _ = writeln!(text, "\nbody, {length} bytes");
    match body(&content.shown_body()) {
        Some(body) => text.push_str(&body),
        None => text.push_str("(no text; --raw writes it)"),
    }
    text.push('\n');
    text
}

fn section(text: &mut String, title: &str, lines: impl ExactSizeIterator<Item = String>) {
    if lines.len() > 0 {
        let _ = writeln!(text, "\n{title}");
    }
    for line in lines {
        let _ = writeln!(text, "  {line}");
    }
}
