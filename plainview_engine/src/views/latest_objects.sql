-- The current objects of each store in the newest snapshot of each source: what the use profile sees.
-- The small side of the join stands first: it is what the engine holds in memory.
select o.*
from (select source_id, provider, account, container, max(snapshot_at) as snapshot_at
      from objects
      group by source_id, provider, account, container) l
join objects o
  on o.source_id = l.source_id and o.provider = l.provider and o.account = l.account
 and o.container = l.container
 and (o.snapshot_at = l.snapshot_at or (o.snapshot_at is null and l.snapshot_at is null))
where o.state = 'current'
