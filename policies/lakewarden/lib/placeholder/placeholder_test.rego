package lakewarden.lib.placeholder_test

import data.lakewarden.lib.placeholder
import data.lakewarden.testing

_run := testing.run_of("documentation", {"comment_placeholders": ["todo", "N/A", "tödo", "not yet"]})

_written(text) := answer if {
	answer := placeholder.is_placeholder(text) with data.lakewarden_run as _run
}

test_the_whole_text_whatever_its_case if {
	every text in ["todo", "TODO", "n/a", "N/A", "TÖDO", "Not Yet"] {
		_written(text) == true
	}
}

test_marks_and_blanks_after_it_do_not_count if {
	every text in ["TODO.", "todo!", "todo:", "todo...", "N/A. ", "todo ! :", "todo.\u00a0!\u3000"] {
		_written(text) == true
	}
}

test_each_kind_of_blank_is_left_out if {
	blanks := [
		"\t", "\n", "\u000b", "\u000c", "\r", " ", "\u0085", "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002",
		"\u2003", "\u2004", "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200a", "\u2028", "\u2029", "\u202f",
		"\u205f", "\u3000",
	]
	every blank in blanks {
		trim_space(blank) == ""
		_written(concat("", ["todo", blank, "."])) == true
	}
}

test_other_marks_do_count if {
	every text in ["todo?", "(todo)", "-todo", ".todo", "todo-", "todo~", "todo\u200b"] {
		_written(text) == false
	}
}

test_a_word_before_a_colon if {
	every text in ["TODO: write", "todo:write", "tödo: ask: twice", "Todo:\nlater"] {
		_written(text) == true
	}
}

test_a_word_before_something_else if {
	every text in ["todo write", "todo : write", "todos: two", "atodo: x", "TODO list: what is open", "ask: todo"] {
		_written(text) == false
	}
}

test_what_is_no_word_stands_alone_only if {
	every text in ["N/A: later", "not yet: later"] {
		_written(text) == false
	}
}

test_other_texts_are_none if {
	every text in ["", ".", ":", "orders", "The TODO list of each team."] {
		_written(text) == false
	}
}

test_nothing_is_one_where_none_are_configured if {
	run := testing.run_of("documentation", {"comment_placeholders": []})
	every text in ["todo", "todo: x", ":", ""] {
		placeholder.is_placeholder(text) == false with data.lakewarden_run as run
	}
}
