{{ config(liquid_clustered_by='id') }}
select 1 as id
