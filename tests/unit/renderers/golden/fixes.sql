-- Fixes for what Lakewarden found, the worst first. Review them, then run them.
-- Lakewarden itself never runs them.
--
--   Tables:    demo: every table of the demo lakehouse
--   Decided:   2026-11-23 05:10:00 UTC by lakewarden 0.1.0, opa 1.22.2
--   Policies:  sha256:000000000000000000000000000000000000000000000000000000000000000a
--   Settings:  sha256:000000000000000000000000000000000000000000000000000000000000000b
--   Waivers:   sha256:000000000000000000000000000000000000000000000000000000000000000c
--   Inventory: sha256:000000000000000000000000000000000000000000000000000000000000000d
--   Filters:   none
--
--   To fix:    5 violations of 3 tables
--   SQL:       2 statements, 1 with something to fill in; 1 alternative in comments
--   Without:   1 violation fixed where the table is defined, not by SQL on the table
--   Without:   1 violation whose policy names no statement, only what to do
--   CAREFUL:   1 table with fixes that contradict each other
--   Left out:  1 failure exempt by waiver
--   UNKNOWN:   1 decision couldn't be made. What they would need isn't in here.
--
-- A statement outside of a comment is the first choice. Others stand below it, after Or: remove one
-- or the other. FILL IN names what stands in angle brackets: the statement doesn't parse until you
-- have replaced that. Undo takes a statement back.

-- =================================================================================================
-- 1. main.sales.big
--   Size:      1.0 TiB (1,099,511,627,776 bytes)
--   Owner:     team
-- =================================================================================================
--   CAREFUL:   fixes below contradict each other: they set CLUSTER BY. Keep one of them.

-- clustering.strategy_required (high, mandatory): Large tables have a clustering strategy
--   Why:       It isn't clustered.
-- clustering.key_limit (medium, mandatory): Tables have no more clustering keys than allowed
--   Why:       It has five keys.
--   Fix:       Cluster by the columns of filters
--   Needs:     Databricks Runtime 15.4 or newer
--   Effect:    It changes metadata only.
--   CAREFUL:   another fix of this table also sets CLUSTER BY.
--   FILL IN:   <key columns>
ALTER TABLE `main`.`sales`.`big` CLUSTER BY (<key columns>);
--   Undo:      ALTER TABLE `main`.`sales`.`big` CLUSTER BY NONE;
--   Or:        Let Databricks choose the keys
--              ALTER TABLE `main`.`sales`.`big` ENABLE PREDICTIVE OPTIMIZATION;
--              ALTER TABLE `main`.`sales`.`big` CLUSTER BY AUTO;
--   Undo:      ALTER TABLE `main`.`sales`.`big` CLUSTER BY NONE;

-- clustering.single_strategy (low, advisory): Tables have one clustering strategy
--   Why:       It has two strategies.
--   Fix:       Keep one
--   Needs:     Databricks Runtime 15.4 or newer
--   Effect:    It changes metadata only.
--   CAREFUL:   another fix of this table also sets CLUSTER BY.
ALTER TABLE `main`.`sales`.`big` CLUSTER BY NONE;
--   Undo:      ALTER TABLE `main`.`sales`.`big` CLUSTER BY NONE;

-- =================================================================================================
-- 2. main.sales.planned
--   Size:      1.0 GiB (1,073,741,824 bytes)
--   Owner:     not known
--   Declared:  databricks_sql_table.planned in modules/sales/main.tf:8 (create)
-- =================================================================================================

-- clustering.strategy_required (high, mandatory): Large tables have a clustering strategy
--   Why:       It isn't clustered.
--   Fix:       Name the keys in its definition
--   To do:     Change the definition: databricks_sql_table.planned in modules/sales/main.tf:8.

-- =================================================================================================
-- 3. main.sales.small
--   Size:      1.0 MiB (1,048,576 bytes)
--   Owner:     no owner
-- =================================================================================================

-- clustering.single_strategy (low, advisory): Tables have one clustering strategy
--   Why:       It has two.
--   To do:     ALTER TABLE <table> CLUSTER BY AUTO;
--              or set the table property `delta.autoOptimize.optimizeWrite`.
