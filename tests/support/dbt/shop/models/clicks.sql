select * from stream(main.sales.source)
