//! The pages in a real browser: live, by mouse, by keyboard, without scripts, and in the face of hostile senders.

use std::sync::Arc;

use axum::{Router, response::Html, routing::get};
use hooklatch::{Secret, inspector::Inspector, store::DeliveryState};

use crate::{browser::Browser, site::Site};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_appears_by_itself_until_it_is_paused() {
    let Some(browser) = Browser::launch() else {
        return;
    };
    let site = Site::new().await;
    // Nested, as in an application of a user.
    let app = Router::new().nest("/admin/hooks", site.app.clone());
    let address = site.serve(app).await;
    let page = browser.page();
    page.open(&format!("http://{address}/admin/hooks"));
    page.wait("document.getElementById('connection').textContent === 'Live'");
    page.eval("void (window.mark = 'the same page')");
    assert_eq!(page.text("#none"), "Nothing has arrived yet.");

    site.deliver_event("evt_1", "invoice.paid").await;
    page.wait("document.querySelector('#rows tr')?.innerText.includes('evt_1') === true");
    site.deliver_event("evt_2", "fail.hard").await;
    page.wait("document.querySelector('#rows tr').innerText.includes('evt_2')");
    page.wait("document.querySelector('#rows tr').innerText.includes('dead')");
    assert_eq!(page.eval("window.mark"), "the same page");
    assert_eq!(page.eval("document.getElementById('none').hidden"), true);
    page.wait("document.getElementById('news').textContent !== ''");
    // The chart knows of both within ten seconds.
    page.wait("document.querySelector('#chart figcaption').innerText.includes('2 arrived')");

    // Paused, it stays as it is.
    page.click("#pause");
    assert_eq!(page.text("#connection"), "Paused");
    site.deliver_event("evt_3", "invoice.void").await;
    std::thread::sleep(std::time::Duration::from_millis(1_500));
    assert_eq!(page.eval("document.querySelectorAll('#rows tr').length"), 2);
    page.click("#pause");
    page.wait("document.querySelectorAll('#rows tr').length === 3");
    assert_eq!(page.complaints(), [""; 0]);
    let home = format!("http://{address}/");
    let requests = page.requests();
    assert!(
        requests.iter().all(|url| url.starts_with(&home)),
        "{requests:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_is_found_opened_run_again_and_forgotten() {
    let Some(browser) = Browser::launch() else {
        return;
    };
    let site = Site::new().await;
    for (id, event_type) in [
        ("evt_1", "invoice.paid"),
        ("evt_2", "fail.hard"),
        ("evt_3", "a"),
    ] {
        site.deliver_event(id, event_type).await;
    }
    let address = site.serve(site.app.clone()).await;
    let page = browser.page();
    page.open(&format!("http://{address}/"));
    // Filter.
    page.click("#type");
    page.write("fail.*");
    page.click_through(".filter button");
    assert_eq!(
        page.eval("[...document.querySelectorAll('#rows tr th')].map((e) => e.innerText).join()"),
        "evt_2"
    );

    // Open, retry, replay.
    page.click_through("#rows th a");
    assert!(page.text("h1").contains("evt_2"));
    assert!(
        page.text("main")
            .contains("Last error: the handler answered 503")
    );
    page.click_through("form[action$='/retry'] button");
    assert!(page.text("h1").contains("evt_2"));
    let after = site.world.settled().await;
    assert_eq!(
        after
            .iter()
            .filter(|delivery| delivery.state == DeliveryState::Dead)
            .count(),
        1
    );
    let before = page.eval("location.pathname");
    page.click_through("form[action$='/replay'] button");
    assert_ne!(page.eval("location.pathname"), before);
    assert_eq!(site.world.settled().await.len(), 4);

    // Forget, after a question.
    page.click_through(".actions .button");
    assert!(page.text("h1").contains("Forget"));
    page.click_through("button.danger");
    assert!(page.text(".done").contains("forgotten"));
    assert_eq!(site.world.all().await.len(), 3);
    assert_eq!(page.complaints(), [""; 0]);
}

/// The tests below believe what the browser says of a page: that has to include what goes wrong.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_is_not_safe_is_noticed() {
    let Some(browser) = Browser::launch() else {
        return;
    };
    let site = Site::new().await;
    const INLINE: &str = "<script>window.ran = true</script>";
    let policy = [("content-security-policy", "script-src 'self'")];
    let app = Router::new()
        .route("/open", get(async || Html(INLINE)))
        .route("/forbidden", get(async move || (policy, Html(INLINE))));
    let address = site.serve(app).await;
    let page = browser.page();
    page.open(&format!("http://{address}/open"));
    assert_eq!(page.eval("window.ran"), true);
    page.open(&format!("http://{address}/forbidden"));
    assert_eq!(page.eval("window.ran === undefined"), true);
    assert!(
        page.complaints()
            .iter()
            .any(|complaint| complaint.contains("Content Security Policy"))
    );
}

