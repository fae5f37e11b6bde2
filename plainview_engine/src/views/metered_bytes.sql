-- Readings of stored bytes that the provider's own meters keep: one row per source, account, store
-- (null when the meter is for the whole account), region, storage tier and period. A reading that two
-- files repeat counts once, at its largest.
select source_id, provider, account, container, region, tier, start_at, end_at, statistic,
       max(value) as value,
       min(cast(file_no as bigint) * 1099511627776 + cast(row_no as bigint)) as first_row
from metering
where meter = 'stored_bytes'
group by source_id, provider, account, container, region, tier, start_at, end_at, statistic
