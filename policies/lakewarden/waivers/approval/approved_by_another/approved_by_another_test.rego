package lakewarden.waivers.approval.approved_by_another_test

import data.lakewarden.testing
import data.lakewarden.waivers.approval.approved_by_another

_proven(owner, approver) := proven if {
	waiver := testing.waiver({"owner": owner, "approved_by": approver})
	proven := testing.proven(approved_by_another) with input as waiver
}

test_approval_by_another_passes if {
	_proven("sales", "governance") == {"pass": {"governance approved it, and sales owns it."}}
}

test_approval_by_the_owner_is_denied_whatever_the_case if {
	_proven("Sales", " sALES ") == {"deny": {{
		"expected": "someone other than Sales",
		"actual": " sALES ",
		"message": "The waiver of demo.one for prod.sales.orders is approved by its own owner, Sales, but an exception needs the agreement of someone else.",
	}}}
	count(_proven(" sales\t", "SALES").deny) == 1
}
