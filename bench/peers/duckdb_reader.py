"""Reads one folder of the benchmark with DuckDB and prints the line every engine prints.

The clock runs from the query to the last Arrow batch; connecting, importing and adding up the answer are outside it. The
columns are those our reader fills from the file, with the types it gives them. It refuses ORC and mail, which DuckDB does
not read.
"""

import argparse
import glob
import json
import os
import resource
import time

import duckdb
import pyarrow.compute as pc

# Numbers become exact decimals, as ours do.
DECIMAL = "DECIMAL(38,12)"

S3_TEXT = """
select "Bucket" as container, url_decode(replace("Key", '+', ' ')) as key, "Size" as size,
       "LastModifiedDate" as modified_at, "ETag" as etag, "StorageClass" as tier,
       "IsMultipartUploaded" as is_multipart, "ReplicationStatus" as replication, "EncryptionStatus" as encryption
from read_csv('{path}', header = false, delim = ',', quote = '"', auto_detect = false, compression = 'gzip',
     columns = {{'Bucket': 'VARCHAR', 'Key': 'VARCHAR', 'Size': 'BIGINT', 'LastModifiedDate': 'TIMESTAMPTZ',
                 'ETag': 'VARCHAR', 'StorageClass': 'VARCHAR', 'IsMultipartUploaded': 'BOOLEAN',
                 'ReplicationStatus': 'VARCHAR', 'EncryptionStatus': 'VARCHAR'}})
"""

S3_PARQUET = """
select bucket as container, key, size, last_modified_date as modified_at, e_tag as etag, storage_class as tier,
       is_multipart_uploaded as is_multipart, replication_status as replication, encryption_status as encryption
from read_parquet('{path}')
"""

AZURE_COLUMNS = """
select split_part("Name", '/', 1) as container, substr("Name", position('/' in "Name") + 1) as key,
       "Content-Length" as size, "Creation-Time" as created_at, "Last-Modified" as modified_at, "ETag" as etag,
       "Content-Type" as content_type, "AccessTier" as tier, "BlobType" as blob_type
"""

AZURE_TEXT = AZURE_COLUMNS + """
from read_csv('{path}', header = true, delim = ',', quote = '"', auto_detect = false,
     columns = {{'Name': 'VARCHAR', 'Creation-Time': 'TIMESTAMPTZ', 'Last-Modified': 'TIMESTAMPTZ', 'ETag': 'VARCHAR',
                 'Content-Length': 'BIGINT', 'Content-Type': 'VARCHAR', 'BlobType': 'VARCHAR', 'AccessTier': 'VARCHAR'}})
"""

AZURE_PARQUET = AZURE_COLUMNS + "from read_parquet('{path}')"

# The columns of the bill that our reader keeps, in its order: text, time or number.
FOCUS = {
    "ProviderName": "VARCHAR", "BillingAccountId": "VARCHAR", "SubAccountId": "VARCHAR", "RegionId": "VARCHAR",
    "ResourceId": "VARCHAR", "ServiceCategory": "VARCHAR", "ServiceName": "VARCHAR", "ChargeCategory": "VARCHAR",
    "ChargeClass": "VARCHAR", "ChargeDescription": "VARCHAR", "SkuId": "VARCHAR", "InvoiceIssuerName": "VARCHAR",
    "BillingPeriodStart": "TIMESTAMPTZ", "BillingPeriodEnd": "TIMESTAMPTZ", "ChargePeriodStart": "TIMESTAMPTZ",
    "ChargePeriodEnd": "TIMESTAMPTZ", "ConsumedQuantity": DECIMAL, "ConsumedUnit": "VARCHAR",
    "PricingQuantity": DECIMAL, "PricingUnit": "VARCHAR", "BilledCost": DECIMAL, "EffectiveCost": DECIMAL,
    "ListCost": DECIMAL, "ContractedCost": DECIMAL, "BillingCurrency": "VARCHAR", "Tags": "VARCHAR",
}
FOCUS_TEXT = "select {names} from read_csv('{{path}}', header = true, delim = ',', quote = '\"', all_varchar = true)".format(
    names=", ".join(
        f'"{name}"' if kind == "VARCHAR" else f'cast("{name}" as {kind}) as "{name}"' for name, kind in FOCUS.items()
    )
)
FOCUS_PARQUET = "select {names} from read_parquet('{{path}}')".format(
    names=", ".join(f'cast("{name}" as {kind}) as "{name}"' for name, kind in FOCUS.items())
)

