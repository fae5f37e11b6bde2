-- Where records place stored data: storage charges, storage meters and listings that carry a region.
select source_id, provider, account, container, region, month, 'charge' as record,
       count(*) as lines,
       min(cast(file_no as bigint) * 1099511627776 + cast(row_no as bigint)) as first_row
from storage_charges where region is not null
group by source_id, provider, account, container, region, month
union all
select source_id, provider, account, container, region, to_char(start_at, '%Y-%m') as month, 'meter' as record,
       count(*), min(cast(file_no as bigint) * 1099511627776 + cast(row_no as bigint))
from metering where region is not null and meter in ('stored_bytes', 'object_count') and value > 0
group by source_id, provider, account, container, region, to_char(start_at, '%Y-%m')
union all
select source_id, provider, account, container, region, to_char(snapshot_at, '%Y-%m') as month, 'listing' as record,
       count(*), min(cast(file_no as bigint) * 1099511627776 + cast(row_no as bigint))
from objects where region is not null and snapshot_at is not null
group by source_id, provider, account, container, region, to_char(snapshot_at, '%Y-%m')
