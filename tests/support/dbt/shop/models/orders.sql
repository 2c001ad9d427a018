{# A comment that names liquid_clustered_by, and config(too). #}
{{
  config(
    materialized='table',
    liquid_clustered_by=['ordered_on', 'address.city'],
    tblproperties={'delta.autoOptimize.optimizeWrite': true, 'team.rank': 7, 'team.note': "it's"},
    databricks_tags={'domain': 'sales', 'reviewed': true},
    meta={'owner': 'sales_engineers'},
  )
}}
select 1 as id, current_date() as ordered_on, named_struct('city', 'Bern') as address
