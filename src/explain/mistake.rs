//! [`Mistake`]: what usually goes wrong, and what to do then.

use std::fmt;

/// A usual mistake. `Display` gives its name as it stands in JSON and logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mistake {
    /// Another endpoint of the same owner verifies the request as it is.
    OtherEndpoint,
    /// The secret of another endpoint fits.
    SwappedSecret,
    /// The secret of another endpoint fits, and the body says of which mode it is: test or live.
    TestOrLive,
    /// The configured secret is right, and shorter than is accepted.
    SecretShort,
    /// White space, a line break or characters that nobody sees around the secret, here or at the sender.
    SecretWhitespace,
    /// Quotation marks around the configured secret.
    SecretQuoted,
    /// A prefix as `whsec_` is missing, or too much.
    SecretPrefix,
    /// The secret is used as text and should be decoded, or the other way round.
    SecretEncoding,
    /// The line breaks of a key in PEM are written as a backslash and a letter.
    PemLines,
    /// The key that signed has passed its last moment.
    KeyExpired,
    /// The right key is there under another name than the request has for it.
    KeyName,
    /// JSON was parsed and written again.
    BodyReserialised,
    /// A line break at the end of the body was added or removed, or all line breaks were changed.
    BodyNewline,
    /// A byte order mark was added or removed.
    BodyBom,
    /// The body was converted to another charset.
    BodyCharset,
    /// The body is inside another: in base64, in a JSON string, or in the event of a function platform.
    BodyWrapped,
    /// A form was made JSON, or JSON a form, or a form was written again.
    FormOrJson,
    /// The signature is written in another encoding: hex instead of base64.
    SignatureEncoding,
    /// The signature has another mark in front of it, as `sha256=`.
    SignatureTag,
    /// The signature stands in another header.
    SignatureHeader,
    /// The signature is made with another hash.
    Hash,
    /// The sender knows the endpoint by `http`, not `https`, or the other way round.
    UrlScheme,
    /// The sender knows the endpoint by another host.
    UrlHost,
    /// The sender knows the endpoint by another port.
    UrlPort,
    /// The sender knows the endpoint with a slash at the end, or without.
    UrlSlash,
    /// The sender knows the endpoint by another path or query.
    UrlPath,
    /// Several things of the URL differ, as a proxy says in its headers.
    UrlProxy,
    /// The timestamp is written in another unit or format.
    TimestampFormat,
    /// The signature matches, and its timestamp is too far from now.
    Clock,
    /// Another of the sender's own ways to sign, as of its older headers.
    OldHeaders,
    /// The request is from another sender that signs with the same secret.
    OtherPreset,
}

