//! [`Browser`]: a real Chromium without a window, driven over its DevTools protocol.
//!
//! Not part of `mod support`: test binaries that need it say `#[path = "support/browser.rs"] mod browser;`.
//!
//! The protocol is spoken over the browser's own pipe, each message ended by a zero byte. It needs no port and no crate, and
//! the browser ends with the pipe, so none outlives its test. The crates for it (`chromiumoxide`, `headless_chrome`) bring
//! the whole protocol as some hundred thousand generated lines to compile, for the dozen calls that are made here; WebDriver
//! can neither switch scripts off nor tell of a policy that was violated.
//!
//! Without Chromium a test is skipped, and says so on stderr; with `HOOKLATCH_NO_SKIP` in the environment it fails.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_in_result,
    clippy::unwrap_used,
    reason = "a test fails by panicking, a skipped one has to be heard of"
)]

use std::{
    cell::{Cell, RefCell},
    env,
    io::{self, BufRead, BufReader, Write},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        Mutex, MutexGuard, PoisonError,
        mpsc::{Receiver, channel},
    },
    thread::{self, sleep},
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A Chromium of this test. Dropping it ends it and deletes its files.
pub struct Browser {
    child: Child,
    input: RefCell<Option<ChildStdin>>,
    output: Receiver<Value>,
    calls: Cell<u64>,
    events: RefCell<Vec<Value>>,
    _folder: TempDir,
    _only_one: MutexGuard<'static, ()>,
}

/// A page with cookies of its own.
pub struct Page<'a> {
    browser: &'a Browser,
    session: String,
}

