-- One row per source and store: its first snapshot. Before it nothing was listed, so only the
-- creation times of what it lists say anything about earlier bytes.
select source_id, provider, account, container, min(snapshot_at) as snapshot_at
from objects
where snapshot_at is not null
group by source_id, provider, account, container
