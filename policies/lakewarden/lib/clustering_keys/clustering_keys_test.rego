package lakewarden.lib.clustering_keys_test

import data.lakewarden.lib.clustering_keys as keys

_property(text) := {"properties": {"clusteringColumns": text}, "detail": {}}

_detail(columns) := {"properties": {}, "detail": {"clustering_columns": columns}}

test_property_lists_the_keys if {
	keys.list == [["address", "city"], ["id"]] with input as _property(`[["address","city"],["id"]]`)
	keys.list == [] with input as _property("[]")
	keys.list == [["id"]] with input as _property(" [[\"id\"]]\n")
}

test_readable_property_is_not_unreadable if not keys.unreadable with input as _property(`[["id"]]`)

test_broken_property_has_no_keys_and_is_named if {
	every text in ["", "id", "null", "{}", "[", "[[]]", `["id"]`, `[{"0":"id"}]`, `{"0":["id"]}`, `[["id"],[]]`, "[[1]]", `[["id",null]]`] {
		keys.list == [] with input as _property(text)
		keys.unreadable.text == text with input as _property(text)
		keys.unreadable.place == "property clusteringColumns" with input as _property(text)
	}
}

test_detail_counts_without_the_property if {
	keys.list == [["address", "city"], ["a.b"]] with input as _detail(["address.city", "`a.b`"])
	keys.list == [["id"]] with input as {"detail": {"clustering_columns": ["id"]}}
	not keys.unreadable with input as _detail(["id"])
}

test_broken_detail_has_no_keys_and_is_named if {
	keys.list == [] with input as _detail(["id", "`open"])
	expected := {"place": "list of clustering columns in the detail", "text": "id, `open"}
	keys.unreadable == expected with input as _detail(["id", "`open"])
}

test_property_goes_before_detail if {
	keys.list == [] with input as object.union(_detail(["id"]), _property("[]"))
	keys.list == [] with input as object.union(_detail(["id"]), _property("broken"))
}

test_neither_has_no_keys if {
	every detail in [{}, {"clustering_columns": null}] {
		keys.list == [] with input as {"detail": detail}
		not keys.unreadable with input as {"detail": detail}
	}
}

test_unread_where_the_properties_are_and_the_detail_gives_none if {
	denied := {"evidence": {"properties": {"status": "denied"}}}
	keys.unread with input as denied
	keys.unread with input as object.union(denied, {"detail": {"clustering_columns": []}})
	not keys.unread with input as object.union(denied, {"detail": {"clustering_columns": ["id"]}})
	not keys.unread with input as _property("[]")
}