impl Browser {
    /// Starts one. `None`: there is no Chromium, skip the test.
    #[must_use]
    pub fn launch() -> Option<Self> {
        // Each has several processes.
        static ONE: Mutex<()> = Mutex::new(());
        let only_one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
        if !is_there() {
            let no_skip = env::var_os("HOOKLATCH_NO_SKIP").is_some();
            assert!(
                !no_skip,
                "HOOKLATCH_NO_SKIP is set, but there is no chromium"
            );
            // `eprintln!` would be kept back, as all that a passing test prints.
            let _ = writeln!(
                io::stderr(),
                "SKIPPED: there is no chromium on this machine"
            );
            return None;
        }
        let folder = TempDir::new().unwrap();
        // The browser reads from descriptor 3 and writes to 4.
        let order = r#"exec chromium "$@" 3<&0 4>&1 0</dev/null 1>/dev/null 2>/dev/null"#;
        let mut child = Command::new("sh")
            .args([
                "-c",
                order,
                "chromium",
                "--headless=new",
                "--no-sandbox",
                "--remote-debugging-pipe",
            ])
            .args([
                "--no-first-run",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--force-color-profile=srgb",
            ])
            .args([
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ])
            .arg(format!("--user-data-dir={}", folder.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).split(0);
        let (sender, output) = channel();
        thread::spawn(move || {
            while let Some(Ok(message)) = lines.next() {
                let message = serde_json::from_slice(&message).unwrap();
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        Some(Self {
            input: RefCell::new(child.stdin.take()),
            child,
            output,
            calls: Cell::new(0),
            events: RefCell::default(),
            _folder: folder,
            _only_one: only_one,
        })
    }

    /// A new page.
    #[must_use]
    pub fn page(&self) -> Page<'_> {
        let context = self.call(None, "Target.createBrowserContext", &json!({}));
        let page = json!({"url": "about:blank", "browserContextId": context["browserContextId"], "width": 1200, "height": 900});
        let target = self.call(None, "Target.createTarget", &page);
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let session = self.call(None, "Target.attachToTarget", &attach);
        let session = session["sessionId"].as_str().unwrap().to_owned();
        let page = Page {
            browser: self,
            session,
        };
        for domain in ["Page", "Runtime", "Log", "Network"] {
            page.call(&format!("{domain}.enable"), &json!({}));
        }
        page
    }

    fn call(&self, session: Option<&str>, method: &str, params: &Value) -> Value {
        let answer = self.try_call(session, method, params);
        answer.unwrap_or_else(|error| panic!("{method} {params}: {error}"))
    }

    /// What it answers, or the error it answers with.
    fn try_call(
        &self,
        session: Option<&str>,
        method: &str,
        params: &Value,
    ) -> Result<Value, Value> {
        let id = self.calls.get() + 1;
        self.calls.set(id);
        let mut message = json!({"id": id, "method": method, "params": params});
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.input
            .borrow_mut()
            .as_mut()
            .unwrap()
            .write_all(&bytes)
            .unwrap();
        loop {
            let answer = self.output.recv_timeout(PATIENCE);
            let answer = answer.unwrap_or_else(|_| panic!("no answer to {message}"));
            if answer["id"] != id {
                self.note(answer);
                continue;
            }
            return match &answer["error"] {
                Value::Null => Ok(answer["result"].clone()),
                error => Err(error.clone()),
            };
        }
    }

    fn note(&self, event: Value) {
        // A dialog stops everything until it is answered.
        assert_ne!(event["method"], "Page.javascriptDialogOpening", "{event}");
        self.events.borrow_mut().push(event);
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.input.borrow_mut().take();
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if let Ok(Some(_)) = self.child.try_wait() {
                return;
            }
            sleep(BRIEFLY);
        }
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Page<'_> {
    /// Calls a method of the protocol on the page.
    pub fn call(&self, method: &str, params: &Value) -> Value {
        self.browser.call(Some(&self.session), method, params)
    }

    /// Opens a URL, and waits until it is loaded.
    pub fn open(&self, url: &str) {
        let answer = self.call("Page.navigate", &json!({"url": url}));
        assert!(answer["errorText"].is_null(), "{url}: {answer}");
        self.wait(&format!("location.href !== 'about:blank' && document.readyState === 'complete' && document.body !== null /* {url} */"));
    }

    /// The value of an expression in the page.
    pub fn eval(&self, expression: &str) -> Value {
        self.try_eval(expression)
            .unwrap_or_else(|error| panic!("{expression}: {error}"))
    }

    fn try_eval(&self, expression: &str) -> Result<Value, Value> {
        let params = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let session = Some(&*self.session);
        let answer = self
            .browser
            .try_call(session, "Runtime.evaluate", &params)?;
        match &answer["exceptionDetails"] {
            Value::Null => Ok(answer["result"]["value"].clone()),
            error => Err(error.clone()),
        }
    }

    /// Waits until an expression is true.
    pub fn wait(&self, expression: &str) {
        let start = Instant::now();
        // While the page changes there may be nothing to evaluate in.
        while self.try_eval(expression) != Ok(Value::Bool(true)) {
            if start.elapsed() > PATIENCE {
                let page = self.eval("location.href + '\\n' + document.body.innerText");
                panic!("never: {expression}\n{}", page.as_str().unwrap());
            }
            sleep(BRIEFLY);
        }
    }

    /// What an element shows.
    pub fn text(&self, selector: &str) -> String {
        let text = self.eval(&format!("document.querySelector({selector:?}).innerText"));
        text.as_str().unwrap().to_owned()
    }

    /// Clicks on the middle of an element, as a mouse does.
    pub fn click(&self, selector: &str) {
        let middle = format!(
            "(() => {{ const e = document.querySelector({selector:?}); e.scrollIntoView({{block: 'center'}}); \
             const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; }})()"
        );
        let at = self.eval(&middle);
        for kind in ["mousePressed", "mouseReleased"] {
            let event =
                json!({"type": kind, "x": at[0], "y": at[1], "button": "left", "clickCount": 1});
            self.call("Input.dispatchMouseEvent", &event);
        }
    }

    /// Clicks, and waits for the page that comes.
    pub fn click_through(&self, selector: &str) {
        self.eval("void (window.isOld = true)");
        self.click(selector);
        self.wait("!window.isOld && document.readyState === 'complete'");
    }

    /// Presses a key: a character, or `Enter`, `Tab`, `Escape`.
    pub fn press(&self, key: &str) {
        let (code, text) = match key {
            "Enter" => (13, "\r"),
            "Tab" => (9, ""),
            "Escape" => (27, ""),
            _ => (0, key),
        };
        let mut event = json!({"type": "keyDown", "key": key, "windowsVirtualKeyCode": code});
        if !text.is_empty() {
            event["text"] = text.into();
        }
        self.call("Input.dispatchKeyEvent", &event);
        self.call(
            "Input.dispatchKeyEvent",
            &json!({"type": "keyUp", "key": key, "windowsVirtualKeyCode": code}),
        );
    }

    /// Types a text where the focus is.
    pub fn write(&self, text: &str) {
        self.call("Input.insertText", &json!({"text": text}));
    }

    /// Light or dark, as a user prefers it.
    pub fn prefer(&self, scheme: &str) {
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.call("Emulation.setEmulatedMedia", &json!({"features": features}));
    }

    /// No script of a page runs from now on.
    pub fn switch_scripts_off(&self) {
        self.call(
            "Emulation.setScriptExecutionDisabled",
            &json!({"value": true}),
        );
    }

    /// What is seen, as a PNG.
    pub fn picture(&self) -> Vec<u8> {
        let answer = self.call("Page.captureScreenshot", &json!({"format": "png"}));
        STANDARD.decode(answer["data"].as_str().unwrap()).unwrap()
    }

    /// What the page complained about: exceptions, what a policy forbade, what is in the console.
    pub fn complaints(&self) -> Vec<String> {
        // What came before the answer to a call was noted by it.
        self.eval("0");
        let events = self.browser.events.borrow();
        let of_page = events
            .iter()
            .filter(|event| event["sessionId"] == self.session);
        of_page
            .filter(|event| {
                let method = event["method"].as_str().unwrap_or_default();
                matches!(
                    method,
                    "Runtime.exceptionThrown" | "Runtime.consoleAPICalled" | "Log.entryAdded"
                )
            })
            .map(ToString::to_string)
            .collect()
    }

    /// The URLs that the page asked for.
    pub fn requests(&self) -> Vec<String> {
        self.eval("0");
        let events = self.browser.events.borrow();
        let sent = events.iter().filter(|event| {
            event["sessionId"] == self.session && event["method"] == "Network.requestWillBeSent"
        });
        sent.filter_map(|event| Some(event["params"]["request"]["url"].as_str()?.to_owned()))
            .collect()
    }
}

fn is_there() -> bool {
    let paths = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&paths).any(|path| path.join("chromium").is_file())
}

const PATIENCE: Duration = Duration::from_secs(20);
const BRIEFLY: Duration = Duration::from_millis(20);
