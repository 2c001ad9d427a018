package lakewarden.lib.clustering_keys_test

import data.lakewarden.lib.clustering_keys as keys

_property(text) := {"properties": {"clusteringColumns": text}, "detail": {}}

_detail(columns) := {"properties": {}, "detail": {"clustering_columns": columns}}

test_property_lists_the_keys if {
	keys.columns == [["address", "city"], ["id"]] with input as _property(`[["address","city"],["id"]]`)
	keys.columns == [] with input as _property("[]")
	keys.columns == [["id"]] with input as _property(" [[\"id\"]]\n")
}

test_readable_property_is_not_unreadable if not keys.unreadable with input as _property(`[["id"]]`)

test_broken_property_has_no_keys_and_is_named if {
	every text in ["", "id", "null", "{}", "[", "[[]]", `["id"]`, `[{"0":"id"}]`, `{"0":["id"]}`, `[["id"],[]]`, "[[1]]", `[["id",null]]`] {
		keys.columns == [] with input as _property(text)
		keys.unreadable.text == text with input as _property(text)
		keys.unreadable.place == "property clusteringColumns" with input as _property(text)
	}
}

test_detail_counts_without_the_property if {
	keys.columns == [["address", "city"], ["a.b"]] with input as _detail(["address.city", "`a.b`"])
	keys.columns == [["id"]] with input as {"detail": {"clustering_columns": ["id"]}}
	not keys.unreadable with input as _detail(["id"])
}

test_broken_detail_has_no_keys_and_is_named if {
	keys.columns == [] with input as _detail(["id", "`open"])
	expected := {"place": "list of clustering columns in the detail", "text": "id, `open"}
	keys.unreadable == expected with input as _detail(["id", "`open"])
}

test_property_goes_before_detail if {
	keys.columns == [] with input as object.union(_detail(["id"]), _property("[]"))
	keys.columns == [] with input as object.union(_detail(["id"]), _property("broken"))
}

test_neither_has_no_keys if {
	every detail in [{}, {"clustering_columns": null}] {
		keys.columns == [] with input as {"detail": detail}
		not keys.unreadable with input as {"detail": detail}
	}
}

test_lacking_where_neither_property_nor_detail_tells if {
	every table in [{}, {"properties": null}, {"evidence": {"properties": {"status": "denied"}}}] {
		every detail in [{}, {"clustering_columns": null}, {"clustering_columns": ["`open"]}] {
			keys.lacking == {"properties"} with input as object.union(table, {"detail": detail})
			not keys.known with input as object.union(table, {"detail": detail})
		}
	}
}

test_detail_tells_where_the_properties_do_not if {
	every columns in [[], ["id"]] {
		keys.lacking == set() with input as {"detail": {"clustering_columns": columns}}
		keys.known with input as {"detail": {"clustering_columns": columns}}
	}
}

test_nothing_lacks_where_the_properties_are_known if {
	every table in [_property("[]"), _property("broken"), _detail(["`open"]), {"properties": {}, "detail": {}}] {
		keys.lacking == set() with input as table
		keys.known with input as table
	}
}

test_the_property_alone_may_be_lacking if {
	path := "properties.clusteringColumns"
	table := {"properties": {}, "detail": {}, "evidence": {path: {"status": "failed"}}}
	keys.lacking == {path} with input as table
	keys.lacking == set() with input as object.union(table, {"detail": {"clustering_columns": []}})
}

test_a_property_that_is_no_text_tells_nothing if {
	every value in [null, 1, [["id"]]] {
		keys.columns == [] with input as _property(value)
		keys.lacking == {"properties"} with input as _property(value)
		not keys.unreadable with input as _property(value)
	}
}
