# METADATA
# title: Auto-optimise
# description: >-
#   The two table properties that make auto-optimise: one writes larger files, the other compacts
#   small ones afterwards.
# related_resources:
#   - ref: https://docs.databricks.com/delta/tune-file-size
package lakewarden.lib.auto_optimize

import data.lakewarden.lib.property

# METADATA
# description: The names of both flags.
flags := {"delta.autoOptimize.autoCompact", "delta.autoOptimize.optimizeWrite"}

# METADATA
# description: The names of the flags that are on.
on contains flag if {
	some flag in flags
	property.is_true(flag)
}

# METADATA
# description: The names of the flags that may be on, for nobody knows.
unknown contains flag if {
	some flag in flags
	property.unknown(flag)
}

# METADATA
# description: The evidence that is lacking to tell which flags are on.
lacking contains evidence if {
	some flag in unknown
	evidence := property.unknown(flag)
}
