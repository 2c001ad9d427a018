package lakewarden.tables.clustering.exclusion_justified_test

import data.lakewarden.lib.clustering_fixes as fixes
import data.lakewarden.tables.clustering.exclusion_justified
import data.lakewarden.testing

_strict := {"exclusion_review_bytes": 2048}

_tagged := object.union(_strict, {"exclusion_approval_tag": "agreed"})

_excluded := {"properties": {"cluster_exclusion": "true"}}

_sized(size) := object.union(object.union(testing.table_without("size"), _excluded), {"size": size})

_large := _sized({"bytes": 2048, "exact": true})

_waiver := {"clustering.strategy_required"}

_proven(table, settings, waived) := proven if {
	run := testing.waived(testing.run(settings), waived)
	proven := testing.proven(exclusion_justified) with input as table with data.lakewarden_run as run
}

_by_waiver := {"pass": {"An active waiver covers clustering.strategy_required."}}

_by_tag := {"pass": {"It has the tag agreed."}}

test_large_without_agreement_is_denied if {
	_proven(_large, _strict, []) == {"deny": {{
		"message": "prod.sales.orders holds 2.0 KiB (2048 bytes) and is excluded only by its own property cluster_exclusion, but from 2.0 KiB (2048 bytes) upwards an exclusion needs approval: an active waiver for clustering.strategy_required.",
		"expected": "an active waiver for clustering.strategy_required",
		"actual": "only the table's own property",
	}}}
}

test_tag_is_named_where_one_would_do if {
	some violation in _proven(object.union(_large, {"tags": {"other": "x"}}), _tagged, []).deny
	violation.expected == "an active waiver for clustering.strategy_required or the tag agreed"
	contains(violation.message, "needs approval: an active waiver for clustering.strategy_required or the tag agreed.")
}

test_one_byte_less_passes if {
	reason := "It holds 1.9 KiB (2047 bytes), less than 2.0 KiB (2048 bytes), so its owner can exclude it without approval."
	_proven(_sized({"bytes": 2047, "exact": true}), _strict, []) == {"pass": {reason}}
	_proven(_sized({"bytes": 2047, "exact": true}), _tagged, []) == {"pass": {reason}}
}

test_waiver_agrees_whatever_the_size if {
	every table in [_large, _sized({}), object.union(_large, {"tags": {}})] {
		_proven(table, _strict, ["clustering.key_limit", "clustering.strategy_required"]) == _by_waiver
		_proven(table, _tagged, ["clustering.strategy_required"]) == _by_waiver
	}
	count(_proven(_large, _strict, ["clustering.key_limit"]).deny) == 1
}

test_tag_agrees_whatever_its_value_and_the_size if {
	every value in ["yes", "", "false"] {
		_proven(object.union(_large, {"tags": {"agreed": value}}), _tagged, []) == _by_tag
		_proven(object.union(_sized({}), {"tags": {"agreed": value}}), _tagged, []) == _by_tag
	}
}

test_tag_whose_value_shows_nothing_does_not_agree if {
	every value in ["\u200b", " \u3164", "\ufeff\ufe0f"] {
		count(_proven(object.union(_large, {"tags": {"agreed": value}}), _tagged, []).deny) == 1
	}
	unseen := object.union(_strict, {"exclusion_approval_tag": "\u200b"})
	tagged := object.union(_large, {"tags": {"\u200b": "yes"}})
	some violation in _proven(tagged, unseen, []).deny
	violation.expected == "an active waiver for clustering.strategy_required"
}

test_only_the_configured_tag_agrees if {
	count(_proven(object.union(_large, {"tags": {"Agreed": "yes"}}), _tagged, []).deny) == 1
	count(_proven(object.union(_large, {"tags": {"agreed": "yes"}}), _strict, []).deny) == 1
	count(_proven(object.union(_large, {"tags": {"": "yes"}}), _strict, []).deny) == 1
}

test_tags_are_needed_where_one_is_configured if {
	_proven(_large, _tagged, []).needs == {"tags"}
	_proven(object.union(_large, {"tags": null}), _tagged, []).needs == {"tags"}
	not _proven(object.union(_large, {"tags": {}}), _tagged, []).needs
	not _proven(_large, _strict, []).needs
}

test_size_is_needed_where_nobody_agreed if {
	undecided := [
		{},
		{"bytes": null, "exact": true},
		{"bytes": 1024, "as_of": "2026-11-22T00:00:00Z"},
		{"bytes": 4096, "as_of": "2026-11-22T00:00:00Z"},
		{"bytes": 1, "as_of": "2026-11-01T00:00:00Z"},
		{"bytes": 1},
	]
	every size in undecided {
		_proven(_sized(size), _strict, []) == {"needs": {"size"}}
		_proven(_sized(size), _tagged, []) == {"needs": {"size", "tags"}}
		_proven(object.union(_sized(size), {"tags": {}}), _tagged, []) == {"needs": {"size"}}
	}
}

test_inexact_size_decides_outside_the_guard_band if {
	count(_proven(_sized({"bytes": 1023, "as_of": "2026-11-22T00:00:00Z"}), _strict, []).pass) == 1
	count(_proven(_sized({"bytes": 4097, "as_of": "2026-11-22T00:00:00Z"}), _strict, []).deny) == 1
}

test_not_applicable_unless_excluded if {
	expected := {"not_applicable": {"Its owner didn't exclude it from clustering."}}
	_proven(testing.table({}), _tagged, _waiver) == expected
	_proven(testing.table({"size": {"bytes": 1}, "tags": {"agreed": "x"}}), _tagged, []) == expected
	_proven(testing.table({"size": {"bytes": null}}), _tagged, []) == expected
	_proven(testing.table({"properties": {"cluster_exclusion": "false"}}), _strict, []) == expected
	count(_proven(_large, object.union(_strict, {"exclusion_property": "other"}), []).not_applicable) == 1
}

