package lakewarden.tables.clustering.key_limit_test

import data.lakewarden.lib.clustering_fixes as fixes
import data.lakewarden.tables.clustering.key_limit
import data.lakewarden.testing

_four := testing.table(testing.clustered_by([["id"], ["Address"], ["a.b"], ["ts"]]))

_proven(table, settings) := proven if {
	proven := testing.proven(key_limit) with input as table with data.lakewarden_run as testing.run(settings)
}

test_as_many_keys_as_allowed_pass if {
	_proven(_four, {}) == {"pass": {"It has 4 of at most 4 clustering keys."}}
}

test_one_key_more_is_denied if {
	_proven(_four, {"max_clustering_columns": 3}) == {"deny": {{
		"message": "prod.sales.orders has 4 clustering keys, but at most 3 are allowed, because each additional key weakens the others.",
		"expected": "at most 3 clustering keys",
		"actual": 4,
	}}}
}

test_not_applicable_without_readable_keys if {
	every properties in [{}, {"clusteringColumns": "[]"}, {"clusteringColumns": "broken"}] {
		_proven(testing.table({"properties": properties}), {}).not_applicable == {"It has no readable clustering keys."}
	}
}

test_kind_of_table if {
	_proven(testing.table_without("table_type"), {}).needs == {"table_type"}
	"A table of type VIEW can't be clustered." in _proven(testing.table({"table_type": "VIEW"}), {}).not_applicable
}

test_properties_that_could_not_be_read_are_needed if {
	every table in testing.unread({}) {
		proven := _proven(table, {})
		proven.needs == {"properties"}
		not proven.not_applicable
	}
	every table in testing.unread({"detail": {"clustering_columns": ["id"]}}) {
		_proven(table, {}) == {"pass": {"It has 1 of at most 4 clustering keys."}}
	}
}

test_the_first_keys_are_kept_or_others_chosen if {
	run := testing.run({"max_clustering_columns": 3})
	alternatives := testing.fixes(key_limit) with input as _four with data.lakewarden_run as run
	rekey := fixes.rekey([["id"], ["Address"], ["a.b"]], true) with input as _four
	alternatives == {"": rekey}
}

test_the_present_keys_are_given_back if {
	run := testing.run({"max_clustering_columns": 3})
	table := object.remove(_four, ["columns"])
	alternatives := testing.fixes(key_limit) with input as table with data.lakewarden_run as run
	every fix in alternatives[""] {
		fix.undo == ["ALTER TABLE prod.sales.orders CLUSTER BY (id, Address, `a.b`, ts)"]
	}
}
