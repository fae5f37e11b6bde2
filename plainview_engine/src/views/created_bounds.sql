-- One row per source, store and month that begins before the store's first snapshot: the least
-- byte-milliseconds the store must have held in that month before the snapshot, counting each object
-- the snapshot lists from its creation on. Objects deleted earlier are unseen, so it is a lower bound.
-- The small side of the join stands first: it is what the engine holds in memory.
select o.source_id, o.provider, o.account, o.container, m.month,
       sum(cast(coalesce(o.size, 0) as decimal(38, 0))
           * cast(greatest(0, least(cast(o.snapshot_at as bigint), m.end_ms)
                  - greatest(cast(coalesce(o.created_at, o.modified_at, o.snapshot_at) as bigint), m.start_ms)) as decimal(20, 0))
       ) as byte_ms
from months m
join first_snapshots f on m.start_ms < cast(f.snapshot_at as bigint)
join objects o
  on o.source_id = f.source_id and o.provider = f.provider and o.account = f.account
 and o.container = f.container and o.snapshot_at = f.snapshot_at
where o.state not in ('delete_marker', 'folder')
group by o.source_id, o.provider, o.account, o.container, m.month
