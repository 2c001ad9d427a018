{% materialization own_way, adapter='databricks' %}
  {{ return({'relations': []}) }}
{% endmaterialization %}
