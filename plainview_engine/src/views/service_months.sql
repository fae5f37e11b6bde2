-- Which services each account was charged for in each month.
select source_id, provider, account, service_category, service_name,
       to_char(charge_start, '%Y-%m') as month, count(*) as lines,
       min(cast(file_no as bigint) * 1099511627776 + cast(row_no as bigint)) as first_row
from charges
where lower(charge_category) = 'usage'
group by source_id, provider, account, service_category, service_name, to_char(charge_start, '%Y-%m')
