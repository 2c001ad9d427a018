# METADATA
# title: Clustering keys follow the organisation's standard
# description: >-
#   Each key matches one of allowed_key_patterns, if there are any, and none of
#   forbidden_key_patterns. If required_leading_keys names a key for the table, it comes first. The
#   policy doesn't apply to tables without readable keys, or if no standard is configured.
# schemas:
#   - input: schema.table
#   - data.lakewarden_run: schema.settings
# related_resources:
#   - ref: https://docs.databricks.com/delta/clustering#choose-clustering-keys
# custom:
#   severity: low
#   enforcement: advisory
#   why: >-
#     Many teams' queries filter by the same few columns. Tables clustered by those are fast for
#     everyone; keys such as random ids or free text slow down writes and help nobody.
#   remediation: >-
#     Choose keys that the standard allows, the required one first, in ALTER TABLE … CLUSTER BY or in
#     the definition of a streaming table, materialized view or planned table; or have the standard
#     changed.
#   examples:
#     settings: {forbidden_key_patterns: ["*_id"]}
#     before: {properties: {clusteringColumns: '[["order_id"],["city"]]'}}
#     after: {properties: {clusteringColumns: '[["ordered_on"],["city"]]'}}
package lakewarden.tables.clustering.keys_follow_standard

import data.lakewarden.lib.clustering
import data.lakewarden.lib.clustering_fixes as fixes
import data.lakewarden.lib.clustering_keys as keys
import data.lakewarden.lib.names
import data.lakewarden.lib.pattern as patterns
import data.lakewarden_run.settings.clustering as settings

needs contains evidence if some evidence in clustering.unknown_type

needs contains evidence if some evidence in keys.lacking

not_applicable contains reason if some reason in clustering.not_clusterable

not_applicable contains "It has no readable clustering keys." if {
	keys.known
	count(_keys) == 0
}

not_applicable contains "The settings define no standard for its clustering keys." if not _standard

pass contains "Its clustering keys follow the standard." if {
	_standard
	count(_keys) > 0
	_led
	every key in _keys {
		_allowed[key]
		not _forbidden[key]
	}
}

deny contains {"message": message, "expected": expected, "actual": key, "key": names.in_sql(parts), "fixes": _fixes} if {
	some place, parts in keys.columns
	key := _keys[place]
	not _allowed[key]
	expected := sprintf("a key like %s", [concat(" or ", settings.allowed_key_patterns)])
	message := sprintf("%s is clustered by %s, but the standard allows only keys like %s.", [
		input.full_name,
		key,
		concat(" or ", settings.allowed_key_patterns),
	])
}

deny contains {"message": message, "expected": expected, "actual": key, "key": identity, "fixes": _fixes} if {
	some place, parts in keys.columns
	key := _keys[place]
	some pattern in settings.forbidden_key_patterns
	patterns.matches(pattern, key)
	identity := sprintf("%s like %s", [names.in_sql(parts), pattern])
	expected := sprintf("no key like %s", [pattern])
	message := sprintf("%s is clustered by %s, but the standard forbids keys like %s.", [
		input.full_name,
		key,
		pattern,
	])
}

deny contains {"message": message, "expected": expected, "actual": _keys[0], "fixes": _fixes} if {
	not _led
	expected := sprintf("%s as the first key", [_leading])
	message := sprintf("%s is clustered by %s first, but the standard requires %s there.", [
		input.full_name,
		_keys[0],
		_leading,
	])
}

# The keys that follow the standard, the required one first; Databricks takes four at most.
_fixes := fixes.rekey(array.slice(array.concat(_first, _others), 0, 4), true)

_first := [parts |
	not _led
	parts := names.parts(_leading)
	count(parts) > 0
]

_others := [parts |
	some place, parts in keys.columns
	key := _keys[place]
	_allowed[key]
	not _forbidden[key]
	lowered := lower(key)
	not _first_keys[lowered]
]

_first_keys := {lower(names.dotted(parts)) | some parts in _first}

_keys := [names.dotted(key) | some key in keys.columns]

_standard if count(settings.allowed_key_patterns) > 0

_standard if count(settings.forbidden_key_patterns) > 0

_standard if _leading

_allowed contains key if {
	count(settings.allowed_key_patterns) == 0
	some key in _keys
}

_allowed contains key if {
	some key in _keys
	some pattern in settings.allowed_key_patterns
	patterns.matches(pattern, key)
}

_forbidden contains key if {
	some key in _keys
	some pattern in settings.forbidden_key_patterns
	patterns.matches(pattern, key)
}

# The first key is the one that the last entry for this table names, if there is one.
_led if not _leading

_led if lower(_keys[0]) == lower(_leading)

_leading := named[count(named) - 1] if {
	named := [entry.key |
		some entry in settings.required_leading_keys
		patterns.matches(entry.tables, input.full_name)
	]
}
