//! The parameters of a signature (section 2.1). Pure and bounded.

/// What a signature says of itself.
#[derive(Debug)]
pub(super) struct Parameters<'a> {
    pub(super) key_id: &'a str,
    pub(super) algorithm: Option<&'a str>,
    /// The moments as they are written, which is how they are signed.
    pub(super) created: Option<&'a str>,
    pub(super) expires: Option<&'a str>,
    /// What is covered, in lower case and in order.
    pub(super) headers: Vec<&'a str>,
    pub(super) signature: &'a str,
}

impl<'a> Parameters<'a> {
    /// Takes `name="text",name=number` apart. The reason of a refusal never quotes the text.
    pub(super) fn parse(text: &'a str) -> Result<Self, &'static str> {
        if text.len() > MOST_TEXT {
            return Err("the signature is too long");
        }
        let mut pairs: Vec<(&str, Value<'_>)> = Vec::new();
        let mut rest = text;
        loop {
            let (name, value, left) = pair(rest)?;
            if pairs.iter().any(|(known, _)| *known == name) {
                return Err("a parameter of the signature repeats");
            }
            if pairs.len() >= MOST_PARAMETERS {
                return Err("the signature has too many parameters");
            }
            pairs.push((name, value));
            let left = left.trim_start_matches(' ');
            if left.is_empty() {
                break;
            }
            rest = left
                .strip_prefix(',')
                .ok_or(MALFORMED)?
                .trim_start_matches(' ');
        }
        let find = |wanted: &str| {
            pairs
                .iter()
                .find(|(name, _)| *name == wanted)
                .map(|(_, value)| *value)
        };
        let text = |wanted: &str| match find(wanted) {
            None => Ok(None),
            Some(Value::Quoted(text)) => Ok(Some(text)),
            Some(Value::Bare(_)) => Err(MALFORMED),
        };
        let moment = |wanted: &str| match find(wanted) {
            None => Ok(None),
            Some(Value::Bare(text)) => Ok(Some(text)),
            Some(Value::Quoted(_)) => {
                Err("a moment of the signature is no whole number of seconds")
            }
        };
        // Without it only one moment would be covered.
        let headers = text("headers")?.ok_or("the signature does not say what it covers")?;
        Ok(Self {
            key_id: text("keyId")?.ok_or("the signature does not name its key")?,
            algorithm: text("algorithm")?,
            created: moment("created")?,
            expires: moment("expires")?,
            headers: names(headers)?,
            signature: text("signature")?.ok_or("the signature is missing")?,
        })
    }

    pub(super) fn covers(&self, wanted: &str) -> bool {
        self.headers.contains(&wanted)
    }
}

/// What is covered: names in lower case, a space between them.
fn names(text: &str) -> Result<Vec<&str>, &'static str> {
    let mut names: Vec<&str> = Vec::new();
    for name in text.split(' ') {
        if name.is_empty() || name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err("the list of covered headers is malformed");
        }
        if names.contains(&name) {
            return Err("a header is covered twice");
        }
        if names.len() >= MOST_HEADERS {
            return Err("the signature covers too many headers");
        }
        names.push(name);
    }
    Ok(names)
}

#[derive(Clone, Copy, Debug)]
enum Value<'a> {
    Quoted(&'a str),
    Bare(&'a str),
}

/// The first pair, and what follows it.
fn pair(text: &str) -> Result<(&str, Value<'_>, &str), &'static str> {
    let (name, rest) = text.split_once('=').ok_or(MALFORMED)?;
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(MALFORMED);
    }
    if let Some(quoted) = rest.strip_prefix('"') {
        let (value, rest) = quoted.split_once('"').ok_or(MALFORMED)?;
        // No parameter needs an escape, and with none a text has one end.
        if value.contains('\\') {
            return Err(MALFORMED);
        }
        return Ok((name, Value::Quoted(value), rest));
    }
    let end = rest
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(rest.len());
    let (value, rest) = rest.split_at_checked(end).ok_or(MALFORMED)?;
    if value.is_empty() {
        Err(MALFORMED)
    } else {
        Ok((name, Value::Bare(value), rest))
    }
}

const MALFORMED: &str = "the parameters of the signature are malformed";
const MOST_TEXT: usize = 4096;
const MOST_PARAMETERS: usize = 16;
const MOST_HEADERS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_strictly() {
        let text = r#"keyId="a",algorithm="hs2019", created=1402170695 ,headers="(created) host",x=1,signature="AA==""#;
        let read = Parameters::parse(text).unwrap();
        assert_eq!(
            (read.key_id, read.algorithm, read.created),
            ("a", Some("hs2019"), Some("1402170695"))
        );
        assert_eq!(
            (read.headers, read.signature, read.expires),
            (vec!["(created)", "host"], "AA==", None)
        );
        for (from, to) in [
            ("keyId=\"a\",", ""),
            ("keyId", "keyid"),
            ("keyId=\"a\"", "keyId=a"),
            ("keyId=\"a\"", "keyId=\"a\",keyId=\"a\""),
            ("keyId=\"a\"", "keyId=\"a\\\""),
            ("keyId=\"a\"", "keyId=\"a"),
            ("keyId=\"a\"", "keyId=1"),
            ("=\"hs2019\"", "=hs2019"),
            ("=1402170695", "=\"1402170695\""),
            ("=1402170695", "=1402170695.5"),
            ("=1402170695", "=-1"),
            ("=1402170695", "="),
            ("(created) host", ""),
            ("(created) host", "(created)  host"),
            ("(created) host", " host"),
            ("(created) host", "Host"),
            ("(created) host", "host host"),
            ("headers=\"(created) host\",", ""),
            (",signature=\"AA==\"", ""),
            (",x=1", ",x=1,"),
            (",x=1", ",,x=1"),
            (",x=1", ";x=1"),
            (",x=1", ",x"),
            (",x=1", ",=1"),
            (",x=1", ",x y=1"),
        ] {
            assert!(Parameters::parse(&text.replace(from, to)).is_err(), "{to}");
        }
        let long = text.replace("AA==", &"A".repeat(5_000));
        assert!(Parameters::parse(&long).is_err());
        let many: String = (0..20).map(|index| format!("x{index}=1,")).collect();
        assert!(Parameters::parse(&format!("{many}{text}")).is_err());
    }
}
