import pytest

from tests.unit.sandbox.telegram.rich.making import made, read, refusal


def test_html_becomes_blocks() -> None:
    source = (
        "<h3>a</h3><p>b <strong>c</strong>\n d</p>loose<br/>text<hr>"
        "<ol start=2><li>e</li></ol><pre><code class='language-py'>f\n  g</code></pre>"
        "<aside>h<cite>i</cite></aside>"
    )

    blocks = made(html=source)

    assert [block["type"] for block in blocks] == [
        "heading", "paragraph", "paragraph", "divider", "list", "pre", "pullquote",
    ]  # fmt: skip
    assert blocks[1]["text"] == ["b ", {"type": "bold", "text": "c"}, " d"]
    assert blocks[2]["text"] == "loose\ntext"
    assert blocks[4]["items"][0]["label"] == "2."
    assert blocks[5] == {"type": "pre", "text": "f\n  g", "language": "py"}
    assert (blocks[6]["text"], blocks[6]["credit"]) == ("h", "i")


def test_tables_of_html_have_captions_and_spans() -> None:
    head = "<thead><tr><th colspan=2 align=right>b</th></tr></thead>"
    source = f"<table striped><caption>a</caption>{head}<tr><td rowspan=x>c</td></tr></table>"

    [table] = made(html=source)

    assert (table["caption"], table["is_striped"]) == ("a", True)
    assert [cell for row in table["cells"] for cell in row] == [
        {"align": "left", "valign": "middle", "text": "c", "rowspan": 1},
        {"align": "right", "valign": "middle", "text": "b", "is_header": True, "colspan": 2},
    ]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<h1><p>a</p><p>b</p></h1>", "a\nb"),
        (" <b>a</b> b <i>c</i> ", "a b c"),
        (" a <b>b</b>", "a b"),
        ("a<b/>b</br>c", "abc"),
        ("<p>a</p> <p>b</p>", "a\n\nb"),
        ("<cite>nobody</cite>a", "a"),
    ],
)
def test_html_is_read_as_browsers_read_it(source: str, text: str) -> None:
    assert read(html=source) == text


def test_only_the_documented_names_of_characters_are_decoded() -> None:
    assert read(html="&lt;&hellip;&copy;&#33;") == "<…&copy;!"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("<p>a", 'Can\'t find end tag corresponding to start tag "p"'),
        ("<b><i>a</b></i>", 'Unexpected end tag "b"'),
        ("<script>a</script>", 'Unsupported start tag "script"'),
    ],
)
def test_html_that_is_not_in_order_is_refused(source: str, reason: str) -> None:
    assert refusal(html=source).endswith(reason)
