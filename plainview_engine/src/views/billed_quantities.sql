-- One row per bill, account, month and unit text: the billed quantity as the record states it. Of the
-- consumed and the priced quantity, the one whose unit names a month or hours is taken, since kept bytes
-- are billed over time; else the consumed one. Fees for deleting early (S3 `EarlyDelete-*`) are stated in
-- the same unit for bytes that are no longer kept, so they are no part of it. Which units measure kept
-- bytes is decided by METHOD 5.2's unit table, not here.
with chosen as (
    select source_id, provider, account, month, file_no, row_no,
           case when consumed_unit is null
                  or (pricing_unit is not null
                      and (lower(pricing_unit) like '%mo%' or lower(pricing_unit) like '%hour%')
                      and not (lower(consumed_unit) like '%mo%' or lower(consumed_unit) like '%hour%'))
                then coalesce(pricing_unit, '') else consumed_unit end as unit,
           case when consumed_unit is null
                  or (pricing_unit is not null
                      and (lower(pricing_unit) like '%mo%' or lower(pricing_unit) like '%hour%')
                      and not (lower(consumed_unit) like '%mo%' or lower(consumed_unit) like '%hour%'))
                then pricing_quantity else consumed_quantity end as quantity
    from storage_charges
    where sku_meter is null or lower(sku_meter) not like '%earlydelete%'
)
select source_id, provider, account, month, unit,
       sum(quantity) as quantity,
       count(*) as lines,
       sum(case when quantity is null then 1 else 0 end) as lines_without_quantity,
       min(cast(file_no as bigint) * 1099511627776 + cast(row_no as bigint)) as first_row
from chosen
group by source_id, provider, account, month, unit
