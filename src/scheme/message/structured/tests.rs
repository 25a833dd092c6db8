//! What is read is written again, and nothing else is read.

use super::*;

fn again(text: &str) -> Result<String, &'static str> {
    dictionary(text).map(|members| write_dictionary(&members))
}

#[test]
fn what_is_read_is_written_canonically() {
    for (text, canonical) in [
        ("", ""),
        ("a", "a"),
        ("a=1,b=2", "a=1, b=2"),
        ("a=1 ,\tb=?0", "a=1, b=?0"),
        ("  a=?1;x;y=?0  ", "a;x;y=?0"),
        ("a=(  \"b\"   c );d=:AA==:", "a=(\"b\" c);d=:AA==:"),
        ("a=()", "a=()"),
        ("a=-007", "a=-7"),
        ("a=-0", "a=0"),
        (
            "a=1.50, b=-0.0, c=10.0, d=0.125",
            "a=1.5, b=0.0, c=10.0, d=0.125",
        ),
        ("a=\"q\\\"\\\\\"", "a=\"q\\\"\\\\\""),
        ("a=@1659578233", "a=@1659578233"),
        ("a=foo/bar:baz", "a=foo/bar:baz"),
        ("*a.b-c_d=1; e", "*a.b-c_d=1;e"),
    ] {
        assert_eq!(again(text).as_deref(), Ok(canonical), "{text}");
    }
    let mut text = String::new();
    item("text;a").unwrap().write(&mut text);
    assert_eq!(text, "text;a");
    assert_eq!(write_list(&list("a,  (b c);d").unwrap()), "a, (b c);d");
}

#[test]
fn what_is_no_structured_field_is_refused() {
    for text in [
        "A=1",
        "1=a",
        "a=",
        "a=1,",
        ",a",
        "a=1,,b",
        "a=1 b=2",
        "a=1;",
        "a=1; ",
        "a=1;B",
        "a =1",
        "a= 1",
        "a=1, a=2",
        "a=1;b;b",
        "a=(1",
        "a=(1))",
        "a=(1(2))",
        "a=(\"x\"\"y\")",
        "a=(1\t2)",
        "a=\"",
        "a=\"\\x\"",
        "a=\"\t\"",
        "a=:A",
        "a=:A-:",
        "a=?2",
        "a=?",
        "a=1.",
        "a=.1",
        "a=1.2345",
        "a=1234567890123456",
        "a=1234567890123.0",
        "a=--1",
        "a=@1.5",
        "a=%\"x\"",
        "a=\u{e9}",
        "a=\n",
        "a=1;b=(1)",
        "\ta=1",
    ] {
        assert!(again(text).is_err(), "{text:?}");
    }
    assert!(item("1, 2").is_err());
    let many = (0..65)
        .map(|index| format!("a{index}"))
        .collect::<Vec<_>>()
        .join(",");
    assert!(again(&many).is_err());
    assert!(again(&format!("a=({})", "1 ".repeat(65))).is_err());
    assert!(again(&format!("a=({})", "1 ".repeat(64))).is_ok());
    assert!(again(&format!("a{}", ";a".repeat(2))).is_err());
    assert!(again(&"a".repeat(40_000)).is_err());
}
