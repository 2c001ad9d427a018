package lakewarden.lib.table_type_test

import data.lakewarden.lib.table_type

test_delta_formats_are_formats if table_type.delta_formats & table_type.formats == table_type.delta_formats

test_what_databricks_calls_unknown_is_not_known if {
	not "UNKNOWN_DATA_SOURCE_FORMAT" in table_type.formats
}

# Written out once more: a kind that is dropped by mistake would turn decided tables into unknown.
test_types_are_all_there if {
	concat(" ", sort(table_type.types)) == concat(" ", [
		"EXTERNAL EXTERNAL_SHALLOW_CLONE FOREIGN MANAGED MANAGED_SHALLOW_CLONE MATERIALIZED_VIEW",
		"METRIC_VIEW STREAMING_TABLE VIEW",
	])
}

test_formats_are_all_there if {
	concat(" ", sort(table_type.formats)) == concat(" ", [
		"AVRO BIGQUERY_FORMAT CSV DATABRICKS_FORMAT DATABRICKS_ROW_STORE_FORMAT DELTA DELTASHARING",
		"DELTA_UNIFORM_HUDI DELTA_UNIFORM_ICEBERG HIVE ICEBERG JSON MONGODB_FORMAT MYSQL_FORMAT",
		"NETSUITE_FORMAT ORACLE_FORMAT ORC PARQUET POSTGRESQL_FORMAT REDSHIFT_FORMAT",
		"SALESFORCE_DATA_CLOUD_FORMAT SALESFORCE_FORMAT SNOWFLAKE_FORMAT SQLDW_FORMAT",
		"SQLSERVER_FORMAT TERADATA_FORMAT TEXT UNITY_CATALOG VECTOR_INDEX_FORMAT",
		"WORKDAY_RAAS_FORMAT",
	])
}

test_types_are_upper_case if {
	every name in table_type.types {
		name == upper(name)
	}
}

test_delta_tables_are_known_by_their_format if {
	every format in ["DELTA", "DELTA_UNIFORM_ICEBERG", "DELTA_UNIFORM_HUDI"] {
		table_type.delta with input as {"data_source_format": format}
	}
	every table in [{}, {"data_source_format": "ICEBERG"}, {"data_source_format": "delta"}] {
		not table_type.delta with input as table
	}
}

test_what_a_pipeline_keeps_is_delta_where_no_format_is_given if {
	every type in ["STREAMING_TABLE", "MATERIALIZED_VIEW"] {
		every format in ["UNKNOWN_DATA_SOURCE_FORMAT", "", null, "DELTA"] {
			table_type.delta with input as {"table_type": type, "data_source_format": format}
		}
		table_type.delta with input as {"table_type": type}
		every format in ["ICEBERG", "PARQUET", "delta", "OF_TOMORROW"] {
			not table_type.delta with input as {"table_type": type, "data_source_format": format}
		}
	}
	every type in ["MANAGED", "EXTERNAL", "VIEW", null] {
		every format in ["UNKNOWN_DATA_SOURCE_FORMAT", "", null] {
			not table_type.delta with input as {"table_type": type, "data_source_format": format}
		}
		not table_type.delta with input as {"table_type": type}
	}
}
