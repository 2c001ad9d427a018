# METADATA
# title: Facts about clustering
# description: >-
#   What the clustering policies share: which tables can be clustered at all, what clusters a
#   table, and whether it is small. `facts` goes into the report.
# schemas:
#   - input: schema.table
#   - data.lakewarden_run: schema.settings
# related_resources:
#   - ref: https://docs.databricks.com/delta/clustering
# custom:
#   facts:
#     assumed_size:
#       label: Size assumed
#       values:
#         large: planned, counts as large
#         small: planned, counts as small
#     clusterable: Can be clustered
#     excluded: Excluded by its owner
#     keys: Clustering keys
#     small: Smaller than the size threshold
#     strategy:
#       label: Clustering strategy
#       values:
#         auto: automatic liquid clustering
#         auto+auto_optimize: automatic liquid clustering and auto-optimise
#         auto_optimize: auto-optimise
#         liquid: liquid clustering
#         liquid+auto_optimize: liquid clustering and auto-optimise
#     threshold_bytes: Size threshold
package lakewarden.lib.clustering

import data.lakewarden.lib.auto_optimize
import data.lakewarden.lib.clustering_keys as keys
import data.lakewarden.lib.names
import data.lakewarden.lib.partitioning
import data.lakewarden.lib.pattern as patterns
import data.lakewarden.lib.predictive_optimization
import data.lakewarden.lib.property
import data.lakewarden.lib.size
import data.lakewarden.lib.table_type
import data.lakewarden_run.settings.clustering as settings

# METADATA
# scope: document
# description: Holds if tables of this type in this format can be clustered.
clusterable if {
	input.table_type in _stored
	table_type.delta
}

clusterable if {
	input.table_type == "MANAGED"
	input.data_source_format == "ICEBERG"
}

# METADATA
# scope: document
# description: Why this kind of table cannot be clustered.
not_clusterable contains reason if {
	not _is_stored
	input.table_type in table_type.types
	reason := sprintf("A table of type %s can't be clustered.", [input.table_type])
}

not_clusterable contains reason if {
	not clusterable
	_is_stored
	input.data_source_format in table_type.formats
	reason := sprintf("A table of type %s in the format %s can't be clustered.", [
		input.table_type,
		input.data_source_format,
	])
}

# METADATA
# scope: document
# description: The evidence that is lacking to tell whether this kind of table can be clustered.
unknown_type contains "table_type" if not _known_type

unknown_type contains "data_source_format" if {
	_is_stored
	not _known_format
}

# METADATA
# scope: document
# description: >-
#   What clusters the table, of `liquid` and `auto_optimize`; the latter only where the settings
#   accept it.
strategies contains "liquid" if liquid

strategies contains "auto_optimize" if {
	settings.accept_auto_optimize
	_auto_optimized
}

# METADATA
# scope: document
# description: >-
#   Holds if the table has liquid clustering: keys, or CLUSTER BY AUTO, unless predictive
#   optimization is known to be off, for then nobody chooses keys.
liquid if count(keys.columns) > 0

# assumes auto-without-keys-is-still-auto
# assumes auto-needs-predictive-optimization
liquid if {
	automatic
	not predictive_optimization.off
}

# METADATA
# scope: document
# description: Holds if liquid clustering was asked for, by keys or by CLUSTER BY AUTO.
declared_liquid if count(keys.columns) > 0

declared_liquid if automatic

# METADATA
# description: The evidence that is lacking to tell whether liquid clustering was asked for.
unknown_declared_liquid contains part if {
	not declared_liquid
	some part in unknown_liquid
}

# METADATA
# scope: document
# description: The evidence that is lacking to tell whether it has liquid clustering.
unknown_liquid contains part if {
	not liquid
	some part in keys.lacking
}

unknown_liquid contains part if {
	not liquid
	some part in unknown_automatic
}

# METADATA
# description: The evidence that is lacking to tell whether Databricks chooses its keys.
unknown_automatic contains part if {
	not _described
	part := property.unknown("clusterByAuto")
}

# METADATA
# scope: document
# description: The evidence that is lacking to tell all strategies that it has.
unknown_strategies contains part if some part in unknown_liquid

unknown_strategies contains part if {
	_may_be_auto_optimized
	some part in auto_optimize.lacking
}

# METADATA
# scope: document
# description: >-
#   Holds if Databricks is to choose the clustering keys (`CLUSTER BY AUTO`), by the property or,
#   where there is none, by the table's detail.
automatic if property.is_true("clusterByAuto")

