//! How the pages look: contrast in both schemes, and the picture of the README.

use std::{env, fs, path::Path, sync::Arc, time::Duration};

use hooklatch::{SystemClock, testing::ManualClock};

use serde_json::json;

use crate::{
    browser::{Browser, Page},
    site::Site,
};

/// The least contrast of a text with what is behind it, and that text. Of what is transparent the next one behind counts.
const LEAST_CONTRAST: &str = r"(() => {
  const read = (color) => color.match(/[\d.]+/g).map(Number);
  const luminance = (color) => {
    const [r, g, b] = read(color).map((c) => c / 255).map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if ((read(color)[3] ?? 1) > 0) return color;
    }
    return 'rgb(255, 255, 255)';
  };
  let least = { contrast: 21, text: '', seen: 0 };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (walker.currentNode.data.trim() === '' || element.getClientRects().length === 0) continue;
    if (element.closest('svg') !== null) continue;
    const [one, other] = [luminance(getComputedStyle(element).color), luminance(behind(element))];
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    least.seen += 1;
    if (contrast < least.contrast) Object.assign(least, { contrast, text: walker.currentNode.data });
  }
  return least;
})()";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn texts_can_be_read_in_light_and_dark() {
    let Some(browser) = Browser::launch() else {
        return;
    };
    let site = Site::new().await;
    let dead = site
        .deliver(r#"{"id":"e\u202e","type":"fail"}"#)
        .await
        .event;
    site.deliver_event("evt_2", "a").await;
    site.refuse("{}").await;
    let address = site.serve(site.app.clone()).await;
    let page = browser.page();
    let mut grounds = Vec::new();
    for scheme in ["light", "dark"] {
        page.prefer(scheme);
        let (one, refusal) = (format!("deliveries/{dead}"), "refusals/1".to_owned());
        for path in [
            "deliveries".to_owned(),
            one.clone(),
            format!("{one}/forget"),
            "refusals".to_owned(),
            refusal,
        ] {
            page.open(&format!("http://{address}/{path}"));
            let least = page.eval(LEAST_CONTRAST);
            assert!(
                least["contrast"].as_f64().unwrap() >= 4.5,
                "{scheme} {path}: {least}"
            );
            assert!(
                least["seen"].as_u64().unwrap() > 10,
                "{scheme} {path}: {least}"
            );
        }
        grounds.push(page.eval("getComputedStyle(document.body).backgroundColor"));
    }
    assert_ne!(grounds[0], grounds[1], "dark is dark");
}

/// Writes `docs/inspector.png` where `HOOKLATCH_PICTURES` is set: a picture differs by the fonts of a machine.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_picture_of_the_readme() {
    let Some(browser) = Browser::launch() else {
        return;
    };
    // An hour of deliveries, more of them towards its end.
    let clock = ManualClock::new(SystemClock::shared().now() - MINUTE * 57);
    let site = Site::at(Arc::new(clock.clone())).await;
    let address = site.serve(site.app.clone()).await;
    let mut types = [
        "invoice.paid",
        "customer.created",
        "payment_intent.succeeded",
        "invoice.finalized",
    ]
    .into_iter()
    .cycle();
    for minute in 0..57_u32 {
        for again in 0..=minute * 7 % 5 {
            let event_type = match (minute, again) {
                (54, 1) => "refuse.amount",
                (56, 0) => "fail.upstream",
                _ => types.next().unwrap(),
            };
            let id = format!("evt_1Qx8b{}", 2_000 + minute * 31 + again * 7);
            site.deliver_event(&id, event_type).await;
        }
        clock.advance(MINUTE);
    }
    let page = browser.page();
    page.prefer("light");
    size(&page, 1100, 690);
    page.open(&format!("http://{address}/deliveries"));
    page.wait("document.getElementById('connection').textContent === 'Live'");
    let picture = page.picture();
    assert!(
        picture.starts_with(b"\x89PNG") && picture.len() < 150 * 1024,
        "{}",
        picture.len()
    );
    if env::var_os("HOOKLATCH_PICTURES").is_some() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/inspector.png");
        fs::write(file, picture).unwrap();
    }
}

const MINUTE: Duration = Duration::from_secs(60);

fn size(page: &Page<'_>, width: u32, height: u32) {
    let metrics =
        json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
    page.call("Emulation.setDeviceMetricsOverride", &metrics);
}
