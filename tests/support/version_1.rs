//! The tables as older versions of the schema made them, with a dead and a running delivery in them.

/// How a database calls the types of those versions.
pub(crate) struct Types {
    pub(crate) seq: &'static str,
    pub(crate) bytes: &'static str,
    pub(crate) of_seq: &'static str,
    /// A literal of these bytes, given in hexadecimal.
    pub(crate) literal: fn(&str) -> String,
}

pub(crate) fn statements(types: &Types) -> Vec<String> {
    let Types {
        seq,
        bytes,
        of_seq,
        literal,
    } = types;
    let mut statements = vec![
        format!(
            "CREATE TABLE hooklatch_event (seq {seq}, key {bytes} NOT NULL, content {bytes}, may_repeat INTEGER NOT NULL, \
             repeats INTEGER NOT NULL, state INTEGER NOT NULL, fence BIGINT NOT NULL, attempt INTEGER NOT NULL, \
             due BIGINT NOT NULL, retention BIGINT NOT NULL, receiver TEXT NOT NULL, tenant TEXT, id TEXT, type TEXT, \
             received BIGINT NOT NULL, error TEXT, has_delivery INTEGER NOT NULL, revived BIGINT NOT NULL)"
        ),
        "CREATE UNIQUE INDEX hooklatch_event_key ON hooklatch_event (key)".to_owned(),
        "CREATE UNIQUE INDEX hooklatch_event_content ON hooklatch_event (content) WHERE content IS NOT NULL".to_owned(),
        "CREATE INDEX hooklatch_event_due ON hooklatch_event (receiver, due, received) WHERE has_delivery = 1 AND state < 2".to_owned(),
        "CREATE INDEX hooklatch_event_completed ON hooklatch_event (due) WHERE state = 2".to_owned(),
        "CREATE INDEX hooklatch_event_dead ON hooklatch_event (receiver) WHERE state = 3".to_owned(),
        format!("CREATE TABLE hooklatch_delivery (seq {of_seq} PRIMARY KEY, head {bytes} NOT NULL, body {bytes} NOT NULL)"),
    ];
    let hex = |text: &str| {
        text.bytes()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    let head = r#"{"method":"POST","uri":"/in","headers":[],"key":"current","coverage":"whole"}"#;
    for (key, id, state) in [("01", "evt_dead", 3), ("02", "evt_running", 1)] {
        statements.push(format!(
            "INSERT INTO hooklatch_event (key, may_repeat, repeats, state, fence, attempt, due, retention, receiver, id, type, \
             received, error, has_delivery, revived) VALUES ({}, 0, 0, {state}, 7, 1, 1700000000000, 60000, 'old', '{id}', 'a', \
             1700000000000, 'closed', 1, 0)",
            literal(&key.repeat(16)),
        ));
        statements.push(format!(
            "INSERT INTO hooklatch_delivery (seq, head, body) SELECT seq, {}, {} FROM hooklatch_event WHERE id = '{id}'",
            literal(&hex(head)),
            literal(&hex(r#"{"id":1}"#)),
        ));
    }
    statements
}

/// What version 2 made of version 1.
pub(crate) fn to_version_2(types: &Types) -> Vec<String> {
    let seq = types.seq;
    vec![
        "ALTER TABLE hooklatch_event ADD COLUMN lost INTEGER NOT NULL DEFAULT 0".to_owned(),
        format!(
            "CREATE TABLE hooklatch_attempt (id {seq}, seq BIGINT NOT NULL, number INTEGER NOT NULL, ended BIGINT NOT NULL, \
             error TEXT NOT NULL)"
        ),
        "CREATE INDEX hooklatch_attempt_seq ON hooklatch_attempt (seq)".to_owned(),
        "CREATE INDEX hooklatch_attempt_ended ON hooklatch_attempt (ended)".to_owned(),
    ]
}
