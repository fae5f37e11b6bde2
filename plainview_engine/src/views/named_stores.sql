-- Every store that any record names, and which record names it.
select source_id, provider, account, container, 'listing' as record, count(*) as lines,
       min(cast(file_no as bigint) * 1099511627776 + cast(row_no as bigint)) as first_row
from objects group by source_id, provider, account, container
union all
select source_id, provider, account, container, 'charge', count(*),
       min(cast(file_no as bigint) * 1099511627776 + cast(row_no as bigint))
from charges where container is not null group by source_id, provider, account, container
union all
select source_id, provider, account, container, 'meter', count(*),
       min(cast(file_no as bigint) * 1099511627776 + cast(row_no as bigint))
from metering where container is not null group by source_id, provider, account, container
