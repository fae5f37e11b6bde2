-- Charge lines for keeping data: ServiceCategory Storage, usage lines only, with the calendar month
-- (UTC) in which the charge period starts. Corrections are lines like any other: they change the sum.
select *, to_char(charge_start, '%Y-%m') as month
from charges
where lower(service_category) = 'storage' and lower(charge_category) = 'usage'
