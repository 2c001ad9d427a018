# METADATA
# title: How to change a table's clustering
# description: >-
#   Fixes, which depend on what kind of table it is: a partitioned table is converted; Databricks
#   chooses no keys for external tables, nor where predictive optimization is off. What code or a
#   definition declares is changed there, in the words of its tool.
# schemas:
#   - input: schema.table
# related_resources:
#   - ref: https://docs.databricks.com/delta/clustering
#   - ref: https://docs.databricks.com/sql/language-manual/sql-ref-syntax-ddl-cluster-by
#   - ref: https://docs.databricks.com/sql/language-manual/sql-ref-syntax-ddl-alter-table
#   - ref: https://docs.databricks.com/sql/language-manual/delta-optimize
#   - ref: https://docs.databricks.com/sql/language-manual/delta-restore
#   - ref: https://docs.databricks.com/optimizations/predictive-optimization
#   - ref: https://docs.databricks.com/tables/convert-external-managed
#   - ref: https://registry.terraform.io/providers/databricks/databricks/latest/docs/resources/sql_table
#   - ref: https://docs.getdbt.com/reference/resource-configs/databricks-configs
package lakewarden.lib.clustering_fixes

import data.lakewarden.lib.clustering
import data.lakewarden.lib.clustering_keys as keys
import data.lakewarden.lib.declared
import data.lakewarden.lib.names
import data.lakewarden.lib.partitioning
import data.lakewarden.lib.predictive_optimization
import data.lakewarden.lib.size
import data.lakewarden.lib.statements
import data.lakewarden.lib.table_name
import data.lakewarden.lib.table_type

# METADATA
# description: How to give the table liquid clustering.
cluster := _for_a_seed if _seed

else := [_declare(choice) | some choice in _choices] if declared.in_code

else := array.concat([_alter(choice) | some choice in _choices], [_rewrite]) if _partitioned

else := [_alter(choice) | some choice in _choices]

# METADATA
# description: >-
#   How to choose other clustering keys: these, if there are any, or others. `accepted` is false where
#   Databricks wouldn't take the present ones again.
rekey(proposal, accepted) := [{
	"title": sprintf("Choose other keys for %s in its %s", [_words.keys, _place]),
	"note": _declared_note,
}] if {
	_words
} else := array.concat(
	[_cluster_by(sprintf("Cluster it by %s", [list]), list, accepted) |
		count(proposal) > 0
		list := _list(proposal)
	],
	[_cluster_by(_choose, "<key columns>", accepted)],
)

# METADATA
# description: How to have no liquid clustering.
uncluster := {"title": sprintf(_words.uncluster, [declared.place]), "note": declared.note} if {
	_words
} else := {
	"title": "Turn off liquid clustering",
	"sql": [statements.alter("CLUSTER BY NONE")],
	"requires": [_rights],
	"note": _text([statements.metadata_only, "What is clustered stays so, new data isn't.", _final, declared.note]),
	"undo": _back,
}

# METADATA
# description: How to give a table property a value.
set_property(property, value) := {
	"title": sprintf("Set %s to %s in %s of its %s", [property, value, _words.properties, _place]),
	"note": _declared_note,
} if {
	_words
} else := {
	"title": sprintf("Set %s to %s", [property, value]),
	"sql": [statements.set_properties({property: value})],
	"requires": ["MODIFY on the table"],
	"note": _text([_metadata_only, _declared_note]),
	"undo": statements.restore_properties([property]),
}

# METADATA
# description: How to remove table properties that are `true`, given as a list.
unset(properties) := {
	"title": sprintf("Remove %s from %s of its %s", [concat(" and ", properties), _words.properties, _place]),
	"note": _text([_keeps_properties, _declared_note]),
} if {
	_words
} else := {
	"title": sprintf("Remove %s", [concat(" and ", properties)]),
	"sql": [statements.unset_properties(properties)],
	"requires": ["MODIFY on the table"],
	"note": _text([_metadata_only, _declared_note]),
	"undo": statements.restore_properties(properties),
}

# METADATA
# description: >-
#   How to have Databricks maintain the table, which then chooses keys and columns with statistics; none
#   where no statement on the table does that.
enable := [{
	"title": "Turn on predictive optimization for it",
	"sql": [_enable],
	"requires": ["MODIFY on the table"],
	"note": _text(["It changes metadata only.", _maintained, declared.note]),
	"undo": [_disable],
}] if {
	input.table_type == "MANAGED"
	not declared.in_code
} else := []

