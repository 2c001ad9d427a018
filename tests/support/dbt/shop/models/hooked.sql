{{ config(post_hook=["alter table {{ this }} cluster by (id)", "alter table {{ this }} owner to `x`"]) }}
select 1 as id
