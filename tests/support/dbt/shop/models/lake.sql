{{ config(table_format='iceberg', auto_liquid_cluster=true, alias='Lake-House') }}
select 1 as id
