# METADATA
# title: What the tests start from
# description: >-
#   A table that is clustered well and the default settings, both to be changed by a test. It
#   ends in `_test.rego` so that it is never part of what is shipped.
package lakewarden.testing

# METADATA
# description: >-
#   All that a policy proves, by the names of its sets; those in which there is nothing are left out,
#   and so are the fixes of violations. The policy is its whole package, to be looked at
#   `with input as …`.
proven(policy) := {name: members |
	some name in ["deny", "exempt", "needs", "not_applicable", "pass"]
	members := _plain(name, policy[name])
	count(members) > 0
}

# METADATA
# description: The fixes of a policy's violations, by their keys; of one without a key by nothing.
fixes(policy) := {object.get(violation, "key", ""): violation.fixes | some violation in policy.deny}

# METADATA
# description: Violations without their fixes.
without_fixes(violations) := {object.remove(violation, ["fixes"]) | some violation in violations}

_plain(name, members) := without_fixes(members) if name == "deny"

else := members

# METADATA
# description: The table with other top-level fields; objects are merged.
table(changes) := object.union(_table, changes)

# METADATA
# description: The table without one field.
table_without(field) := object.remove(_table, [field])

# METADATA
# description: >-
#   The table in all ways in which its properties are not known, with other top-level fields.
unread(changes) := {object.union(table, absent) |
	table := object.union(object.remove(_table, ["properties"]), changes)
	some absent in [{}, {"evidence": _denied}, {"evidence": _denied, "properties": null}, {"properties": null}]
}

# METADATA
# description: The table of which a property, or some of them, could not be read.
unread_property(names, changes) := object.union(table, {"evidence": evidence}) if {
	table := object.union(_table, changes)
	evidence := {sprintf("properties.%s", [name]): {"status": "failed"} | some name in names}
}

# METADATA
# description: >-
#   The table as a plan declares it, with other top-level fields: without a size, for the reason that
#   `status` says.
planned(status, changes) := object.union(object.union(object.remove(_table, ["size"]), changes), {
	"definition": {"tool": "terraform", "address": "databricks_sql_table.orders"},
	"size": {},
	"evidence": {"size": {"status": status, "reason": "A plan has no sizes."}},
})

# METADATA
# description: A waiver of a severe policy, to be changed by a test; policies about waivers see it.
waiver(changes) := object.union(
	{
		"name": "The waiver of demo.one for prod.sales.orders",
		"policy": "demo.one",
		"severity": "high",
		"kind": "accepted",
		"table": "prod.sales.orders",
		"reason": "moves",
		"owner": "sales",
		"approved_by": "governance",
		"expires": "2026-12-31",
		"ends_at": "2027-01-01T00:00:00Z",
	},
	changes,
)

_denied := {"properties": {"status": "denied", "reason": "no SELECT"}}

# METADATA
# description: What policies see of the run, with other settings of the clustering domain.
run(changes) := {
	"now": "2026-11-23T05:10:00Z",
	"settings": {"clustering": object.union(_settings, changes)},
	"waived": [],
}

# METADATA
# description: The same with other settings, all of them, of any domain.
run_of(domain, settings) := {
	"now": "2026-11-23T05:10:00Z",
	"settings": {domain: settings},
	"waived": [],
}

# METADATA
# description: The run, while active waivers for these policies cover the table.
waived(run_without, ids) := object.union(run_without, {"waived": ids})

# METADATA
# description: The table property that says what it is clustered by.
clustered_by(keys) := {"properties": {"clusteringColumns": json.marshal(keys)}}

_table := {
	"full_name": "prod.sales.orders",
	"catalog_name": "prod",
	"schema_name": "sales",
	"name": "orders",
	"table_type": "MANAGED",
	"data_source_format": "DELTA",
	"properties": {},
	"columns": [{"name": "id"}, {"name": "Address"}, {"name": "a.b"}],
	"size": {"bytes": 5368709120, "exact": true, "as_of": "2026-11-22T00:00:00Z"},
	"detail": {},
	"access": {},
	"predictive_optimization": {},
	"evidence": {},
}

_settings := {
	"size_threshold_bytes": 1073741824,
	"test_size_threshold_bytes": 1048576,
	"test_schemas": ["pytest_test_data"],
	"exempt_small_tables": true,
	"honor_exclusion_flag": true,
	"exclusion_property": "cluster_exclusion",
	"max_clustering_columns": 4,
	"accept_auto_optimize": true,
	"require_both_auto_optimize_flags": true,
	"inexact_size_guard": [0.5, 2],
	"max_size_age_days": 7,
	"planned_tables_count_as": "large",
	"partition_min_bytes": 1099511627776,
	"require_liquid_for_frequent_reads": false,
	"frequent_reads": 1000,
	"frequent_min_bytes": 1073741824,
	"exclusion_review_bytes": 107374182400,
	"exclusion_approval_tag": "",
	"allowed_key_patterns": [],
	"forbidden_key_patterns": [],
	"required_leading_keys": [],
}