METRICS = """
select account_id as account, dimensions.BucketName as container, region, metric_name as meter,
       dimensions.StorageType as tier, epoch_ms("timestamp") as start_at, cast(value.sum as DECIMAL(38,12)) as value,
       value.count as samples, unit
from read_json('{path}', format = 'newline_delimited',
     columns = {{account_id: 'VARCHAR', region: 'VARCHAR', namespace: 'VARCHAR', metric_name: 'VARCHAR',
                 dimensions: 'STRUCT(BucketName VARCHAR, StorageType VARCHAR)', "timestamp": 'BIGINT',
                 value: 'STRUCT(sum BIGINT, count BIGINT)', unit: 'VARCHAR'}})
where namespace = 'AWS/S3'
"""

# One CloudTrail event, as far as our reader keeps it.
EVENT = {
    "eventTime": "TIMESTAMPTZ", "eventSource": "VARCHAR", "eventName": "VARCHAR", "awsRegion": "VARCHAR",
    "sourceIPAddress": "VARCHAR", "errorCode": "VARCHAR", "eventID": "VARCHAR", "sharedEventID": "VARCHAR",
    "recipientAccountId": "VARCHAR", "userIdentity": "STRUCT(\"type\" VARCHAR, arn VARCHAR, accountId VARCHAR, invokedBy VARCHAR)",
    "requestParameters": "STRUCT(bucketName VARCHAR, \"key\" VARCHAR)",
    "additionalEventData": "STRUCT(bytesTransferredIn DOUBLE, bytesTransferredOut DOUBLE, AuthenticationMethod VARCHAR)",
}
EVENT_COLUMNS = """
select {e}recipientAccountId as account, {e}requestParameters.bucketName as container, {e}awsRegion as region,
       {e}requestParameters."key" as key, {e}eventTime as at, {e}eventSource as service, {e}eventName as operation,
       {e}errorCode as error, cast({e}additionalEventData.bytesTransferredOut as BIGINT) as bytes_out,
       cast({e}additionalEventData.bytesTransferredIn as BIGINT) as bytes_in, {e}userIdentity.arn as principal,
       {e}userIdentity."type" as principal_kind, {e}additionalEventData.AuthenticationMethod as auth,
       {e}sourceIPAddress as network, {e}eventID as event_id, {e}sharedEventID as act_id
"""
CLOUDTRAIL_LINES = EVENT_COLUMNS.format(e="") + (
    "from read_json('{{path}}', format = 'newline_delimited', columns = {{{{{columns}}}}})".format(
        columns=", ".join(f"{name}: '{kind}'" for name, kind in EVENT.items())
    )
)
CLOUDTRAIL = EVENT_COLUMNS.format(e="event.") + (
    "from (select unnest(Records) as event from read_json('{{path}}', format = 'unstructured', maximum_object_size = 33554432, "
    "columns = {{{{Records: 'STRUCT({columns})[]'}}}}))".format(
        columns=", ".join(f"{name} {kind}" for name, kind in EVENT.items())
    )
)

BLOB_LOGS = """
select properties.accountName as account, split_part(properties.objectKey, '/', 3) as container, location as region,
       url_decode(substr(properties.objectKey, length(properties.accountName)
           + length(split_part(properties.objectKey, '/', 3)) + 4)) as key,
       "time" as at, operationName as operation, statusCode as status, statusText as error,
       properties.responseBodySize as bytes_out, properties.requestBodySize as bytes_in, durationMs as duration_ms,
       identity.requester.objectId as principal, identity."type" as auth, callerIpAddress as network,
       correlationId as event_id, properties.operationCount as act_part
from read_json('{path}', format = 'newline_delimited',
     columns = {{"time": 'TIMESTAMPTZ', category: 'VARCHAR', operationName: 'VARCHAR', statusCode: 'VARCHAR', statusText: 'VARCHAR',
                 durationMs: 'BIGINT', callerIpAddress: 'VARCHAR', correlationId: 'VARCHAR', location: 'VARCHAR',
                 identity: 'STRUCT("type" VARCHAR, requester STRUCT(objectId VARCHAR))',
                 properties: 'STRUCT(accountName VARCHAR, objectKey VARCHAR, responseBodySize BIGINT, requestBodySize BIGINT, operationCount BIGINT)'}})
"""