# METADATA
# description: How to make an external table a managed one, which may be clustered automatically.
manage := [{
	"title": "Make it a managed table, for which Databricks chooses keys",
	"sql": [statements.alter("SET MANAGED")],
	"requires": [
		"Databricks Runtime 17.3 LTS or newer, or serverless compute",
		"Ownership of the table",
		"Readers and writers that use the table's name, not its path, and Databricks Runtime 15.4 LTS or newer",
		"No OPTIMIZE of the table meanwhile",
		"Predictive optimization on for its schema",
	],
	"note": _text([sprintf("It copies %s to managed storage while the table is in use. Writes then pause for minutes, and streams that read or write the table have to be restarted. A table with Iceberg reads needs TRUNCATE UNIFORM HISTORY behind it. It can be undone for 14 days, and what was written since stays; after that, Databricks deletes the files at the old location.", [_bytes]), declared.note]),
	"undo": [statements.alter("UNSET MANAGED")],
}] if {
	input.table_type == "EXTERNAL"
	table_type.delta
	not declared.in_code
} else := []

# METADATA
# description: Some sentences as one text; empty ones are left out.
_text(sentences) := concat(" ", [sentence | some sentence in sentences; sentence != ""])

_sentence(text) := concat("", [upper(substring(text, 0, 1)), substring(text, 1, -1)])

# What can be done, the best first: Databricks chooses keys, somebody does, or it may from now on.
_choices := ["keys"] if _never_automatic

else := ["enable", "keys"] if {
	predictive_optimization.off
	clustering.automatic
}

else := ["keys", "enable"] if predictive_optimization.off

else := ["auto", "keys"]

_never_automatic := "CLUSTER BY AUTO isn't available for external tables." if {
	input.table_type == "EXTERNAL"
} else := "CLUSTER BY AUTO requires Iceberg version 3." if {
	input.data_source_format == "ICEBERG"
}

_why_not_automatic := _never_automatic if _never_automatic

else := ""

_partitioned if {
	partitioning.partitioned
	table_type.delta
}

# How a choice is put into effect by statements.
_alter(choice) := {
	"title": _sentence(concat("", [_begin, _titles[choice]])),
	"sql": _changes[choice],
	"requires": array.concat(
		[_runtimes[choice], _rights],
		array.concat(_preparations, ["Predictive optimization on for the table" | choice == "auto"; not predictive_optimization.enabled]),
	),
	"note": _text([_effect, _protocol, _reasons[choice], _final_here, declared.note]),
	"undo": array.concat(_undo, [_disable | choice == "enable"]),
}

_changes := {
	"auto": [_automate],
	"keys": [statements.alter(sprintf("%sCLUSTER BY (%s)", [_conversion, _wanted]))],
	"enable": array.concat([_enable], [_automate | not _left_to_databricks]),
}

_automate := statements.alter(sprintf("%sCLUSTER BY AUTO", [_conversion]))

# Then predictive optimization alone has to be turned on.
_left_to_databricks if {
	clustering.automatic
	not _partitioned
}

_titles := {
	"auto": "have Databricks choose the clustering keys",
	"keys": "cluster it by the columns that most queries filter by",
	"enable": "turn on predictive optimization, and have Databricks choose the clustering keys",
}

_begin := "instead of its partitions, " if _partitioned

else := ""

_conversion := "REPLACE PARTITIONED BY WITH " if _partitioned

else := ""

# The keys that the table has are as good as those that somebody would choose.
_wanted := _list(keys.columns) if _restorable

else := "<key columns>"

_reasons := {
	"auto": _may_choose_none,
	"keys": _why_not_automatic,
	"enable": concat(" ", [_maintained, _may_choose_none]),
}

_maintained := "Databricks then maintains the table, on serverless compute that costs extra. Its VACUUM ends time travel to versions older than delta.deletedFileRetentionDuration, 7 days unless set."

_may_choose_none := "Databricks may choose no keys for a table that is small or rarely read."

