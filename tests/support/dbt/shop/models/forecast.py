def model(dbt, session):
    # dbt.config(liquid_clustered_by=["never"])
    dbt.config(
        materialized="table",
        liquid_clustered_by=["day", "store.id"],
    )
    return session.sql("select 1 as day")
