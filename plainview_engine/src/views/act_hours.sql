-- Requests per log, store and hour since 1970 (UTC), each act once per log: what volume and silence are
-- judged by.
select source_id, provider, account, container, cast(at as bigint) / 3600000 as hour,
       count(distinct coalesce(act_id, event_id, concat(source_id, '/', file_no, '/', row_no))) as acts
from requests
where act_part = 0
group by source_id, provider, account, container, cast(at as bigint) / 3600000
