{{ config(materialized='own_way') }}
select 1 as id
