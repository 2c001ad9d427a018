# METADATA
# title: Waivers are approved by someone other than their owner
# description: >-
#   The owner of a waiver and the one who approved it differ, case and surrounding blanks aside.
# schemas:
#   - input: schema.waiver
# custom:
#   severity: high
#   enforcement: advisory
#   why: >-
#     A waiver is an exception that somebody else agreed to. One that its owner approves is only a
#     way to switch a policy off, and an auditor will not take it for an approval.
#   remediation: >-
#     Have someone who does not own it approve it: lakewarden waivers renew, with --approved-by.
#   examples:
#     before: {owner: sales-data, approved_by: Sales-Data}
#     after: {owner: sales-data, approved_by: data-governance}
package lakewarden.waivers.approval.approved_by_another

pass contains sprintf("%s approved it, and %s owns it.", [input.approved_by, input.owner]) if {
	_approver != _owner
}

deny contains {"message": message, "expected": expected, "actual": input.approved_by} if {
	_approver == _owner
	expected := sprintf("someone other than %s", [input.owner])
	message := sprintf("%s is approved by its own owner, %s, but an exception needs the agreement of someone else.", [
		input.name,
		input.owner,
	])
}

_approver := lower(trim_space(input.approved_by))

_owner := lower(trim_space(input.owner))
