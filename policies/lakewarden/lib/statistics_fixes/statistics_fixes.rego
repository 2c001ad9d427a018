# METADATA
# title: How to get statistics of files
# description: >-
#   Fixes for leaves of the schema of which Delta keeps no smallest and largest value. Statistics of what
#   is there already have to be computed, which reads the files and rewrites none.
# schemas:
#   - input: schema.table
# related_resources:
#   - ref: https://docs.databricks.com/delta/data-skipping
#   - ref: https://docs.databricks.com/sql/language-manual/sql-ref-syntax-aux-analyze-compute-statistics
package lakewarden.lib.statistics_fixes

import data.lakewarden.lib.clustering_fixes as fixes
import data.lakewarden.lib.declared
import data.lakewarden.lib.file_statistics as statistics
import data.lakewarden.lib.names
import data.lakewarden.lib.predictive_optimization
import data.lakewarden.lib.size
import data.lakewarden.lib.table_name

# METADATA
# description: >-
#   How to have statistics of leaves, given as lists of name parts; `last` is the greatest of their
#   numbers in the schema, where leaves are counted.
collect(leaves, last) := array.concat([_named(leaves, last)], _enable)

_named(leaves, last) := fixes.set_property(_property, _extended(leaves, last)) if {
	_in_code
} else := object.union(setting, {
	"title": "Keep statistics for its keys",
	"sql": array.concat(setting.sql, [_analyze]),
	"requires": _requires,
	"note": _note(setting.note),
}) if {
	setting := fixes.set_property(_property, _extended(leaves, last))
}

_extended(leaves, last) := statistics.extended([names.in_sql(leaf) | some leaf in leaves], last)

_enable := [] if statistics.chosen_by_owner

else := [] if not predictive_optimization.off

else := fixes.enable

_analyze := sprintf("ANALYZE TABLE %s COMPUTE DELTA STATISTICS", [table_name.in_sql])

_requires := ["Databricks Runtime 14.3 LTS or newer, or a SQL warehouse", "MODIFY and SELECT on the table"]

_note(begin) := sprintf("%s ANALYZE reads %s and rewrites no file.", [begin, _bytes])

_bytes := size.of_table if is_number(input.size.bytes)

else := "all of its data"

# Functions that other packages call find these here.
_in_code if declared.in_code

_property := statistics.property_name
