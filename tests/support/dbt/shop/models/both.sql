{{ config(partition_by='year', location_root='s3://bucket/both') }}
select 1 as id, 2020 as year
