-- Events, appended.
{{ config(materialized='incremental', liquid_clustered_by='seen_at, kind') }}
select 1 as kind, current_timestamp() as seen_at
