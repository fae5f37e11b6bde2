-- Readings of stored bytes that the provider's own meters keep: one row per source, account, store
-- (null when the meter is for the whole account), storage tier and period.
select source_id, provider, account, container, tier, start_at, end_at, statistic, value,
       cast(file_no as bigint) * 1099511627776 + cast(row_no as bigint) as first_row
from metering
where meter = 'stored_bytes'
