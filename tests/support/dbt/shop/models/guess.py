def model(dbt, session):
    dbt.config(materialized="table", auto_liquid_cluster=True)
    return session.sql("select 1 as day")