# The time of a server access log holds a space, so it arrives as two columns.
ACCESS = ["owner", "bucket", "day", "zone", "address", "requester", "request_id", "operation", "key", "uri", "status", "error",
          "bytes_sent", "object_size", "total_ms", "turn_ms", "referer", "agent", "version", "host_id", "signature", "cipher",
          "auth", "host", "tls", "point", "acl"]
S3_ACCESS = """
select bucket as container, url_decode(key) as key, cast(strptime(day || ' ' || zone, '[%d/%b/%Y:%H:%M:%S %z]') as TIMESTAMPTZ) as at,
       operation, status, error, cast(bytes_sent as BIGINT) as bytes_out, cast(object_size as BIGINT) as object_bytes,
       cast(total_ms as BIGINT) as duration_ms, requester as principal, auth, address as network, request_id as event_id
from read_csv('{{path}}', header = false, delim = ' ', quote = '"', escape = '"', auto_detect = false, nullstr = '-',
     columns = {{{{{columns}}}}})
""".format(columns=", ".join(f"'{name}': 'VARCHAR'" for name in ACCESS))

# Format -> file pattern, query, number column, text column.
FORMATS = {
    "s3-csv": ("*.csv.gz", S3_TEXT, "size", "key"),
    "s3-parquet": ("*.parquet", S3_PARQUET, "size", "key"),
    "azure-csv": ("*.csv", AZURE_TEXT, "size", "key"),
    "azure-parquet": ("*.parquet", AZURE_PARQUET, "size", "key"),
    "focus-csv": ("*.csv", FOCUS_TEXT, "ConsumedQuantity", "ChargeDescription"),
    "focus-parquet": ("*.parquet", FOCUS_PARQUET, "ConsumedQuantity", "ChargeDescription"),
    "metrics": ("*.jsonl", METRICS, "value", "container"),
    "cloudtrail": ("*.json", CLOUDTRAIL, "bytes_out", "key"),
    "cloudtrail-lines": ("*.jsonl", CLOUDTRAIL_LINES, "bytes_out", "key"),
    "blob-logs": ("*.json", BLOB_LOGS, "bytes_out", "key"),
    "s3-access": ("2025-*", S3_ACCESS, "bytes_out", "key"),
}

# Delivered as many files; all others are one.
MANY = {"cloudtrail"}

# Rows of a batch when streaming; the same as ours.
BATCH_ROWS = 8192


def answer(batch, number, text):
    """Rows, sum and characters of one batch or table. Decimals are counted in steps of 10^-12."""
    total = pc.sum(batch[number]).as_py() or 0
    if not isinstance(total, int):
        total = int(total.scaleb(12))
    chars = pc.sum(pc.utf8_length(batch[text])).as_py() or 0
    return batch.num_rows, total, chars


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def peak_kib():
    with open("/proc/self/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    raise SystemExit("no VmHWM in /proc/self/status")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("format", choices=sorted(FORMATS))
    parser.add_argument("path", help="folder with the files")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--stream", action="store_true", help="drop each batch instead of holding a table")
    options = parser.parse_args()
    pattern, query, number, text = FORMATS[options.format]
    files = glob.glob(os.path.join(options.path, pattern))
    if not files or (len(files) > 1 and options.format not in MANY):
        raise SystemExit(f"expected one {pattern} in the folder, found {len(files)}")
    connection = duckdb.connect()
    connection.execute(f"set threads = {options.threads}")
    connection.execute("set timezone = 'UTC'")
    path = os.path.join(options.path, pattern) if options.format in MANY else files[0]
    query = query.format(path=path.replace("'", "''"))
    rows = total = chars = 0
    cpu = cpu_seconds()
    begun = time.perf_counter()
    if options.stream:
        for batch in connection.sql(query).to_arrow_reader(BATCH_ROWS):
            found = answer(batch, number, text)
            rows, total, chars = rows + found[0], total + found[1], chars + found[2]
        seconds, cpu, peak = time.perf_counter() - begun, cpu_seconds() - cpu, peak_kib()
    else:
        table = connection.sql(query).to_arrow_table()
        seconds, cpu, peak = time.perf_counter() - begun, cpu_seconds() - cpu, peak_kib()
        rows, total, chars = answer(table, number, text)
    figures = {
        "rows": rows, "sum": str(total), "chars": chars,
        "seconds": seconds, "cpu_seconds": cpu, "peak_kib": peak,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
