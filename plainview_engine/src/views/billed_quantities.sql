-- One row per bill, account, month, region and unit text: the billed quantity as the record states
-- it. Which units measure kept bytes is decided by METHOD 5.2's unit table, not here.
select source_id, provider, account, month,
       coalesce(consumed_unit, pricing_unit, '') as unit,
       sum(case when consumed_unit is not null then consumed_quantity else pricing_quantity end) as quantity,
       count(*) as lines,
       sum(case when (case when consumed_unit is not null then consumed_quantity else pricing_quantity end) is null then 1 else 0 end) as lines_without_quantity,
       min(cast(file_no as bigint) * 1099511627776 + cast(row_no as bigint)) as first_row
from storage_charges
group by source_id, provider, account, month, coalesce(consumed_unit, pricing_unit, '')