_runtimes := {choice: text |
	some choice, version in {"auto": "15.4 LTS", "keys": _runtime, "enable": "15.4 LTS"}
	text := sprintf("Databricks Runtime %s or newer, or a SQL warehouse", [_converting(version)])
}

_converting(version) := "18.1" if _partitioned

else := version

_runtime := "16.4 LTS" if input.data_source_format == "ICEBERG"

else := "15.2"

_rights := "Ownership of the table, or MANAGE on it"

# assumes conversion-rewrites-files
_effect := sprintf("It takes the partitions away, and may rewrite files to do so. OPTIMIZE then clusters what is there, and rewrites up to %s, the more the less the keys are like the partition columns. Streams that read the table stop, and need a new checkpoint and a starting version unless they track its schema; streams that write to it have to be restarted. %s Undoing also takes back what was written since, and works until VACUUM removes the old files. Databricks doesn't promise that it works: try it on a copy.", [_bytes, _raised]) if {
	_partitioned
} else := sprintf("%s New data is clustered by OPTIMIZE, and large batches as they're written. OPTIMIZE … FULL also clusters what is there, and rewrites %s.", [statements.metadata_only, _bytes])

# assumes clustering-raises-the-protocol
_protocol := _raised if {
	table_type.delta
	not clustering.declared_liquid
	not _partitioned
} else := ""

_raised := "It raises the table's protocol for good (writer version 7, maybe reader version 3), which older clients don't know."

# What has to be so before a table is clustered.
_preparations := array.concat(
	["Readers on Databricks Runtime 13.3 LTS or newer, writers on 15.4 LTS or newer, and no share that filters by partition"],
	[_timestamps | _by_timestamp],
) if {
	_partitioned
} else := ["Deletion vectors and row tracking off, for Iceberg version 2"] if {
	input.data_source_format == "ICEBERG"
} else := []

_timestamps := "For a timestamp among the partition columns: SET spark.databricks.delta.liquidConversion.statsGeneration.enabled = false, and ANALYZE TABLE … COMPUTE DELTA STATISTICS afterwards"

_by_timestamp if {
	some column in input.columns
	column.name in partitioning.columns
	lower(column.type_text) == "timestamp"
}

_bytes := size.of_table if is_number(input.size.bytes)

else := "all of its data"

_enable := statements.alter("ENABLE PREDICTIVE OPTIMIZATION")

_disable := statements.alter("INHERIT PREDICTIVE OPTIMIZATION") if {
	is_string(input.predictive_optimization.inherited_from)
} else := statements.alter("DISABLE PREDICTIVE OPTIMIZATION")

_undo := [
	statements.alter("CLUSTER BY NONE"),
	statements.alter("UNSET TBLPROPERTIES IF EXISTS ('delta.liquid.hierarchicalClusteringColumns')"),
	_restore,
] if {
	_partitioned
}

else := _back

_final_here := "" if _partitioned

else := _final

# assumes restore-brings-partitions-back
_restore := sprintf("RESTORE TABLE %s TO VERSION AS OF <the version before>", [table_name.in_sql])

# What gives the table its present clustering back; none where nothing does.
_back := [statements.alter("CLUSTER BY AUTO") | not _never_automatic] if {
	clustering.automatic
} else := [statements.alter("CLUSTER BY NONE")] if {
	_unclustered
} else := [statements.alter(sprintf("CLUSTER BY (%s)", [_list(keys.columns)])) | _restorable]

# Why nothing does.
_final := "" if count(_back) > 0

else := "It can't be undone, as the present keys aren't known." if {
	not keys.known
} else := "It can't be undone, as the present keys can't be read." if {
	keys.unreadable
} else := _not_taken

_not_taken := "It can't be undone: Databricks wouldn't take what the table has now."

# The same where Databricks wouldn't take the present keys again.
_back_to(accepted) := [] if {
	_keyed
	not accepted
} else := _back

_final_of(accepted) := _not_taken if {
	_keyed
	not accepted
} else := _final

_keyed if {
	count(keys.columns) > 0
	not clustering.automatic
}

_unclustered if {
	keys.known
	not keys.unreadable
	count(keys.columns) == 0
}

# Databricks takes as keys up to four columns of the table.
_restorable if {
	count(keys.columns) in {1, 2, 3, 4}
	count(_strange) == 0
}

_strange contains key if {
	is_array(input.columns)
	some key in keys.columns
	column := lower(key[0])
	not _columns[column]
}

