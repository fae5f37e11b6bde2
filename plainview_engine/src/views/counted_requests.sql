-- Requests to storage that bills and meters count, per source, store (null when the whole account is meant)
-- and period. A bill counts them in a unit such as `Requests` or `10K`; a line in another unit is not one.
with lines as (
    select source_id, provider, account, container, charge_start, charge_end,
           lower(coalesce(consumed_unit, pricing_unit, '')) as unit,
           coalesce(consumed_quantity, pricing_quantity) as quantity,
           lower(concat(coalesce(sku_meter, ''), ' ', coalesce(description, ''))) as what
    from charges
    where lower(service_category) = 'storage' and lower(charge_category) = 'usage'
),
sized as (
    select *, case
        when unit in ('requests', 'request', 'operations', 'operation', 'transactions', 'api requests') then 1
        when unit in ('1k requests', '1,000 requests', '1000 requests', '1k operations', '1k transactions') then 1000
        when unit in ('10k requests', '10,000 requests', '10000 requests', '10k operations', '10k transactions') then 10000
        when unit in ('1m requests', '1,000,000 requests', '1000000 requests') then 1000000
        when unit in ('10k', '10,000', '10000') and (what like '%operation%' or what like '%request%' or what like '%transaction%') then 10000
        else 0 end as each
    from lines
)
select source_id, provider, account, container, charge_start as start_at, charge_end as end_at, 'charge' as record,
       cast(sum(quantity * each) as decimal(38, 0)) as counted
from sized
where each > 0 and quantity > 0
group by source_id, provider, account, container, charge_start, charge_end
union all
select source_id, provider, account, container, start_at, end_at, 'meter',
       cast(sum(value) as decimal(38, 0))
from metering
where meter = 'transactions' and statistic = 'sum' and value > 0
group by source_id, provider, account, container, start_at, end_at
