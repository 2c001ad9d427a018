package lakewarden.lib.predictive_optimization_test

import data.lakewarden.lib.predictive_optimization
import data.lakewarden.testing

test_what_the_document_says_counts if {
	on := testing.table({"predictive_optimization": {"enabled": true}})
	predictive_optimization.enabled == true with input as on
	predictive_optimization.known with input as on
	not predictive_optimization.off with input as on
	off := testing.table({"predictive_optimization": {"enabled": false, "inherited_from": "CATALOG main"}})
	predictive_optimization.enabled == false with input as off
	predictive_optimization.known with input as off
	predictive_optimization.off with input as off
}

test_external_tables_never_have_it if {
	every said in [{}, {"enabled": true}, {"enabled": null}] {
		table := testing.table({"table_type": "EXTERNAL", "predictive_optimization": said})
		predictive_optimization.off with input as table
		predictive_optimization.known with input as table
	}
}

test_absent_null_and_anything_else_is_not_known if {
	every said in [{}, {"enabled": null}, {"enabled": "true"}, {"enabled": 1}, {"inherited_from": "CATALOG main"}] {
		table := testing.table({"predictive_optimization": said})
		not predictive_optimization.known with input as table
		not predictive_optimization.off with input as table
		not predictive_optimization.enabled with input as table
	}
	every table in [testing.table_without("predictive_optimization"), testing.table({"predictive_optimization": null})] {
		not predictive_optimization.known with input as table
		not predictive_optimization.off with input as table
	}
}
