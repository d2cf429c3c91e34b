//! Canonical forms of elements, and what of them is copied.

use super::*;
use crate::Limits;

/// Asserts that the first child of the root has this canonical form.
#[track_caller]
fn check(message: &str, prefixes: &str, expected: Option<&str>) {
    let tree = Tree::read(message.as_bytes(), &Limits::default()).expect("well-formed");
    let apex = tree.children(tree.root()).next().expect("a child");
    let mut canonicaliser = Canonicaliser::default();
    for _ in 0..2 {
        let form = canonicaliser.form(&tree, apex, None, &Form::with_prefixes(prefixes));
        assert_eq!(form, expected, "{message}");
    }
}

#[test]
fn tags_are_copied_only_where_they_are_canonical() {
    for (inside, expected) in [
        ("<b c=\"1\">t</b>", "<b c=\"1\">t</b>"),
        (
            "<b c=\"1\" d=\"2\"><e/></b>",
            "<b c=\"1\" d=\"2\"><e></e></b>",
        ),
        ("<b d=\"2\" c=\"1\"/>", "<b c=\"1\" d=\"2\"></b>"),
        ("<b c='1'>t</b>", "<b c=\"1\">t</b>"),
        ("<b c='\"'/>", "<b c=\"&quot;\"></b>"),
        ("<b  c=\"1\"></b>", "<b c=\"1\"></b>"),
        ("<b\nc=\"1\"></b>", "<b c=\"1\"></b>"),
        ("<b\tc=\"1\"></b >", "<b c=\"1\"></b>"),
        ("<b c =\"1\"></b>", "<b c=\"1\"></b>"),
        ("<b c= \"1\"></b>", "<b c=\"1\"></b>"),
        ("<b c=\"1\" ></b>", "<b c=\"1\"></b>"),
        ("<b ></b\n>", "<b></b>"),
        ("<b c=\"&#x31;&lt;\"></b>", "<b c=\"1&lt;\"></b>"),
        ("<b c=\"1>\"></b>", "<b c=\"1>\"></b>"),
        ("<b>1>2</b>", "<b>1&gt;2</b>"),
        ("<b>&#49;&gt;&amp;</b><b>2</b>", "<b>1&gt;&amp;</b><b>2</b>"),
        ("<b><![CDATA[<&>]]></b>", "<b>&lt;&amp;&gt;</b>"),
        ("<b><!-- a --><c/></b>", "<b><c></c></b>"),
        ("<b>1\r\n2</b>", "<b>1\n2</b>"),
        ("<b> <c>1<e> </e></c>\n</b>", "<b> <c>1<e> </e></c>\n</b>"),
        ("<b><c>1<e>></e></c></b>", "<b><c>1<e>&gt;</e></c></b>"),
        ("<b><c>1<e><?x y?></e></c></b>", "<b><c>1<e></e></c></b>"),
    ] {
        let wrapped = format!("<r><a>{inside}</a></r>");
        check(&wrapped, "", Some(&format!("<a>{expected}</a>")));
        // The same in one namespace, where whole elements are copied.
        let prefixed = |text: &str| {
            let text = format!("<a>{text}</a>").replace("</", "</p:");
            ["a", "b", "c", "e"].iter().fold(text, |text, name| {
                text.replace(&format!("<{name}"), &format!("<p:{name}"))
            })
        };
        let wrapped = format!("<p:r xmlns:p=\"urn:p\">{}</p:r>", prefixed(inside));
        let expected = prefixed(expected).replacen("<p:a", "<p:a xmlns:p=\"urn:p\"", 1);
        check(&wrapped, "", Some(&expected));
    }
    check("<r><a>1<!-- -->2</a></r>", "", None);
}

#[test]
fn namespaces_are_declared_where_they_are_first_used() {
    let root = "<p:r xmlns:p=\"urn:p\" xmlns:q=\"urn:q\" xmlns=\"urn:d\">";
    let form = |inside: &str, prefixes: &str, expected: &str| {
        check(&format!("{root}{inside}</p:r>"), prefixes, Some(expected));
    };
    form(
        "<a><b><q:c/></b><q:c q:d=\"1\"></q:c></a>",
        "",
        "<a xmlns=\"urn:d\"><b><q:c xmlns:q=\"urn:q\"></q:c></b><q:c xmlns:q=\"urn:q\" q:d=\"1\"></q:c></a>",
    );
    form(
        "<p:a><p:b xmlns:p=\"urn:o\"><p:c></p:c></p:b><p:c></p:c></p:a>",
        "",
        "<p:a xmlns:p=\"urn:p\"><p:b xmlns:p=\"urn:o\"><p:c></p:c></p:b><p:c></p:c></p:a>",
    );
    form(
        "<p:a><p:b xmlns:p=\"urn:p\"><p:c></p:c></p:b></p:a>",
        "",
        "<p:a xmlns:p=\"urn:p\"><p:b><p:c></p:c></p:b></p:a>",
    );
    form(
        "<p:a><b xmlns=\"\"><c></c></b><b></b></p:a>",
        "q #default",
        "<p:a xmlns=\"urn:d\" xmlns:p=\"urn:p\" xmlns:q=\"urn:q\"><b xmlns=\"\"><c></c></b><b></b></p:a>",
    );
    form(
        "<p:a><p:b xmlns:q=\"urn:o\"><p:c></p:c></p:b></p:a>",
        "q",
        "<p:a xmlns:p=\"urn:p\" xmlns:q=\"urn:q\"><p:b xmlns:q=\"urn:o\"><p:c></p:c></p:b></p:a>",
    );
    form(
        "<p:a><p:b xml:lang=\"da\"></p:b></p:a>",
        "",
        "<p:a xmlns:p=\"urn:p\"><p:b xml:lang=\"da\"></p:b></p:a>",
    );
    form(
        "<p:a xmlns:xml=\"http://www.w3.org/XML/1998/namespace\" xml:lang=\"da\"></p:a>",
        "xml",
        "<p:a xmlns:p=\"urn:p\" xml:lang=\"da\"></p:a>",
    );
}
