"""Rich messages as Telegram makes them: Markdown, HTML or blocks come in, blocks come out.

Markdown and HTML become one tree of tags, the tree becomes blocks; what a person reads is read off the blocks.
Source: Bot API 10.3. Telegram parses on its own servers, which nobody can ask offline: what is not documented
is an assumption and stands in `RichRules`.
"""
