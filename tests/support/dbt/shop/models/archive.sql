{{ config(
    partition_by=['year', 'month'],
    file_format='parquet',
    location_root='s3://bucket/archive/',
    include_full_name_in_path=true,
) }}
select 1 as id, 2020 as year, 1 as month
