//! What stores refuse, in words: what the server said, and what to check. Secrets are in none of them.

use anyhow::{Error, anyhow};

use super::address::Scheme;
use super::environment::Variables;

/// The error of a request.
pub(super) fn of_request(error: &object_store::Error, scheme: Scheme) -> Error {
    let variables = Variables::of(scheme);
    let said = said(error);
    let of_client = |code: &str| said.starts_with(&format!("the server says {code}"));
    let credentials = || format!("the credentials ({}) and what they may do there", variables.who());
    let check = match () {
        () if of_client("401") || of_client("403") => credentials(),
        () if of_client("404") => format!("the bucket's name and where it is ({})", variables.whither()),
        () if of_client("5") || of_client("429") => "the server, and try again".to_owned(),
        () if of_client("") => format!("where the bucket is ({})", variables.whither()),
        () => format!("the network and where the store is ({})", variables.whither()),
    };
    anyhow!("{}", hidden(&format!("{said}; check {check}")))
}

/// The error of a client that cannot be made.
pub(super) fn of_settings(error: &object_store::Error, scheme: Scheme) -> Error {
    let variables = Variables::of(scheme);
    let why = hidden(&deepest(error));
    anyhow!("the environment's settings for {} are wrong: {why}; check {}", variables.store, variables.who())
}

/// Whether nobody answered.
pub(super) fn is_silence(error: &object_store::Error) -> bool {
    matches!(error, object_store::Error::Generic { .. }) && said(error).starts_with(SILENCE)
}

/// What a message begins with where no server said anything.
const SILENCE: &str = "no answer: ";

/// What the server said, or what kept it from saying anything.
fn said(error: &object_store::Error) -> String {
    let text = deepest(error);
    let Some(answer) = text.strip_prefix("Server returned non-2xx status code: ") else {
        let text = text.strip_prefix("Server returned error response: ").unwrap_or(&text);
        return if text.contains("<Code>") {
            format!("the server says {}", of_body("200 OK", text))
        } else {
            format!("{SILENCE}{text}")
        };
    };
    let (status, body) = answer.split_once(": ").unwrap_or((answer.trim_end_matches(": "), ""));
    format!("the server says {}", of_body(status, body))
}

/// A status with the code and the message of a body in XML or JSON.
fn of_body(status: &str, body: &str) -> String {
    let element = |name: &str| {
        let (_, rest) = body.split_once(&format!("<{name}>"))?;
        Some(rest.split_once("</")?.0.to_owned())
    };
    let json = || Some(serde_json::from_str::<serde_json::Value>(body).ok()?["error"]["message"].as_str()?.to_owned());
    // Lines after the first say when it was and by which request.
    let message = element("Message").or_else(json).and_then(|text| text.lines().next().map(str::to_owned));
    let words = [element("Code"), message].into_iter().flatten().collect::<Vec<_>>().join(": ");
    if words.is_empty() { status.to_owned() } else { format!("{status} ({words})") }
}

/// The first cause.
fn deepest(error: &object_store::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

/// A text without what the environment keeps secret, and without the queries of URLs, which may hold signatures.
fn hidden(text: &str) -> String {
    let is_secret = |name: &str| {
        let of_stores = ["AWS_", "AZURE_", "GOOGLE_"].iter().any(|prefix| name.starts_with(prefix));
        of_stores && ["KEY", "SECRET", "TOKEN", "SAS"].iter().any(|word| name.contains(word))
    };
    let secrets = std::env::vars_os().filter_map(|(name, value)| {
        let (name, value) = (name.into_string().ok()?, value.into_string().ok()?);
        (is_secret(&name) && value.len() >= 8).then_some(value)
    });
    let text = secrets.fold(text.to_owned(), |text, secret| text.replace(&secret, "…"));
    let words = text.split(' ').map(|word| match word.split_once('?') {
        Some((url, _)) if url.contains("://") => format!("{url}?…"),
        _ => word.to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the crate words what a server answered.
    fn answer(text: &str) -> object_store::Error {
        object_store::Error::Generic { store: "S3", source: text.into() }
    }

    #[test]
    fn what_the_server_said_is_told() {
        let of = |text: &str| of_request(&answer(text), Scheme::S3).to_string();
        let text = of("Server returned non-2xx status code: 404 Not Found: <?xml version=\"1.0\"?><Error>\
             <Code>NoSuchBucket</Code><Message>The specified bucket does not \
             exist</Message><RequestId>7</RequestId></Error>");
        assert_eq!(
            text,
            "the server says 404 Not Found (NoSuchBucket: The specified bucket does not exist); check the bucket's \
             name and where it is (AWS_REGION, AWS_DEFAULT_REGION, AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_S3, AWS_ENDPOINT)"
        );
        let text = of("Server returned non-2xx status code: 403 Forbidden: ");
        assert!(
            text.starts_with("the server says 403 Forbidden; check the credentials (AWS_ACCESS_KEY_ID with "),
            "{text}"
        );
        let text = of(
            "Server returned non-2xx status code: 503 Service Unavailable: {\"error\": {\"message\": \"later\\nid\"}}",
        );
        assert_eq!(text, "the server says 503 Service Unavailable (later); check the server, and try again");
        let text = of("Connection refused (os error 111)");
        assert!(
            text.starts_with("no answer: Connection refused (os error 111); check the network and where "),
            "{text}"
        );
        let text = of("cannot reach https://a.b/c?sig=secret now");
        assert!(text.starts_with("no answer: cannot reach https://a.b/c?… now; "), "{text}");
    }
}