automatic if {
	_described
	input.detail.cluster_by_auto
}

# METADATA
# description: Holds if the owner excluded the table from clustering, honoured or not.
excluded if property.is_true(settings.exclusion_property)

# METADATA
# description: The evidence that is lacking to tell whether the owner excluded it.
unknown_exclusion contains property.unknown(settings.exclusion_property)

# METADATA
# description: The number of bytes from which on the table is not small.
threshold := settings.test_size_threshold_bytes if {
	some pattern in settings.test_schemas
	patterns.matches(pattern, input.schema_name)
} else := settings.size_threshold_bytes

# METADATA
# scope: document
# description: >-
#   Whether the table holds less than `limit` bytes; undefined where its size, with the settings for
#   sizes that are not exact, may not decide that. A planned table without a size has as many bytes as
#   it counts for: at least the threshold where it counts as large, fewer where it counts as small.
below(limit) := size.below(limit, _guard, _days)

below(limit) := false if {
	assumed_size == "large"
	limit <= threshold
}

below(limit) if {
	assumed_size == "small"
	limit >= threshold
}

# METADATA
# description: The evidence that is lacking to tell whether the table holds less than `limit` bytes.
unknown_below(limit) := set() if {
	is_boolean(below(limit))
} else := {"size"}

# METADATA
# description: >-
#   What the settings make of a planned table whose size nobody knows yet, `large` or `small`;
#   undefined for every other table, and where they make nothing of it.
assumed_size := _count_as if {
	is_string(input.definition.tool)
	not _has_bytes
	_count_as != "unknown"
}

# METADATA
# description: What a planned table without a size counts as, for people; undefined as the size is.
counted := sprintf("counts as %s while its size isn't given (planned_tables_count_as; --with can give it)", [assumed_size]) if {
	input.evidence.size.status == "not_requested"
} else := sprintf("counts as %s while its size isn't known (planned_tables_count_as)", [assumed_size]) if {
	input.evidence.size.status in {"denied", "failed", "unsupported"}
} else := sprintf("counts as %s while it's only planned (planned_tables_count_as)", [assumed_size])

# METADATA
# description: How much the table holds, or what it counts as, for people.
holds := sprintf("holds %s", [size.of_table]) if not assumed_size

else := counted

# METADATA
# description: What the report tells and counts; a fact that is not known is absent.
facts := {name: value | some [name, value] in _facts} if clusterable

else := {"clusterable": false} if count(not_clusterable) > 0

else := {}

_facts contains ["clusterable", true]

_facts contains ["threshold_bytes", threshold]

# Only a known size makes a table small; one that just counts as small has the fact assumed_size.
_facts contains ["small", size.below(threshold, _guard, _days)]

_facts contains ["assumed_size", assumed_size]

_facts contains ["strategy", _strategy] if count(unknown_strategies) == 0

_facts contains ["keys", [names.dotted(key) | some key in keys.columns]] if keys.known

_facts contains ["excluded", _excluded] if count(unknown_exclusion) == 0

_strategy := "none" if count(strategies) == 0

else := _liquid if strategies == {"liquid"}

else := "auto_optimize" if strategies == {"auto_optimize"}

else := concat("+", [_liquid, "auto_optimize"])

_liquid := "auto" if automatic

else := "liquid"

_excluded if excluded

else := false

# The detail says whether there is CLUSTER BY AUTO, and no property does.
_described if {
	is_boolean(input.detail.cluster_by_auto)
	not _has_property
}

_has_property if {
	some "clusterByAuto", _ in input.properties
}

# Regorus finds no import in a function that another package calls; it does in a rule.
_guard := settings.inexact_size_guard

_days := settings.max_size_age_days

_count_as := settings.planned_tables_count_as

_has_bytes if is_number(input.size.bytes)

_stored := {"EXTERNAL", "MANAGED", "MATERIALIZED_VIEW", "STREAMING_TABLE"}

_is_stored if input.table_type in _stored

_known_type if input.table_type in table_type.types

_known_format if input.data_source_format in table_type.formats

_known_format if table_type.delta

_auto_optimized if auto_optimize.on == auto_optimize.flags

_auto_optimized if {
	settings.require_both_auto_optimize_flags == false
	count(auto_optimize.on) > 0
}

# It is not known to be auto-optimised, and the flags that nobody knows could make it so.
_may_be_auto_optimized if {
	settings.accept_auto_optimize
	settings.require_both_auto_optimize_flags
	auto_optimize.on | auto_optimize.unknown == auto_optimize.flags
}

