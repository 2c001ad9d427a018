{{ config(liquid_clustered_by={'by': 'id'}) }}
select 1 as id
