select cast(1 as bigint) as id, current_date() as day
