-- Which days (counted from 1970-01-01, `last_day` exclusive) each source's records speak of, by kind of
-- record, account, store and file: what coverage is made of, and what a damaged file's other rows say it was
-- about. A listing speaks of its own day; a charge line of its charge period and of its billing period.
select 'objects' as record, source_id, file_no, provider, account, container,
       min(cast(snapshot_at as bigint) / 86400000) as first_day, max(cast(snapshot_at as bigint) / 86400000) + 1 as last_day
from objects where snapshot_at is not null
group by source_id, file_no, provider, account, container, snapshot_at
union all
select 'requests', source_id, file_no, provider, account, container,
       cast(at as bigint) / 86400000, cast(at as bigint) / 86400000 + 1
from requests
group by source_id, file_no, provider, account, container, cast(at as bigint) / 86400000
union all
select 'activity', source_id, file_no, provider, account, cast(null as string),
       cast(at as bigint) / 86400000, cast(at as bigint) / 86400000 + 1
from activity
group by source_id, file_no, provider, account, cast(at as bigint) / 86400000
union all
select 'metering', source_id, file_no, provider, account, container,
       cast(start_at as bigint) / 86400000, (cast(end_at as bigint) + 86399999) / 86400000
from metering
group by source_id, file_no, provider, account, container,
         cast(start_at as bigint) / 86400000, (cast(end_at as bigint) + 86399999) / 86400000
union all
select 'charges', source_id, file_no, provider, account, container,
       cast(least(charge_start, billing_start) as bigint) / 86400000,
       (cast(greatest(charge_end, billing_end) as bigint) + 86399999) / 86400000
from charges
group by source_id, file_no, provider, account, container,
         cast(least(charge_start, billing_start) as bigint) / 86400000,
         (cast(greatest(charge_end, billing_end) as bigint) + 86399999) / 86400000
union all
select 'resources', source_id, file_no, provider, account, container, cast(null as bigint), cast(null as bigint)
from resources
group by source_id, file_no, provider, account, container
