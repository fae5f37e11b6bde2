-- Acts per store, day (UTC) and class of who caused them. `people` are those whose record leads to a named
-- user, a role or the root of an account; `provider` are the provider's own services, log delivery and
-- lifecycle rules; `tenant-programme` is an application of the tenant; `no-person` is whatever anybody could
-- have done: account keys, signed links, anonymous access, other accounts, and records that do not say.
select record, source_id, provider, account, container, to_char(at, '%Y-%m-%d') as day, principal_kind,
       case when principal_kind in ('user', 'role', 'root') then 'people'
            when principal_kind in ('service', 'log-delivery', 'lifecycle') then 'provider'
            when principal_kind = 'application' then 'tenant-programme'
            else 'no-person' end as class,
       count(*) as acts
from acts
group by record, source_id, provider, account, container, to_char(at, '%Y-%m-%d'), principal_kind
