-- Requests per log, store and calendar month (UTC), each act once per log: what is held against the
-- requests that bills and meters count.
select source_id, provider, account, container, to_char(at, '%Y-%m') as month,
       count(distinct coalesce(act_id, event_id, concat(source_id, '/', file_no, '/', row_no))) as acts
from requests
where act_part = 0
group by source_id, provider, account, container, to_char(at, '%Y-%m')
