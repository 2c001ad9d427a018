package lakewarden.lib.statistics_fixes_test

import data.lakewarden.lib.statistics_fixes as fixes
import data.lakewarden.testing

_columns := [{"name": "id", "type_text": "bigint"}, {"name": "my day", "type_text": "date"}, {"name": "n", "type_text": "int"}]

_collect(changes, leaves, last) := alternatives if {
	table := testing.table(object.union({"columns": _columns}, changes))
	alternatives := fixes.collect(leaves, last) with input as table with data.lakewarden_run as testing.run({})
}

_list := "delta.dataSkippingStatsColumns"

_number := "delta.dataSkippingNumIndexedCols"

_analyze := "ANALYZE TABLE prod.sales.orders COMPUTE DELTA STATISTICS"

_requires := ["Databricks Runtime 14.3 LTS or newer, or a SQL warehouse", "MODIFY and SELECT on the table"]

_reads := "ANALYZE reads 5.0 GiB (5368709120 bytes) and rewrites no file."

_off := {"predictive_optimization": {"enabled": false}}

_counted := {
	"title": "Keep statistics for its keys",
	"sql": ["ALTER TABLE prod.sales.orders SET TBLPROPERTIES ('delta.dataSkippingNumIndexedCols' = '40')", _analyze],
	"requires": _requires,
	"note": concat(" ", ["It changes metadata only; writes that run meanwhile may fail.", _reads]),
	"undo": ["ALTER TABLE prod.sales.orders UNSET TBLPROPERTIES ('delta.dataSkippingNumIndexedCols')"],
}

test_more_leaves_are_counted if {
	[counted] := _collect({}, [["n"]], 40)
	counted == _counted
	[own] := _collect(object.union(_off, {"properties": {_number: "1"}}), [["n"]], 2)
	own.sql == ["ALTER TABLE prod.sales.orders SET TBLPROPERTIES ('delta.dataSkippingNumIndexedCols' = '2')", _analyze]
	own.undo == ["ALTER TABLE prod.sales.orders SET TBLPROPERTIES ('delta.dataSkippingNumIndexedCols' = '1')"]
}

test_an_unknown_size_is_all_of_the_data if {
	[fix] := _collect({"size": {"bytes": null}}, [["n"]], 40)
	endswith(fix.note, " ANALYZE reads all of its data and rewrites no file.")
}

test_the_list_gets_longer if {
	leaves := [["my day"], ["address", "city"]]
	every before, after in {
		"id": "id,`my day`,address.city",
		"id, `a,b`": "id, `a,b`,`my day`,address.city",
		"": "`my day`,address.city",
		"a,,b": "`my day`,address.city",
	} {
		[listed] := _collect(object.union(_off, {"properties": {_list: before}}), leaves, 40)
		listed == object.union(_counted, {
			"sql": [sprintf("ALTER TABLE prod.sales.orders SET TBLPROPERTIES ('delta.dataSkippingStatsColumns' = '%s')", [after]), _analyze],
			"undo": [sprintf("ALTER TABLE prod.sales.orders SET TBLPROPERTIES ('delta.dataSkippingStatsColumns' = '%s')", [before])],
		})
	}
}

test_predictive_optimization_chooses_where_nobody_else_does if {
	[counted, enable] := _collect(_off, [["n"]], 40)
	counted == _counted
	enable.sql == ["ALTER TABLE prod.sales.orders ENABLE PREDICTIVE OPTIMIZATION"]
	count(_collect({"predictive_optimization": {"enabled": true}}, [["n"]], 40)) == 1
	count(_collect(object.union(_off, {"table_type": "STREAMING_TABLE"}), [["n"]], 40)) == 1
}

test_code_is_changed_where_it_declares_the_table if {
	[fix] := _collect(object.union(_off, {"definition": {"tool": "terraform"}}), [["n"]], 40)
	fix.title == "Set delta.dataSkippingNumIndexedCols to 40 in properties of its resource"
	not fix.sql
}