/// Texts that would do something if they were more than text.
const HOSTILE: [&str; 8] = [
    "<script>window.ran = true; alert(1)</script>",
    "\"><img src=x onerror='window.ran = true; alert(2)'>",
    "'><svg onload=\"window.ran = true; alert(3)\"></svg>",
    "</pre></bdi></title></textarea><iframe src='javascript:parent.ran = true'></iframe>",
    "javascript:window.ran=true",
    "\u{202e}gnitsac\u{202c} \u{2066}x\u{2069} \u{200b}\u{feff}",
    "{{constructor.constructor('window.ran = true')()}} ${window.ran = true}",
    "\r\ndata: x\revent: rows\n\n<b>",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_senders_choose_is_only_text() {
    let Some(browser) = Browser::launch() else {
        return;
    };
    let site = Site::new().await;
    let address = site.serve(site.app.clone()).await;
    let page = browser.page();
    // All come in while the page is live, and are in its first answer later.
    page.open(&format!("http://{address}/deliveries"));
    let filler = "<script>window.ran = true; alert(4)</script>".repeat(1024 * 1024 / 44);
    let mut keys = Vec::new();
    for (number, text) in HOSTILE.iter().enumerate() {
        let fail = if number % 2 == 0 { "refuse" } else { "a" };
        let filler = if number == 0 { &*filler } else { "" };
        let id = format!("{number} {text}");
        let body = serde_json::json!({"id": id, "type": format!("{fail}{text}"), text.to_owned(): text, "filler": filler});
        keys.push(site.deliver(&body.to_string()).await.event);
    }
    for body in [
        &b"\0\xff<script>window.ran = true</script>"[..],
        b"a=<script>window.ran=true</script>&<b>=%3Cscript%3E",
    ] {
        site.refuse(str::from_utf8(body).unwrap_or("<script>window.ran = true</script>"))
            .await;
    }
    page.wait(&format!(
        "document.querySelectorAll('#rows tr').length === {}",
        HOSTILE.len()
    ));
    let is_inert = || {
        assert_eq!(page.eval("window.ran === undefined"), true);
        let odd = "document.querySelectorAll('iframe, img, script:not([src]), [onerror], [onload], [style], main svg svg, main b').length";
        assert_eq!(page.eval(odd), 0);
        assert_eq!(page.eval("[...document.querySelectorAll('a, form')].filter((e) => !(e.href ?? e.action).startsWith(location.origin)).length"), 0);
    };
    is_inert();
    page.open(&format!("http://{address}/deliveries?id=%22%3E%3Cscript%3Ewindow.ran%3Dtrue%3C/script%3E&type=%27%22%3E%3Cb%3E"));
    is_inert();
    page.open(&format!("http://{address}/deliveries"));
    is_inert();
    // What turns texts around is written out, in the list already.
    let list = page.text("#rows");
    assert!(list.contains("U+202E") && list.contains("U+200B") && !list.contains('\u{202e}'));
    for (text, key) in HOSTILE.iter().zip(&keys) {
        page.open(&format!("http://{address}/deliveries/{key}"));
        is_inert();
        let shown = page.text("main");
        let first = text.split(['\u{202e}', '\r']).next().unwrap();
        assert!(shown.contains(first), "{text}");
        for hidden in ['\u{202e}', '\u{2066}', '\u{200b}', '\u{feff}'] {
            assert!(!shown.contains(hidden));
        }
        assert!(page.eval("document.title.length").as_u64().unwrap() < 200);
        assert!(
            page.eval("document.documentElement.outerHTML.length")
                .as_u64()
                .unwrap()
                < 600_000
        );
    }
    page.open(&format!("http://{address}/refusals"));
    is_inert();
    // No policy had to stop anything, and nothing was thrown.
    assert_eq!(page.complaints(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_can_be_done_by_keyboard() {
    let Some(browser) = Browser::launch() else {
        return;
    };
    let site = Site::new().await;
    for id in ["evt_1", "evt_2", "evt_3"] {
        site.deliver_event(id, "refuse").await;
    }
    let address = site.serve(site.app.clone()).await;
    let page = browser.page();
    page.open(&format!("http://{address}/deliveries"));
    page.wait("document.getElementById('connection').textContent === 'Live'");
    let focused = || page.eval("document.activeElement.innerText ?? ''");
    // The first stop skips the navigation, and is seen.
    page.press("Tab");
    assert_eq!(focused(), "Skip to the content");
    assert!(
        page.eval("document.activeElement.getBoundingClientRect().left")
            .as_f64()
            .unwrap()
            >= 0.0
    );
    assert_ne!(
        page.eval("getComputedStyle(document.activeElement).outlineStyle"),
        "none"
    );
    page.press("Enter");
    page.wait("location.hash === '#main'");
    // Up and down, also while rows come in.
    for (key, id) in [
        ("j", "evt_3"),
        ("j", "evt_2"),
        ("j", "evt_1"),
        ("j", "evt_1"),
        ("k", "evt_2"),
    ] {
        page.press(key);
        assert_eq!(focused(), id);
    }
    site.deliver_event("evt_4", "a").await;
    page.wait("document.querySelectorAll('#rows tr').length === 4");
    assert_eq!(focused(), "evt_2");
    // To the filter and out of it.
    page.press("/");
    assert_eq!(page.eval("document.activeElement.id"), "type");
    page.press("j");
    assert_eq!(page.eval("document.activeElement.value"), "j");
    page.press("Escape");
    assert_eq!(page.eval("document.activeElement === document.body"), true);
    assert_eq!(page.complaints(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_delivery_is_retried_with_tab_and_enter() {
    let Some(browser) = Browser::launch() else {
        return;
    };
    let site = Site::new().await;
    site.deliver_event("evt_1", "refuse").await;
    let address = site.serve(site.app.clone()).await;
    let page = browser.page();
    page.open(&format!("http://{address}/deliveries"));
    let focused = || page.eval("document.activeElement.innerText ?? ''");
    let fields = "[...document.querySelectorAll('input:not([type=hidden]), select')]";
    assert_eq!(page.eval(&format!("{fields}.length")), 5);
    assert_eq!(
        page.eval(&format!(
            "{fields}.every((field) => field.labels.length === 1)"
        )),
        true
    );
    page.press("j");
    assert_eq!(focused(), "evt_1");
    page.press("Enter");
    page.wait("document.querySelector('h1').innerText.includes('evt_1')");
    for _ in 0..20 {
        page.press("Tab");
        if focused() == "Retry" {
            break;
        }
    }
    assert_eq!(focused(), "Retry");
    let attempts =
        "[...document.querySelectorAll('section[aria-labelledby=attempts] tbody tr')].length";
    assert_eq!(page.eval(attempts), 1);
    page.press("Enter");
    page.wait("performance.getEntriesByType('navigation')[0].redirectCount === 1");
    site.world.settled().await;
    page.open(&format!("http://{address}/deliveries"));
    page.press("j");
    page.press("Enter");
    page.wait("document.querySelector('h1').innerText.includes('evt_1')");
    assert_eq!(page.eval(attempts), 2);
    assert_eq!(page.complaints(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_scripts_there_is_all_but_live_updates() {
    let Some(browser) = Browser::launch() else {
        return;
    };
    let site = Site::new().await;
    site.deliver_event("evt_1", "a").await;
    site.deliver_event("evt_2", "refuse").await;
    let store = Arc::new(site.world.store.clone());
    let token = "a-token-of-sixteen-bytes-or-more";
    let app = Inspector::new(store).token(Secret::new(token)).router();
    let address = site.serve(app).await;
    let page = browser.page();
    page.switch_scripts_off();
    page.open(&format!("http://{address}/deliveries"));
    assert_eq!(page.text("h1"), "Sign in");
    page.click("#secret");
    page.write(token);
    page.press("Enter");
    page.wait("document.querySelector('h1')?.innerText === 'Deliveries'");
    assert_eq!(
        page.eval("document.cookie"),
        "",
        "scripts cannot read the session"
    );
    assert_eq!(page.eval("document.querySelector('.live').hidden"), true);
    page.eval("void (document.getElementById('state').value = 'dead')");
    page.click(".filter button");
    let rows = "document.querySelectorAll('#rows tr').length";
    page.wait(&format!(
        "location.search.includes('state=dead') && {rows} === 1"
    ));
    page.click("#rows th a");
    page.wait("document.querySelector('form[action$=\"/replay\"]') !== null");
    page.click("form[action$='/replay'] button");
    for _ in 0..100 {
        if site.world.all().await.len() == 3 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(site.world.all().await.len(), 3);
    page.open(&format!("http://{address}/deliveries"));
    page.click("header form button");
    page.wait("document.querySelector('h1').innerText === 'Sign in'");
}