impl Mistake {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::OtherEndpoint,
        Self::SwappedSecret,
        Self::TestOrLive,
        Self::SecretShort,
        Self::SecretWhitespace,
        Self::SecretQuoted,
        Self::SecretPrefix,
        Self::SecretEncoding,
        Self::PemLines,
        Self::KeyExpired,
        Self::KeyName,
        Self::BodyReserialised,
        Self::BodyNewline,
        Self::BodyBom,
        Self::BodyCharset,
        Self::BodyWrapped,
        Self::FormOrJson,
        Self::SignatureEncoding,
        Self::SignatureTag,
        Self::SignatureHeader,
        Self::Hash,
        Self::UrlScheme,
        Self::UrlHost,
        Self::UrlPort,
        Self::UrlSlash,
        Self::UrlPath,
        Self::UrlProxy,
        Self::TimestampFormat,
        Self::Clock,
        Self::OldHeaders,
        Self::OtherPreset,
    ];

    /// The name, in lower case with underscores.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.facts().0
    }

    /// What to do about it, in a sentence.
    #[must_use]
    pub const fn fix(self) -> &'static str {
        self.facts().1
    }

    #[expect(clippy::too_many_lines, reason = "a table")]
    const fn facts(self) -> (&'static str, &'static str) {
        match self {
            Self::OtherEndpoint => (
                "other_endpoint",
                "Send this sender's webhooks to that endpoint, or mount its scheme and secret here.",
            ),
            Self::SwappedSecret => (
                "swapped_secret",
                "The secrets of two endpoints are swapped: give each endpoint its own.",
            ),
            Self::TestOrLive => (
                "test_or_live",
                "Test mode and live mode have a secret each: use the one of the mode that the event is of.",
            ),
            Self::SecretShort => (
                "secret_short",
                "Roll the secret to a longer one, or allow short ones with Keyring::insecure_allow_short_secrets.",
            ),
            Self::SecretWhitespace => (
                "secret_whitespace",
                "Remove the white space around the secret, here and where it was entered at the sender; what nobody sees as well.",
            ),
            Self::SecretQuoted => (
                "secret_quoted",
                "Remove the quotation marks around the secret: not every reader of environment files takes them off.",
            ),
            Self::SecretPrefix => (
                "secret_prefix",
                "Copy the secret exactly as the sender shows it, prefix and all.",
            ),
            Self::SecretEncoding => (
                "secret_encoding",
                "Give the secret as the sender shows it, neither decoded nor encoded; in a scheme of your own set the `encoding` of its key.",
            ),
            Self::PemLines => (
                "pem_lines",
                "Give the PEM with line breaks or all on one line: in an environment file in quotation marks that its reader takes off.",
            ),
            Self::KeyExpired => (
                "key_expired",
                "The sender still signs with the old key: move its last moment, or finish rolling the secret at the sender.",
            ),
            Self::KeyName => (
                "key_name",
                "Name the key in the keyring as the sender names it in its requests.",
            ),
            Self::BodyReserialised => (
                "body_reserialised",
                "Verify the raw bytes before anything parses them: put verification in front of body parsers and extractors.",
            ),
            Self::BodyNewline => (
                "body_newline",
                "Pass the body on byte for byte: editors, shells and text modes add, remove or change line breaks.",
            ),
            Self::BodyBom => (
                "body_bom",
                "Pass the body on byte for byte: a text editor or decoder has added or removed the byte order mark.",
            ),
            Self::BodyCharset => (
                "body_charset",
                "Pass the body on as bytes: something has decoded it as text and encoded it in another way.",
            ),
            Self::BodyWrapped => (
                "body_wrapped",
                "Unwrap the body before verifying: what is signed is what the sender sent, not what a platform makes of it.",
            ),
            Self::FormOrJson => (
                "form_or_json",
                "Verify the body as it was sent, before forms are parsed; check the content type that is set at the sender.",
            ),
            Self::SignatureEncoding => (
                "signature_encoding",
                "Set the `encoding` of the scheme's method to how this sender writes its signatures.",
            ),
            Self::SignatureTag => (
                "signature_tag",
                "Set the `tag` of the scheme's method to the mark that this sender writes in front of its signatures.",
            ),
            Self::SignatureHeader => (
                "signature_header",
                "Read the signature from that header, and check that no proxy renames or drops the one that is expected.",
            ),
            Self::Hash => (
                "hash",
                "Set the `algorithm` of the scheme's method to the hash that this sender uses; check which one is chosen at the sender.",
            ),
            Self::UrlScheme => (
                "url_scheme",
                "TLS ends at a proxy: say the public URL, with PublicUrl::base or `public_url` of the configuration.",
            ),
            Self::UrlHost => (
                "url_host",
                "A proxy changes the host: say the public URL (PublicUrl::base, `public_url` of the configuration), or trust the proxy (PublicUrl::forwarded_by, `trusted_proxies`).",
            ),
            Self::UrlPort => (
                "url_port",
                "Give the public URL with the port that stands in the sender's settings.",
            ),
            Self::UrlSlash => (
                "url_slash",
                "Give the URL exactly as it stands in the sender's settings, also whether it ends with a slash.",
            ),
            Self::UrlPath => (
                "url_path",
                "Something on the way changes path or query: say the public URL, with PublicUrl::base or `public_url` of the configuration.",
            ),
            Self::UrlProxy => (
                "url_proxy",
                "Trust the proxy's headers (PublicUrl::forwarded_by, `trusted_proxies` of the configuration), or say the public URL (PublicUrl::base, `public_url`).",
            ),
            Self::TimestampFormat => (
                "timestamp_format",
                "Set the `format` of the scheme's timestamp to how this sender writes its timestamps.",
            ),
            Self::Clock => (
                "clock",
                "Set the clocks of both machines by NTP; a request that was recorded is refused on purpose, sign it anew.",
            ),
            Self::OldHeaders => (
                "old_headers",
                "Use that preset, or make the sender and all proxies send the headers of the configured one.",
            ),
            Self::OtherPreset => (
                "other_preset",
                "Mount that preset instead, or correct the URL at the sender.",
            ),
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