test_not_applicable_unless_honoured if {
	expected := {"not_applicable": {"The settings ignore the exclusion property."}}
	off := object.union(_tagged, {"honor_exclusion_flag": false})
	_proven(_large, off, []) == expected
	_proven(_sized({}), off, ["clustering.strategy_required"]) == expected
	_proven(_sized({"bytes": 1, "exact": true}), off, []) == expected
}

test_kind_of_table if {
	_proven(testing.table_without("table_type"), {}, []).needs == {"table_type"}
	view := _proven(object.union(_large, {"table_type": "VIEW"}), _strict, [])
	view.not_applicable == {"A table of type VIEW can't be clustered."}
}

test_each_property_that_tells_is_needed if {
	every name in ["cluster_exclusion", "clusteringColumns", "clusterByAuto"] {
		table := testing.unread_property([name], {})
		path := sprintf("properties.%s", [name])
		exclusion_justified.needs == {path} with input as table with data.lakewarden_run as testing.run({})
	}
	flagged := testing.unread_property(["clusterByAuto"], {"properties": {"cluster_exclusion": "true"}, "size": null})
	needs := exclusion_justified.needs with input as flagged with data.lakewarden_run as testing.run({})
	needs == {"properties.clusterByAuto"} # the size is not asked for unnecessarily
}

test_properties_that_could_not_be_read_are_needed if {
	every table in testing.unread({}) {
		exclusion_justified.needs == {"properties"} with input as table with data.lakewarden_run as testing.run({})
		exclusion_justified.not_applicable == set() with input as table with data.lakewarden_run as testing.run({})
	}
}

test_not_applicable_to_a_table_that_is_clustered if {
	excluded := {"cluster_exclusion": "true"}
	every strategy in [{"clusteringColumns": `[["id"]]`}, {"clusterByAuto": "true"}] {
		table := testing.table({"properties": object.union(excluded, strategy), "size": {"bytes": 1125899906842624, "exact": true}})
		exclusion_justified.not_applicable == {"It has a clustering strategy, so the exclusion has no effect."} with input as table
			with data.lakewarden_run as testing.run({})
		exclusion_justified.needs == set() with input as table with data.lakewarden_run as testing.run({"exclusion_approval_tag": "agreed"})
		exclusion_justified.deny == set() with input as table with data.lakewarden_run as testing.run({})
	}
}

test_planned_is_decided_as_what_it_counts_as if {
	table := testing.planned("known_after_apply", _excluded)
	counts_as := "counts as %s while it's only planned (planned_tables_count_as)"
	[violation] := [violation | some violation in _proven(table, _strict, []).deny]
	startswith(violation.message, sprintf("prod.sales.orders %s and is excluded only by", [sprintf(counts_as, ["large"])]))
	reason := sprintf("It %s, so its owner can exclude it without approval.", [sprintf(counts_as, ["small"])])
	_proven(table, {"planned_tables_count_as": "small"}, []) == {"pass": {reason}}
	_proven(table, {}, []) == {"needs": {"size"}}
}

_fixes(table, settings) := alternatives if {
	alternatives := testing.fixes(exclusion_justified)[""] with input as table
		with data.lakewarden_run as testing.run(settings)
}

_waive := {
	"title": "Have a waiver for clustering.strategy_required approved and added to waivers.yaml",
	"note": "It changes nothing on the table, and ends by itself when it expires.",
}

_tag := {
	"title": "Have someone else than the owner approve it and set the tag agreed",
	"sql": ["ALTER TABLE prod.sales.orders SET TAGS ('agreed' = <'who approved it, and where'>)"],
	"requires": ["Approval by someone other than the owner", "APPLY TAG on the table"],
	"note": "It changes metadata only.",
	"undo": ["ALTER TABLE prod.sales.orders UNSET TAGS ('agreed')"],
}

test_a_waiver_a_tag_or_no_exclusion_fix_it if {
	removal := fixes.unset(["cluster_exclusion"]) with input as _large
	include := object.union(removal, {"note": "It changes metadata only; writes that run meanwhile may fail. The table then needs a clustering strategy, as any other."})
	_fixes(_large, _strict) == [_waive, include]
	_fixes(object.union(_large, {"tags": {}}), _tagged) == [_waive, _tag, include]
}

test_a_tag_gets_back_the_value_that_did_not_count if {
	table := object.union(_large, {"tags": {"agreed": "\u200b"}})
	[_, tag, _] := _fixes(table, _tagged)
	tag == object.union(_tag, {"undo": ["ALTER TABLE prod.sales.orders SET TAGS ('agreed' = '\u200b')"]})
}

test_a_planned_tag_is_set_where_the_table_is_declared if {
	table := object.union(_large, {"tags": {}, "definition": {"tool": "dbt"}})
	[_, tag, include] := _fixes(table, _tagged)
	tag == {
		"title": "Have someone else than the owner approve it, and set the tag agreed where the table is declared",
		"note": "It takes effect with the next run of dbt; to undo it, take the change back and run dbt again.",
	}
	include.title == "Remove cluster_exclusion from tblproperties of its dbt configuration"
	[_, filed, _] := _fixes(object.union(table, {"definition": {"tool": "sql"}}), _tagged)
	filed.note == "It changes metadata only. Add it to the files, or change the statement that makes the table where it hasn't run yet."
}
