-- Control-plane events that certainly began or ended a store. An Azure container is written with the same
-- event when it is made and when it is changed, so only its end is certain.
select provider, account, container, at,
       case when lower(event) in ('createbucket', 'storage.buckets.create') then true else false end as is_start
from activity
where container is not null and outcome = 'success' and act_part = 0
  and (lower(event) in ('createbucket', 'storage.buckets.create', 'deletebucket', 'storage.buckets.delete')
       or lower(event) = 'microsoft.storage/storageaccounts/blobservices/containers/delete')
