package lakewarden.tables.documentation.table_commented_test

import data.lakewarden.tables.documentation.table_commented
import data.lakewarden.testing

_run := testing.run_of("documentation", {
	"min_table_comment_length": 10,
	"comment_placeholders": ["todo", "not written yet"],
})

_proven(table) := proven if {
	proven := testing.proven(table_commented) with input as table with data.lakewarden_run as _run
}

_denied(table, actual, breach) if {
	proven := _proven(table)
	not proven.pass
	not proven.needs
	message := sprintf("%s, so anyone who finds the table can't tell what it holds.", [breach])
	proven.deny == {{
		"expected": "a comment of at least 10 characters that isn't a placeholder",
		"actual": actual,
		"message": message,
	}}
}

test_long_enough_passes if {
	every comment in ["ten chars!", "  ten chars! ", "日本語の注文を全部保存"] {
		proven := _proven(testing.table({"comment": comment}))
		count(proven.pass) == 1
		not proven.deny
		not proven.needs
	}
	_proven(testing.table({"comment": " ten chars! "})).pass == {"Its comment has 10 characters."}
}

test_one_character_less_is_denied if {
	_denied(testing.table({"comment": "nine char"}), "nine char", "The comment of prod.sales.orders is too short (9 characters)")
}

test_blanks_do_not_make_it_longer if {
	_denied(testing.table({"comment": " nine char\n\u3000"}), "nine char", "The comment of prod.sales.orders is too short (9 characters)")
}

test_characters_that_show_nothing_do_not_make_it_longer if {
	padded := "nine\u200b\u200b char"
	_denied(testing.table({"comment": padded}), padded, "The comment of prod.sales.orders is too short (9 characters)")
}

test_placeholder_is_denied_however_long if {
	every comment in ["TODO: describe these orders", "Not written yet.", "todo"] {
		_denied(testing.table({"comment": comment}), comment, "The comment of prod.sales.orders is a placeholder")
	}
}

test_no_comment_is_denied if {
	every comment in ["", "\u00a0 ", "\u200b\u200b\u200b\u200b\u200b\u200b\u200b\u200b\u200b\u200b\u200b"] {
		table := testing.table({"comment": comment})
		_denied(table, "no comment", "prod.sales.orders has no comment")
	}
}

test_comment_is_needed_where_it_was_not_collected if {
	hidden := testing.table({"evidence": {"comment": {"status": "denied"}}})
	every table in [testing.table({}), testing.table({"comment": null}), hidden] {
		_proven(table) == {"needs": {"comment"}}
	}
	not _proven(object.union(hidden, {"comment": "is here all the same"})).needs
}

test_every_kind_of_table_is_meant if {
	every table in [testing.table({"table_type": "VIEW"}), testing.table_without("table_type")] {
		silent := object.union(table, {"comment": ""})
		count(_proven(silent).deny) == 1
		not _proven(silent).needs
	}
}

_fixes(changes) := fixes if {
	table := testing.table(changes)
	fixes := testing.fixes(table_commented)[""] with input as table with data.lakewarden_run as _run
}

_statement := {
	"title": "Describe what a row of it is, where it comes from and who can rely on it",
	"sql": ["COMMENT ON TABLE prod.sales.orders IS <'what a row is, where it comes from, who can rely on it'>"],
	"requires": ["MODIFY on the table"],
	"note": "It changes metadata only; writes that run meanwhile may fail.",
	"undo": ["COMMENT ON TABLE prod.sales.orders IS NULL"],
}

test_a_statement_fixes_it_and_gives_back_what_was_there if {
	_fixes({"comment": ""}) == [_statement]
	_fixes({"comment": " it's\n"}) == [object.union(_statement, {"undo": [`COMMENT ON TABLE prod.sales.orders IS ' it\'s\n'`]})]
}

test_a_view_is_commented_by_its_definition if {
	_fixes({"table_type": "STREAMING_TABLE", "comment": "short"}) == [{
		"title": "Describe it with COMMENT in its definition, CREATE OR REFRESH STREAMING TABLE prod.sales.orders …",
		"note": "It takes effect when the definition runs again; to undo it, take the change back and run it again.",
	}]
}

test_planned_tables_are_commented_where_they_are_declared if {
	every tool, way in {
		"terraform": "in the attribute comment of its resource",
		"dbt": "in the description in its dbt configuration, with relation in persist_docs",
	} {
		some fix in _fixes({"comment": "", "definition": {"tool": tool}})
		fix.title == concat(" ", ["Describe it", way])
		startswith(fix.note, "It takes effect with the next ")
		not fix.sql
	}
	_fixes({"comment": "", "definition": {"tool": "sql", "file": "a.sql"}}) == [object.union(_statement, {"note": "It changes metadata only; writes that run meanwhile may fail. Add it to the files (a.sql), or change the statement that makes the table where it hasn't run yet."})]
}