_columns := {lower(column.name) | some column in input.columns}

_list(some_keys) := concat(", ", [names.in_sql(key) | some key in some_keys])

_cluster_by(title, list, accepted) := {
	"title": title,
	"sql": [statements.alter(sprintf("CLUSTER BY (%s)", [list]))],
	"requires": [_runtimes.keys, _rights],
	"note": _text([_effect, _final_of(accepted), _declared_note]),
	"undo": _back_to(accepted),
}

_choose := "Cluster it by other columns, those that most queries filter by"

_rewrite := {
	"title": "Rewrite it, clustered instead of partitioned",
	"sql": [sprintf("CREATE OR REPLACE TABLE %s USING DELTA CLUSTER BY (%s)%s AS SELECT * FROM %s", [
		table_name.in_sql,
		_wanted,
		_location,
		table_name.in_sql,
	])],
	"requires": [
		sprintf("Databricks Runtime %s or newer, or a SQL warehouse", [_runtime]),
		_rights,
		"No row filter or column mask that hides anything from who runs it: what is hidden would be lost",
		"No writes to the table meanwhile",
	],
	"note": _text([
		sprintf("It rewrites %s and replaces the table. Privileges and history stay; table properties, the comment, constraints, defaults and generated columns are lost unless the statement names them. Check row filters, column masks and tags afterwards. Streams that read the table fail, and need a new checkpoint. Undoing works until VACUUM removes the old files.", [_bytes]),
		declared.note,
	]),
	"undo": [_restore],
}

_location := sprintf(" LOCATION %s", [statements.literal(input.storage_location)]) if {
	input.table_type == "EXTERNAL"
	is_string(input.storage_location)
} else := ""

# What a tool calls things, of a table that isn't changed by statements.
_words := {
	"terraform": {
		"keys": "cluster_keys",
		"automatic": `cluster_keys = ["AUTO"]`,
		"uncluster": `Set cluster_keys to ["NONE"] in its %s`,
		"partitions": "partitions",
		"properties": "properties",
	},
	"dbt": {
		"keys": "liquid_clustered_by",
		"automatic": "auto_liquid_cluster: true",
		"uncluster": "Remove liquid_clustered_by and auto_liquid_cluster from its %s",
		"partitions": "partition_by",
		"properties": "tblproperties",
	},
	"definition": {
		"keys": "CLUSTER BY",
		"automatic": "CLUSTER BY AUTO",
		"uncluster": "Remove CLUSTER BY from its %s",
		"partitions": "PARTITIONED BY",
		"properties": "TBLPROPERTIES",
	},
}[declared.how]

# Functions that other packages call find these here.
_place := declared.place

_declared_note := declared.note

_metadata_only := statements.metadata_only

# How a choice is put into effect where the table is declared.
_declare(choice) := {
	"title": _sentence(concat("", [_instead, _tasks[choice]])),
	"note": _text([_remake, _reasons[choice], declared.note]),
}

_tasks := {
	"auto": sprintf("write %s in its %s", [_words.automatic, declared.place]),
	"keys": sprintf("name its keys in %s of its %s", [_words.keys, declared.place]),
	"enable": sprintf("turn on predictive optimization for its schema, and write %s in its %s", [_words.automatic, declared.place]),
}

_instead := sprintf("remove %s, and ", [_words.partitions]) if _partitioned

else := ""

# What becomes of a table that exists and has partitions.
_remake := "Terraform then replaces the table: save its data first." if {
	_partitioned
	input.definition.tool == "terraform"
	not _new
} else := "If the table exists, run dbt with --full-refresh." if {
	_partitioned
	input.definition.tool == "dbt"
} else := ""

_new if input.definition.action == "create"

_keeps_properties := "If the table exists, set it to false there instead: what is only taken out stays on the table." if {
	declared.how in {"terraform", "dbt"}
} else := ""

_seed if {
	input.definition.tool == "dbt"
	startswith(input.definition.address, "seed.")
}

_for_a_seed := [
	{
		"title": "Cluster a model that selects from this seed: dbt can't cluster the seed itself",
		"note": declared.note,
	},
	{
		"title": "Let such tables count as small in an override (planned_tables_count_as)",
		"note": "It changes the settings alone.",
	},
]
