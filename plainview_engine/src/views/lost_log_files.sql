-- Log files that a digest names and that are not among the records, or are there with other contents.
select source_id, provider, account, region, start_at, end_at, state, count(*) as files
from deliveries
where kind = 'log-file' and state <> 'present'
group by source_id, provider, account, region, start_at, end_at, state
