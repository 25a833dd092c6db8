//! What must hold: the difference between what was acknowledged and what became of it.

use std::{
    collections::{BTreeMap, HashSet},
    path::Path,
};

use crate::{child, load::Event};

/// Acknowledged, and neither kept nor done.
pub(crate) fn lost(
    acknowledged: &HashSet<Event>,
    known: &[[String; 3]],
    written: &[(String, String)],
) -> Vec<String> {
    let kept = known.iter().map(|[receiver, id, _]| (&**receiver, &**id));
    let done = written.iter().map(|(receiver, id)| (&**receiver, &**id));
    let there: HashSet<(&str, &str)> = kept.chain(done).collect();
    let gone = acknowledged
        .iter()
        .filter(|(receiver, id)| !there.contains(&(receiver, id)));
    gone.map(|(receiver, id)| format!("{receiver} {id} is lost"))
        .collect()
}

/// Completed by the inbox without an effect, or dead though its handler works.
pub(crate) fn unfinished(known: &[[String; 3]], written: &[(String, String)]) -> Vec<String> {
    let done: HashSet<(&str, &str)> = written
        .iter()
        .map(|(receiver, id)| (&**receiver, &**id))
        .collect();
    let bad = known
        .iter()
        .filter(|[receiver, id, state]| state != "completed" || !done.contains(&(receiver, id)));
    bad.map(|[receiver, id, state]| {
        let effect = done.contains(&(&**receiver, &**id));
        format!("{receiver} {id} is {state}, with an effect: {effect}")
    })
    .collect()
}

/// Took effect more than once in a transaction.
pub(crate) fn doubled(written: &[(String, String)]) -> Vec<String> {
    let mut times = BTreeMap::<&(String, String), u32>::new();
    for event in written {
        *times.entry(event).or_default() += 1;
    }
    let twice = times
        .iter()
        .filter(|((receiver, _), times)| receiver.ends_with("tx") && **times > 1);
    twice
        .map(|((receiver, id), times)| format!("{receiver} {id} took effect {times} times"))
        .collect()
}

/// The file is not sound.
pub(crate) async fn broken(folder: &Path) -> Option<String> {
    let mut connection = child::open(folder).await;
    let told: String = sqlx::query_scalar("PRAGMA integrity_check")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    (told != "ok").then(|| format!("the file is broken: {told}"))
}