_may_be_auto_optimized if {
	settings.accept_auto_optimize
	settings.require_both_auto_optimize_flags == false
	count(auto_optimize.on) == 0
}

# METADATA
# description: >-
#   What could be different about the table, the likeliest first, for `lakewarden explain` to try: a
#   title and what it changes in the document.
changes := [{"title": title, "patch": patch} |
	clusterable
	some offers in _offers
	some [title, patch] in offers
]

_offers := [
	[["cluster it by one column", _keyed([[_first_key]])] |
		_has_properties
		keys.columns != [[_first_key]]
	],
	[["let Databricks choose its clustering keys (CLUSTER BY AUTO)", {"properties": {"clusterByAuto": "true"}}] |
		_has_properties
		not automatic
	],
	[[sprintf("keep only its first %d clustering keys", [most]), _keyed([key | some n, key in keys.columns; n < most])] |
		most := settings.max_clustering_columns
		count(keys.columns) > most
	],
	[["cluster it only by keys that are columns", _keyed(_existing_keys)] |
		count(_existing_keys) > 0
		count(_existing_keys) < count(keys.columns)
	],
	[["collect file statistics for its clustering keys", {"properties": {"delta.dataSkippingStatsColumns": named}}] |
		count(keys.columns) > 0
		named := concat(",", [names.in_sql(key) | some key in keys.columns])
		not _with_statistics[named]
	],
	[["turn on predictive optimization", {"predictive_optimization": {"enabled": true}}] |
		input.table_type != "EXTERNAL"
		not predictive_optimization.enabled
	],
	[["turn on auto-optimise", {"properties": {flag: "true" | some flag in (auto_optimize.flags - auto_optimize.on)}}] |
		_has_properties
		auto_optimize.on != auto_optimize.flags
	],
	[["turn off auto-optimise", {"properties": {flag: null | some flag in auto_optimize.on}}] | count(auto_optimize.on) > 0],
	[["remove its partitions", patch] |
		partitioning.partitioned
		columns := [object.remove(column, ["partition_index"]) | some column in input.columns]
		patch := object.union({"detail": {"partition_columns": []}}, {"columns": columns | is_array(input.columns)})
	],
	[["make it a managed table", {"table_type": "MANAGED"}] | input.table_type == "EXTERNAL"],
	[[sprintf("set the tag %s", [tag]), {"tags": {tag: "approved"}}] |
		tag := settings.exclusion_approval_tag
		tag != ""
		is_object(input.tags)
		not _tagged[tag]
	],
	[[sprintf("set the property %s", [property_name]), {"properties": {property_name: "true"}}] |
		property_name := settings.exclusion_property
		_has_properties
		not excluded
	],
	[[sprintf("remove the property %s", [property_name]), {"properties": {property_name: null}}] |
		property_name := settings.exclusion_property
		excluded
	],
	[["remove its clustering (CLUSTER BY NONE)", {"properties": {"clusteringColumns": "[]", "clusterByAuto": "false"}}] |
		_has_properties
		declared_liquid
	],
	[["turn off predictive optimization", {"predictive_optimization": {"enabled": false}}] | predictive_optimization.enabled],
	[[sprintf("hold less than %s", [size.format(limit)]), _holding(limit - 1)] |
		some limit in _limits
		limit > 0
		not _under[limit]
	],
	[[sprintf("hold %s", [size.format(limit)]), _holding(limit)] |
		some limit in _limits
		not _over[limit]
	],
]

_holding(number) := {"size": {"bytes": number, "exact": true}}

_keyed(columns) := {"properties": {"clusteringColumns": json.marshal(columns)}}

_existing_keys := [key | some key in keys.columns; _names[lower(key[0])]]

_names contains lower(column.name) if some column in input.columns

# A first column that can be a clustering key, so far as its type is known.
_first_key := [name |
	some column in input.columns
	name := column.name
	not _no_key[name]
][0]

_no_key contains column.name if {
	some column in input.columns
	regex.match(`^(?i:array|binary|boolean|interval|map|struct|variant)`, column.type_text)
}

# Where the size decides something by itself.
_limits := sort({threshold, settings.partition_min_bytes, settings.frequent_min_bytes, settings.exclusion_review_bytes})

_under contains limit if {
	some limit in _limits
	below(limit)
}

_over contains limit if {
	some limit in _limits
	below(limit) == false
}

_with_statistics contains input.properties["delta.dataSkippingStatsColumns"]

_tagged contains name if some name, _ in input.tags

_has_properties if is_object(input.properties)
