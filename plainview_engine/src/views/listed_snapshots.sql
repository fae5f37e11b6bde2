-- One row per source, store and inventory snapshot: the bytes and object versions listed at that
-- instant. Every version that is billed counts (current, noncurrent, snapshot, soft-deleted); delete
-- markers and folder rows hold no bytes and are left out of the byte sum but are still rows listed.
select source_id, provider, account, container, snapshot_at,
       sum(case when state in ('delete_marker', 'folder') then cast(0 as decimal(38, 0))
                else cast(coalesce(size, 0) as decimal(38, 0)) end) as bytes,
       sum(case when state = 'current' then 1 else 0 end) as current_objects,
       count(*) as rows_listed,
       min(cast(file_no as bigint) * 1099511627776 + cast(row_no as bigint)) as first_row
from objects
where snapshot_at is not null
group by source_id, provider, account, container, snapshot_at
