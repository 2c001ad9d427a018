# METADATA
# title: How to change a table's clustering
# description: >-
#   What the owner has to do, which depends on what kind of table it is: a streaming table or a
#   materialized view is changed by its definition, never by ALTER TABLE; a partitioned table is
#   converted; Databricks chooses no keys for external tables, nor where predictive optimization is
#   off. A planned table is changed where it is declared, in the words of its tool: what is changed
#   on the table itself, the next apply undoes.
# schemas:
#   - input: schema.table
# related_resources:
#   - ref: https://docs.databricks.com/delta/clustering
#   - ref: https://docs.databricks.com/sql/language-manual/sql-ref-syntax-ddl-cluster-by
#   - ref: https://registry.terraform.io/providers/databricks/databricks/latest/docs/resources/sql_table
#   - ref: https://docs.getdbt.com/reference/resource-configs/databricks-configs
package lakewarden.lib.clustering_remedy

import data.lakewarden.lib.partitioning
import data.lakewarden.lib.predictive_optimization
import data.lakewarden.lib.table_name
import data.lakewarden.lib.table_type

# METADATA
# description: How to give the table a clustering strategy.
cluster := "dbt can't cluster a seed: cluster a model that selects from it, or let such tables count as small in an override (planned_tables_count_as)." if {
	_seed
} else := sprintf("In its %s, %s.%s", [_words.place, concat(" and ", [step | some step in _steps]), _remake]) if {
	_words
} else := sprintf("Change its definition to %s … %s.", [_definition, _automatic]) if {
	_definition != ""
} else := sprintf("Convert it with ALTER TABLE %s REPLACE PARTITIONED BY WITH %s (Databricks Runtime 18.1 and newer), or rewrite it with CREATE OR REPLACE TABLE and CLUSTER BY.%s", [_name, _choice, _added]) if {
	_partitioned
} else := sprintf("Use ALTER TABLE %s CLUSTER BY with its keys; %s.%s", [_name, _never_automatic, _added]) if {
	_never_automatic
} else := sprintf("Use ALTER TABLE %s %s.%s", [_name, _automatic, _added])

# METADATA
# description: How to choose other clustering keys.
rekey := sprintf("Choose other keys in %s of its %s.", [_words.keys, _words.place]) if {
	_words
} else := sprintf("Change its definition to %s … CLUSTER BY with other keys.", [_definition]) if {
	_definition != ""
} else := sprintf("Choose other keys with ALTER TABLE %s CLUSTER BY.%s", [_name, _added])

# METADATA
# description: How to have no liquid clustering.
uncluster := sprintf("%s its %s", [_words.uncluster, _words.place]) if {
	_words
} else := sprintf("remove CLUSTER BY from its definition, %s", [_definition]) if {
	_definition != ""
} else := sprintf("use ALTER TABLE %s CLUSTER BY NONE%s", [_name, _in_files])

# METADATA
# description: How to give a table property a value.
set_property(property, value) := sprintf("set %s to %s in %s of its %s", [property, value, _words.properties, _words.place]) if {
	_words
} else := sprintf("set %s to %s in the TBLPROPERTIES of its definition, %s", [property, value, _definition]) if {
	_definition != ""
} else := sprintf("use ALTER TABLE %s SET TBLPROPERTIES ('%s' = '%s')%s", [_name, property, value, _in_files])

# METADATA
# description: How to remove table properties that are `true`, given as a list.
unset(properties) := sprintf("remove %s from %s of its %s (if the table exists, set it to false there instead)", [concat(" and ", properties), _words.properties, _words.place]) if {
	_words
} else := sprintf("remove %s from the TBLPROPERTIES of its definition, %s", [concat(" and ", properties), _definition]) if {
	_definition != ""
} else := sprintf("use ALTER TABLE %s UNSET TBLPROPERTIES ('%s')%s", [_name, concat("', '", properties), _in_files])

_automatic := "CLUSTER BY with its keys, or turn on predictive optimization for CLUSTER BY AUTO" if {
	predictive_optimization.off
}

else := "CLUSTER BY AUTO, or CLUSTER BY with its keys"

_choice := _automatic if not predictive_optimization.off

else := "CLUSTER BY with its keys"

_never_automatic := "CLUSTER BY AUTO isn't available for external tables" if {
	input.table_type == "EXTERNAL"
} else := "CLUSTER BY AUTO requires Iceberg version 3" if {
	input.data_source_format == "ICEBERG"
}

_partitioned if {
	partitioning.partitioned
	table_type.delta
}

# What a tool calls things, of a planned table that isn't changed by statements.
_words := {
	"terraform": {
		"place": "resource",
		"keys": "cluster_keys",
		"automatic": `cluster_keys = ["AUTO"]`,
		"uncluster": `set cluster_keys to ["NONE"] in`,
		"partitions": "partitions",
		"properties": "properties",
	},
	"dbt": {
		"place": "dbt configuration",
		"keys": "liquid_clustered_by",
		"automatic": "auto_liquid_cluster: true",
		"uncluster": "remove liquid_clustered_by and auto_liquid_cluster from",
		"partitions": "partition_by",
		"properties": "tblproperties",
	},
}[input.definition.tool]

_seed if {
	input.definition.tool == "dbt"
	startswith(input.definition.address, "seed.")
}

_steps := array.concat(
	[sprintf("remove %s", [_words.partitions]) | _partitioned],
	[sprintf("name its keys in %s%s", [_words.keys, _or_automatic])],
)

_or_automatic := sprintf("; %s", [_never_automatic]) if {
	_never_automatic
} else := sprintf(", or turn on predictive optimization for %s", [_words.automatic]) if {
	predictive_optimization.off
} else := sprintf(", or write %s", [_words.automatic])

# What becomes of a table that exists and has partitions.
_remake := " Terraform then replaces the table: save its data first." if {
	_partitioned
	input.definition.tool == "terraform"
	not _new
} else := " If the table exists, run dbt with --full-refresh." if {
	_partitioned
	input.definition.tool == "dbt"
} else := ""

_new if input.definition.action == "create"

_added := " Add this to the files, or change the statement that makes the table where it hasn't run yet." if {
	_by_files
} else := ""

_in_files := " in the files" if {
	_by_files
} else := ""

_by_files if input.definition.tool == "sql"

_definition := table_name.definition

_name := table_name.in_sql
