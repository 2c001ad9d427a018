"""Text that may be SQL: quotes, comments, templates and statements, cut anywhere."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

_PIECES: Final = st.sampled_from(
    [
        *"'\"`;\n\r\\ \x00\ufeff\u2028",
        *("$$", "/*", "*/", "--", "\r\n", "r'", "${", "}", "{{", "}}", "{%", "%}", "{#", "#}"),
        *("{% if x %}", "{% endif %}"),
        *("CREATE TABLE a.b.c (x INT)", "-- a; b\n", "/* c; /* d */ ; */", "'e; f'", "`g;h`", "1a"),
        *("-- Databricks notebook source\n", "\n-- COMMAND ----------\n", "-- MAGIC %python\n"),
    ]
)
TEXTS: Final = st.lists(st.one_of(_PIECES, st.text(max_size=3)), max_size=12).map("".join)
