# METADATA
# title: Excluding a large table needs approval
# description: >-
#   A table of at least exclusion_review_bytes that is exempt by its own exclusion property also has
#   an active waiver for the policy strategy_required, or the tag that exclusion_approval_tag names.
#   The policy doesn't apply to other tables, or if the settings ignore the property.
# schemas:
#   - input: schema.table
#   - data.lakewarden_run: schema.settings
# related_resources:
#   - ref: https://docs.databricks.com/delta/clustering
# custom:
#   severity: medium
#   enforcement: advisory
#   why: >-
#     Anyone who can alter a table can set a property on it. Without a second opinion, the largest
#     tables, where clustering saves the most, quietly opt out.
#   remediation: >-
#     Ask for a waiver of the policy strategy_required, have the table tagged as the settings say,
#     or remove the exclusion property and cluster the table.
#   examples:
#     settings: {exclusion_approval_tag: exclusion_agreed}
#     before: {properties: {cluster_exclusion: "true"}, size: {bytes: 107374182400, exact: true}, tags: {}}
#     after: {properties: {cluster_exclusion: "true"}, size: {bytes: 107374182400, exact: true}, tags: {exclusion_agreed: "GOV-7"}}
package lakewarden.tables.clustering.exclusion_justified

import data.lakewarden.lib.clustering
import data.lakewarden.lib.clustering_fixes as fixes
import data.lakewarden.lib.declared
import data.lakewarden.lib.size
import data.lakewarden.lib.statements
import data.lakewarden.lib.tags
import data.lakewarden.lib.texts
import data.lakewarden_run.settings.clustering as settings

needs contains evidence if some evidence in clustering.unknown_type

needs contains evidence if some evidence in clustering.unknown_strategies

needs contains evidence if some evidence in clustering.unknown_exclusion

needs contains evidence if {
	_exempted_by_owner
	count(_agreements) == 0
	some evidence in clustering.unknown_below(settings.exclusion_review_bytes)
}

needs contains evidence if {
	_exempted_by_owner
	count(_agreements) == 0
	not _below
	_tag_counts
	evidence := tags.unknown(settings.exclusion_approval_tag)
}

not_applicable contains reason if some reason in clustering.not_clusterable

not_applicable contains "Its owner didn't exclude it from clustering." if {
	count(clustering.unknown_exclusion) == 0
	not clustering.excluded
}

not_applicable contains "It has a clustering strategy, so the exclusion has no effect." if {
	count(clustering.strategies) > 0
}

not_applicable contains "The settings ignore the exclusion property." if not settings.honor_exclusion_flag

pass contains reason if {
	_exempted_by_owner
	_below
	reason := sprintf("It %s, so its owner can exclude it without approval.", [_little])
}

pass contains reason if {
	_exempted_by_owner
	some reason in _agreements
}

deny contains {"message": message, "expected": _ways, "actual": "only the table's own property", "fixes": _fixes} if {
	_exempted_by_owner
	_below == false
	count(_agreements) == 0
	message := sprintf("%s %s and is excluded only by its own property %s, but from %s upwards an exclusion needs approval: %s.", [
		input.full_name,
		clustering.holds,
		settings.exclusion_property,
		_limit,
		_ways,
	])
}

_fixes := array.concat(array.concat([_waive], [_tag | _tag_counts]), [_include])

_waive := {
	"title": sprintf("Have a waiver for %s approved and added to waivers.yaml", [_waivable]),
	"note": "It changes nothing on the table, and ends by itself when it expires.",
}

_tag := {
	"title": sprintf("Have someone else than the owner approve it, and set the tag %s where the table is declared", [settings.exclusion_approval_tag]),
	"note": declared.note,
} if {
	declared.in_code
} else := {
	"title": sprintf("Have someone else than the owner approve it and set the tag %s", [settings.exclusion_approval_tag]),
	"sql": [statements.alter(sprintf("SET TAGS (%s = <'who approved it, and where'>)", [_quoted_tag]))],
	"requires": ["Approval by someone other than the owner", "APPLY TAG on the table"],
	"note": trim_space(concat(" ", ["It changes metadata only.", declared.note])),
	"undo": [_untag],
}

# Even a value that doesn't count is what the tag has now.
_untag := statements.alter(sprintf("SET TAGS (%s = %s)", [_quoted_tag, statements.literal(value)])) if {
	value := tags.value(settings.exclusion_approval_tag)
} else := statements.alter(sprintf("UNSET TAGS (%s)", [_quoted_tag]))

_quoted_tag := statements.literal(settings.exclusion_approval_tag)

_include := object.union(removal, {"note": note}) if {
	removal := fixes.unset([settings.exclusion_property])
	note := sprintf("%s The table then needs a clustering strategy, as any other.", [removal.note])
}

_little := sprintf("holds %s, less than %s", [size.of_table, _limit]) if not clustering.assumed_size

else := clustering.counted

_exempted_by_owner if {
	count(clustering.strategies) == 0
	count(clustering.unknown_strategies) == 0
	clustering.excluded
	settings.honor_exclusion_flag
}

_agreements contains sprintf("An active waiver covers %s.", [_waivable]) if {
	_waivable in data.lakewarden_run.waived
}

_agreements contains sprintf("It has the tag %s.", [settings.exclusion_approval_tag]) if {
	_tag_counts
	_agrees(tags.value(settings.exclusion_approval_tag))
}

# A tag needs no value, but one of characters that show nothing is none that people have written.
_agrees(value) if value == ""

_agrees(value) if texts.plain(value) != ""

_ways := sprintf("an active waiver for %s or the tag %s", [_waivable, settings.exclusion_approval_tag]) if {
	_tag_counts
} else := sprintf("an active waiver for %s", [_waivable])

_waivable := "clustering.strategy_required"

_tag_counts if texts.plain(settings.exclusion_approval_tag) != ""

_below := clustering.below(settings.exclusion_review_bytes)

_limit := size.format(settings.exclusion_review_bytes)
