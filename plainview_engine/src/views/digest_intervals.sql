-- The provider's statements that it delivered log files for an interval, one row per digest, with how each
-- hangs on the one before.
select source_id, provider, account, region, start_at, end_at,
       min(coalesce(link, 'broken')) as link,
       max(case when state = 'altered' or signature = 'invalid' then 1 else 0 end) as is_altered
from deliveries
where kind = 'digest' and state <> 'missing'
group by source_id, provider, account, region, start_at, end_at
