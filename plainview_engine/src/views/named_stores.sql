-- Every store that any record names, by month, and what kind of record names it.
select source_id, provider, account, container, to_char(snapshot_at, '%Y-%m') as month, 'listing' as record,
       count(*) as lines, min(cast(file_no as bigint) * 1099511627776 + cast(row_no as bigint)) as first_row
from objects
group by source_id, provider, account, container, to_char(snapshot_at, '%Y-%m')
union all
select source_id, provider, account, container, to_char(charge_start, '%Y-%m'), 'charge',
       count(*), min(cast(file_no as bigint) * 1099511627776 + cast(row_no as bigint))
from charges where container is not null
group by source_id, provider, account, container, to_char(charge_start, '%Y-%m')
union all
select source_id, provider, account, container, to_char(start_at, '%Y-%m'), 'meter',
       count(*), min(cast(file_no as bigint) * 1099511627776 + cast(row_no as bigint))
from metering where container is not null
group by source_id, provider, account, container, to_char(start_at, '%Y-%m')
