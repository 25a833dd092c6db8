//! The guide: short pages about what comes up on the way to production. Every piece of code in them is run as a test.
//!
//! | page | what it is about |
//! |---|---|
//! | [`senders`] | which preset, a scheme of your own, what a signature is worth |
//! | [`catalogue`] | all senders: signature, what it covers, what each needs, what is odd about it |
//! | [`secrets`] | keyrings, and rolling a secret with no refused request |
//! | [`payloads`] | JSON, forms, XML, multipart and raw bodies, each typed, and their bounds |
//! | [`replies`] | what a handler's answer means to the sender, what the sender reads, and the two deadlines |
//! | [`dedup`] | the states of an event, what each copy is answered, captured requests |
//! | [`inbox`] | durable deliveries: states, retries, exactly once, many machines, looking after it |
//! | [`inspector`] | the web page: what came in, what failed, why one was refused, run one again |
//! | [`testing`] | test your webhooks: all situations in five lines, single requests, retries, the clock |
//! | [`cli`] | the command line: sign, send, verify, explain, deliveries, providers, serve, init, check |
//! | [`serve`] | the server for operators: sources from a file, actions, reloads, the admin address |
//! | [`config`] | the configuration file: every setting |
//! | [`proxy`] | TLS, body limits, timeouts, the public URL |
//! | [`tenants`] | many accounts of one sender: keys by the path, the cache, changing them |
//! | [`threats`] | each threat, the layer against it, and what remains your job |
//!
//! The module is part of the documentation only: there is nothing in it to use.

/// A page: a file of `docs/`. Its links to other pages are those of the files, so that they work in the repository too;
/// what is said first here takes their place.
macro_rules! page {
    ($name:ident, $file:literal) => {
        #[doc = "[senders]: crate::guide::senders"]
        #[doc = "[catalogue]: crate::guide::catalogue"]
        #[doc = "[secrets]: crate::guide::secrets"]
        #[doc = "[payloads]: crate::guide::payloads"]
        #[doc = "[replies]: crate::guide::replies"]
        #[doc = "[dedup]: crate::guide::dedup"]
        #[doc = "[inbox]: crate::guide::inbox"]
        #[doc = "[inspector]: crate::guide::inspector"]
        #[doc = "[testing]: crate::guide::testing"]
        #[doc = "[cli]: crate::guide::cli"]
        #[doc = "[serve]: crate::guide::serve"]
        #[doc = "[config]: crate::guide::config"]
        #[doc = "[proxy]: crate::guide::proxy"]
        #[doc = "[tenants]: crate::guide::tenants"]
        #[doc = "[threats]: crate::guide::threats"]
        #[cfg_attr(feature = "testing", doc = "[api]: crate::testing")]
        #[cfg_attr(not(feature = "testing"), doc = "[api]: crate::guide::testing")]
        #[doc = ""]
        #[doc = include_str!(concat!("../docs/", $file))]
        pub mod $name {}
    };
}

page!(senders, "senders.md");
page!(catalogue, "catalogue.md");
page!(secrets, "secrets.md");
page!(payloads, "payloads.md");
page!(replies, "replies.md");
page!(dedup, "dedup.md");
page!(inbox, "inbox.md");
page!(inspector, "inspector.md");
page!(testing, "testing.md");
page!(cli, "cli.md");
page!(serve, "serve.md");
page!(config, "config.md");
page!(proxy, "proxy.md");
page!(tenants, "tenants.md");
page!(threats, "threats.md");
