# METADATA
# title: Kinds of tables
# description: >-
#   The table types and data source formats that Databricks documents, written as its SDK writes
#   them (`TableType` and `DataSourceFormat`). A value that is not here is not known, which is
#   something else than not supported. A test compares both lists with the SDK.
# schemas:
#   - input: schema.table
# related_resources:
#   - ref: https://docs.databricks.com/api/workspace/tables/get
# custom:
#   public: true
package lakewarden.lib.table_type

types := {
	"EXTERNAL",
	"EXTERNAL_SHALLOW_CLONE",
	"FOREIGN",
	"MANAGED",
	"MANAGED_SHALLOW_CLONE",
	"MATERIALIZED_VIEW",
	"METRIC_VIEW",
	"STREAMING_TABLE",
	"VIEW",
}

formats := {
	"AVRO",
	"BIGQUERY_FORMAT",
	"CSV",
	"DATABRICKS_FORMAT",
	"DATABRICKS_ROW_STORE_FORMAT",
	"DELTA",
	"DELTASHARING",
	"DELTA_UNIFORM_HUDI",
	"DELTA_UNIFORM_ICEBERG",
	"HIVE",
	"ICEBERG",
	"JSON",
	"MONGODB_FORMAT",
	"MYSQL_FORMAT",
	"NETSUITE_FORMAT",
	"ORACLE_FORMAT",
	"ORC",
	"PARQUET",
	"POSTGRESQL_FORMAT",
	"REDSHIFT_FORMAT",
	"SALESFORCE_DATA_CLOUD_FORMAT",
	"SALESFORCE_FORMAT",
	"SNOWFLAKE_FORMAT",
	"SQLDW_FORMAT",
	"SQLSERVER_FORMAT",
	"TERADATA_FORMAT",
	"TEXT",
	"UNITY_CATALOG",
	"VECTOR_INDEX_FORMAT",
	"WORKDAY_RAAS_FORMAT",
}

# METADATA
# description: Delta Lake, also where it can be read as Iceberg or Hudi (UniForm).
delta_formats := {"DELTA", "DELTA_UNIFORM_HUDI", "DELTA_UNIFORM_ICEBERG"}

# METADATA
# scope: document
# description: >-
#   Holds if the table is a Delta table. A streaming table or materialized view is one also where no
#   format is given.
delta if input.data_source_format in delta_formats

delta if {
	input.table_type in _delta_types
	not _formatted
}

_delta_types := {"MATERIALIZED_VIEW", "STREAMING_TABLE"}

_formatted if {
	is_string(input.data_source_format)
	count({input.data_source_format} - {"", "UNKNOWN_DATA_SOURCE_FORMAT"}) > 0
}
