# METADATA
# title: How to change a table's clustering
# description: >-
#   What the owner has to do, which depends on what kind of table it is: a streaming table or a
#   materialized view is changed by its definition, never by ALTER TABLE; a partitioned table is
#   converted; Databricks chooses no keys for external tables, nor where predictive optimization is
#   off.
# schemas:
#   - input: schema.table
# related_resources:
#   - ref: https://docs.databricks.com/delta/clustering
#   - ref: https://docs.databricks.com/sql/language-manual/sql-ref-syntax-ddl-cluster-by
package lakewarden.lib.clustering_remedy

import data.lakewarden.lib.partitioning
import data.lakewarden.lib.predictive_optimization
import data.lakewarden.lib.table_name
import data.lakewarden.lib.table_type

# METADATA
# description: How to give the table a clustering strategy.
cluster := sprintf("Change its definition to %s … %s.", [_definition, _automatic]) if {
	_definition != ""
} else := sprintf("Convert it with ALTER TABLE %s REPLACE PARTITIONED BY WITH %s (Databricks Runtime 18.1 and newer), or rewrite it with CREATE OR REPLACE TABLE and CLUSTER BY.", [_name, _choice]) if {
	_partitioned
} else := sprintf("Use ALTER TABLE %s CLUSTER BY with its keys; CLUSTER BY AUTO isn't available for external tables.", [_name]) if {
	input.table_type == "EXTERNAL"
} else := sprintf("Use ALTER TABLE %s CLUSTER BY with its keys; CLUSTER BY AUTO requires Iceberg version 3.", [_name]) if {
	input.data_source_format == "ICEBERG"
} else := sprintf("Use ALTER TABLE %s %s.", [_name, _automatic])

# METADATA
# description: How to choose other clustering keys.
rekey := sprintf("Change its definition to %s … CLUSTER BY with other keys.", [_definition]) if {
	_definition != ""
} else := sprintf("Choose other keys with ALTER TABLE %s CLUSTER BY.", [_name])

# METADATA
# description: How to have no liquid clustering.
uncluster := sprintf("remove CLUSTER BY from its definition, %s", [_definition]) if {
	_definition != ""
} else := sprintf("use ALTER TABLE %s CLUSTER BY NONE", [_name])

# METADATA
# description: How to give a table property a value.
set_property(property, value) := sprintf("set %s to %s in the TBLPROPERTIES of its definition, %s", [property, value, _definition]) if {
	_definition != ""
} else := sprintf("use ALTER TABLE %s SET TBLPROPERTIES ('%s' = '%s')", [_name, property, value])

# METADATA
# description: How to remove table properties, given as a list.
unset(properties) := sprintf("remove %s from the TBLPROPERTIES of its definition, %s", [concat(" and ", properties), _definition]) if {
	_definition != ""
} else := sprintf("use ALTER TABLE %s UNSET TBLPROPERTIES ('%s')", [_name, concat("', '", properties)])

_automatic := "CLUSTER BY with its keys, or turn on predictive optimization for CLUSTER BY AUTO" if {
	predictive_optimization.off
}

else := "CLUSTER BY AUTO, or CLUSTER BY with its keys"

_choice := _automatic if not predictive_optimization.off

else := "CLUSTER BY with its keys"

_partitioned if {
	partitioning.partitioned
	table_type.delta
}

_definition := table_name.definition

_name := table_name.in_sql
