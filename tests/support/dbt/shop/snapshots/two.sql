{% snapshot stock_history %}
  {{ config(unique_key='id', strategy='check', check_cols='all', auto_liquid_cluster=true) }}
  select 1 as id
{% endsnapshot %}

{% snapshot site_history %}
  {{ config(
      unique_key='id', strategy='check', check_cols='all',
      liquid_clustered_by='site',
  ) }}
  select 1 as id, 2 as site
{% endsnapshot %}

{% snapshot parquet_history %}
  {{ config(unique_key='id', strategy='check', check_cols='all', file_format='parquet') }}
  select 1 as id
{% endsnapshot %}
