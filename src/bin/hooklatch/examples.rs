//! The examples at the end of each `--help`.

pub(crate) const SERVE: &str = "\
Examples:
  hooklatch init && hooklatch serve
  hooklatch serve --config hooklatch.toml";
pub(crate) const SIGN: &str = "\
Examples:
  hooklatch sign stripe --secret-env STRIPE_WEBHOOK_SECRET --event invoice.paid --payload '{\"id\":\"in_1\"}'
  hooklatch sign github --secret-env GITHUB_WEBHOOK_SECRET -d @body.json --format curl
  hooklatch sign twilio --secret-file token.txt --url https://example.com/sms -d 'Body=hello' --format http > request.http";
pub(crate) const SEND: &str = "\
Examples:
  hooklatch send stripe http://localhost:3000/webhooks/stripe --secret-env STRIPE_WEBHOOK_SECRET --event invoice.paid
  hooklatch send stripe http://localhost:3000/webhooks/stripe --secret-env STRIPE_WEBHOOK_SECRET -n 10 --mutate flip-bit
  hooklatch send github https://localhost:8443/webhooks/github --ca authority.pem --secret-env GITHUB_WEBHOOK_SECRET";
pub(crate) const VERIFY: &str = "\
Examples:
  hooklatch verify stripe --secret-env STRIPE_WEBHOOK_SECRET --request request.http
  hooklatch verify github --secret-env GITHUB_WEBHOOK_SECRET -H 'X-Hub-Signature-256: sha256=00' -d @body.json
  hooklatch verify twilio --secret-file token.txt --request request.http --url https://example.com/sms
  hooklatch verify --config hooklatch.toml --source stripe --request request.http --json";
pub(crate) const EXPLAIN: &str = "\
Examples:
  hooklatch explain stripe --secret-env STRIPE_WEBHOOK_SECRET --request request.http
  hooklatch explain stripe --secret-env STRIPE_WEBHOOK_SECRET --request request.http --endpoint ci=github:GITHUB_WEBHOOK_SECRET
  hooklatch explain --config hooklatch.toml --source stripe --request request.http";
pub(crate) const DELIVERIES: &str = "\
Examples:
  hooklatch deliveries list --store sqlite:hooklatch.db --state dead
  HOOKLATCH_STORE=sqlite:hooklatch.db hooklatch deliveries show evt_1";
pub(crate) const LIST: &str = "\
Examples:
  hooklatch deliveries list --store sqlite:hooklatch.db --state dead --type 'invoice.*' --since 2h
  hooklatch deliveries list --config hooklatch.toml --receiver stripe --limit 0 --json";
pub(crate) const SHOW: &str = "\
Examples:
  hooklatch deliveries show evt_1 --store sqlite:hooklatch.db
  hooklatch deliveries show evt_1 --store sqlite:hooklatch.db --raw > body.json";
pub(crate) const REPLAY: &str = "\
Examples:
  hooklatch deliveries replay evt_1 --store sqlite:hooklatch.db
  hooklatch deliveries replay evt_1 --store sqlite:hooklatch.db --nonce fix";
pub(crate) const RETRY: &str = "\
Examples:
  hooklatch deliveries retry evt_1 evt_2 --store sqlite:hooklatch.db
  hooklatch deliveries retry --all --receiver stripe --store sqlite:hooklatch.db";
pub(crate) const FORGET: &str = "\
Examples:
  hooklatch deliveries forget evt_1 --store sqlite:hooklatch.db";
pub(crate) const PURGE: &str = "\
Examples:
  hooklatch deliveries purge --completed --before 30d --store sqlite:hooklatch.db
  hooklatch deliveries purge --dead --before 2026-03-01T12:00:00Z --yes --store sqlite:hooklatch.db";
pub(crate) const PROVIDERS: &str = "\
Examples:
  hooklatch providers
  hooklatch providers stripe
  hooklatch providers github --json";
pub(crate) const INIT: &str = "\
Examples:
  hooklatch init
  hooklatch init - --provider stripe --provider github";
pub(crate) const CHECK: &str = "\
Examples:
  hooklatch check
  hooklatch check --config hooklatch.toml";
pub(crate) const VECTORS: &str = "\
Examples:
  hooklatch vectors tests/vectors";
pub(crate) const COMPLETIONS: &str = "\
Examples:
  hooklatch completions bash > hooklatch.bash
  hooklatch completions zsh > _hooklatch";
pub(crate) const MAN: &str = "\
Examples:
  hooklatch man > hooklatch.1
  hooklatch man deliveries list > hooklatch-deliveries-list.1";
