-- Sums that control totals are held against, per source, account, calendar month (UTC; null where a record
-- has no time) and, for charges, currency: data rows, billed cost, bytes listed.
select source_id, 'charges' as record, provider, account, to_char(charge_start, '%Y-%m') as month, currency,
       count(*) as row_count, sum(billed_cost) as cost, cast(null as decimal(38, 0)) as bytes
from charges group by source_id, provider, account, to_char(charge_start, '%Y-%m'), currency
union all
select source_id, 'objects', provider, account, to_char(snapshot_at, '%Y-%m'), cast(null as string),
       count(*), cast(null as decimal(38, 12)), sum(cast(coalesce(size, 0) as decimal(38, 0)))
from objects group by source_id, provider, account, to_char(snapshot_at, '%Y-%m')
union all
select source_id, 'metering', provider, account, to_char(start_at, '%Y-%m'), cast(null as string),
       count(*), cast(null as decimal(38, 12)), cast(null as decimal(38, 0))
from metering group by source_id, provider, account, to_char(start_at, '%Y-%m')
union all
select source_id, 'requests', provider, account, to_char(at, '%Y-%m'), cast(null as string),
       count(*), cast(null as decimal(38, 12)), cast(null as decimal(38, 0))
from requests group by source_id, provider, account, to_char(at, '%Y-%m')
union all
select source_id, 'activity', provider, account, to_char(at, '%Y-%m'), cast(null as string),
       count(*), cast(null as decimal(38, 12)), cast(null as decimal(38, 0))
from activity group by source_id, provider, account, to_char(at, '%Y-%m')
union all
select source_id, 'resources', provider, account, cast(null as string), cast(null as string),
       count(*), cast(null as decimal(38, 12)), cast(null as decimal(38, 0))
from resources group by source_id, provider, account
