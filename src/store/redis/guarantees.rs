//! [`RedisGuarantees`]: what this Redis keeps, as far as it tells.

use std::{collections::HashMap, fmt};

use redis::cmd;

use super::link::{Fault, Link};

/// What a Redis promises to keep, as it was set up when the store connected to it. Its `Display` says it in sentences.
///
/// It speaks of this one Redis. With replicas none of it holds across a failover: they are sent what was written *after*
/// it was answered, so the one that takes over may lack the latest claims, and those events run again.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RedisGuarantees {
    /// What a crash of Redis or of its machine loses.
    pub durability: RedisDurability,
    /// Whether it forgets claims to make room.
    pub eviction: RedisEviction,
    /// How many replicas it has. `None`: it does not tell.
    pub replicas: Option<u32>,
}

/// What a crash of Redis or of its machine loses, by the settings `appendonly`, `appendfsync` and `save`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RedisDurability {
    /// Nothing: a claim is on disk before it is answered (`appendfsync always`).
    EveryWrite,
    /// The last second or two (`appendfsync everysec`).
    EverySecond,
    /// What the system has not written yet, half a minute perhaps (`appendfsync no`).
    SystemDecides,
    /// Something: there is a log (`appendonly`), but how often it is written to disk is not told.
    Logged,
    /// All since the last snapshot: there is no log (`appendonly no`).
    Snapshots,
    /// Everything: neither a log nor snapshots.
    Nothing,
    /// It is not told.
    Unknown,
}

/// Whether Redis forgets claims to make room, by the setting `maxmemory-policy`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RedisEviction {
    /// Never: when its memory is full, new claims fail (`noeviction`).
    Never,
    /// It does, by this policy.
    Policy(String),
    /// It is not told.
    Unknown,
}

impl RedisGuarantees {
    /// Whether nothing is forgotten but, at most, the last seconds before a crash.
    #[must_use]
    pub fn are_sound(&self) -> bool {
        let durable = matches!(
            self.durability,
            RedisDurability::EveryWrite | RedisDurability::EverySecond
        );
        durable && self.eviction == RedisEviction::Never
    }
}

impl fmt::Display for RedisGuarantees {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}; ", self.durability, self.eviction)?;
        match self.replicas {
            Some(0) => f.write_str("it has no replicas"),
            Some(_) => f.write_str("a failover to a replica may lose the latest claims"),
            None => f.write_str("whether it has replicas is unknown"),
        }
    }
}

impl fmt::Display for RedisDurability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EveryWrite => "a crash loses no claim (appendfsync always)",
            Self::EverySecond => {
                "a crash may lose the claims of the last second or two (appendfsync everysec)"
            }
            Self::SystemDecides => {
                "a crash may lose the claims of the last half minute (appendfsync no)"
            }
            Self::Logged => {
                "a crash may lose the latest claims (appendonly yes, appendfsync unknown)"
            }
            Self::Snapshots => "a crash loses all claims since the last snapshot (appendonly no)",
            Self::Nothing => "a crash loses all claims (appendonly no, no snapshots)",
            Self::Unknown => "what a crash loses is unknown",
        })
    }
}

impl fmt::Display for RedisEviction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Never => f.write_str("no claim is evicted"),
            Self::Policy(policy) => {
                write!(f, "claims may be evicted (maxmemory-policy {policy})")
            }
            Self::Unknown => f.write_str("whether claims may be evicted is unknown"),
        }
    }
}

/// What Redis says of itself.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) guarantees: RedisGuarantees,
    /// The major version. 0: it does not tell.
    pub(super) major: u32,
    pub(super) is_cluster: bool,
    pub(super) is_replica: bool,
}

/// Asks Redis for what it promises. What it refuses to tell is unknown.
pub(super) async fn find(link: &Link) -> Result<Found, Fault> {
    let info: String = told(link.ask(&cmd("INFO")).await)?.unwrap_or_default();
    let info: HashMap<&str, &str> = info
        .lines()
        .filter_map(|line| line.split_once(':'))
        .collect();
    let is = |name: &str, value: &str| info.get(name) == Some(&value);
    let (log, sync, snapshots, policy) = (
        setting(link, "appendonly").await?,
        setting(link, "appendfsync").await?,
        setting(link, "save").await?,
        setting(link, "maxmemory-policy").await?,
    );
    // Who may not see the settings often may see these two of them.
    let log = log.or_else(|| {
        let enabled = info.get("aof_enabled")?;
        Some(if *enabled == "1" { "yes" } else { "no" }.to_owned())
    });
    let policy = policy.or_else(|| Some((*info.get("maxmemory_policy")?).to_owned()));
    let replicas = info.get("connected_slaves");
    let version = info.get("redis_version").copied().unwrap_or_default();
    Ok(Found {
        guarantees: RedisGuarantees {
            durability: durability(log.as_deref(), sync.as_deref(), snapshots.as_deref()),
            eviction: match policy {
                Some(policy) if policy == "noeviction" => RedisEviction::Never,
                Some(policy) => RedisEviction::Policy(policy),
                None => RedisEviction::Unknown,
            },
            replicas: replicas.and_then(|count| count.parse().ok()),
        },
        major: version
            .split('.')
            .next()
            .and_then(|major| major.parse().ok())
            .unwrap_or(0),
        is_cluster: is("cluster_enabled", "1"),
        is_replica: is("role", "slave"),
    })
}

/// The value of a setting, unless Redis keeps it to itself.
async fn setting(link: &Link, name: &str) -> Result<Option<String>, Fault> {
    let answer = link.ask(cmd("CONFIG").arg("GET").arg(name)).await;
    let found: Option<HashMap<String, String>> = told(answer)?;
    Ok(found.and_then(|mut found| found.remove(name)))
}

/// `None` for what Redis refuses. That it cannot be reached stays an error.
fn told<T>(answer: Result<T, Fault>) -> Result<Option<T>, Fault> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(fault) if fault.is_refusal() => Ok(None),
        Err(fault) => Err(fault),
    }
}

fn durability(log: Option<&str>, sync: Option<&str>, snapshots: Option<&str>) -> RedisDurability {
    match (log, sync, snapshots) {
        (Some("yes"), Some("always"), _) => RedisDurability::EveryWrite,
        (Some("yes"), Some("everysec"), _) => RedisDurability::EverySecond,
        (Some("yes"), Some("no"), _) => RedisDurability::SystemDecides,
        (Some("yes"), _, _) => RedisDurability::Logged,
        (Some("no"), _, Some("")) => RedisDurability::Nothing,
        (Some("no"), _, Some(_)) => RedisDurability::Snapshots,
        _ => RedisDurability::Unknown,
    }
}
