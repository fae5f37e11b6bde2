-- One row per recorded act, whoever recorded it: a request to data or a control-plane event. An act that
-- left several records (a copy, the start and the end of an operation), that a re-delivered file repeats or
-- that stands in two accounts' trails is one act. Who caused it is given as a class, never as a person:
-- this view has no names, and no view ranks or lists people.
select 'requests' as record, provider,
       coalesce(act_id, event_id, concat(source_id, '/', file_no, '/', row_no)) as act,
       min(source_id) as source_id, min(account) as account, min(container) as container,
       min(at) as at, min(verb) as verb, min(principal_kind) as principal_kind
from requests
where act_part = 0
group by provider, coalesce(act_id, event_id, concat(source_id, '/', file_no, '/', row_no))
union all
select 'activity', provider,
       coalesce(act_id, event_id, concat(source_id, '/', file_no, '/', row_no)),
       min(source_id), min(account), min(container), min(at), min(verb), min(principal_kind)
from activity
where act_part = 0
group by provider, coalesce(act_id, event_id, concat(source_id, '/', file_no, '/', row_no))
