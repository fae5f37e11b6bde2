"""Reads one folder of the benchmark with ClickHouse (chdb) and prints the line every engine prints.

It is asked for the logs in JSON alone. The clock runs from the query to the Arrow table; importing and adding up the answer
are outside it. The columns are those our reader fills from the file, with the types it gives them, and the structure of the
records is told, so that nothing is guessed.
"""

import argparse
import glob
import json
import os
import resource
import time

import chdb
import pyarrow.compute as pc

EVENT = """eventTime DateTime64(3, 'UTC'), eventSource Nullable(String), eventName Nullable(String), awsRegion Nullable(String),
sourceIPAddress Nullable(String), errorCode Nullable(String), eventID Nullable(String), sharedEventID Nullable(String),
recipientAccountId Nullable(String),
userIdentity Tuple(type Nullable(String), arn Nullable(String), accountId Nullable(String), invokedBy Nullable(String)),
requestParameters Tuple(bucketName Nullable(String), key Nullable(String)),
additionalEventData Tuple(bytesTransferredIn Nullable(Float64), bytesTransferredOut Nullable(Float64), AuthenticationMethod Nullable(String))"""

EVENT_COLUMNS = """
select {e}recipientAccountId as account, {e}requestParameters.bucketName as container, {e}awsRegion as region,
       {e}requestParameters.key as key, {e}eventTime as at, {e}eventSource as service, {e}eventName as operation,
       {e}errorCode as error, toInt64({e}additionalEventData.bytesTransferredOut) as bytes_out,
       toInt64({e}additionalEventData.bytesTransferredIn) as bytes_in, {e}userIdentity.arn as principal,
       {e}userIdentity.type as principal_kind, {e}additionalEventData.AuthenticationMethod as auth,
       {e}sourceIPAddress as network, {e}eventID as event_id, {e}sharedEventID as act_id
"""

CLOUDTRAIL_LINES = EVENT_COLUMNS.format(e="") + f"from file('{{path}}', JSONEachRow, $${EVENT}$$)"
CLOUDTRAIL = (
    EVENT_COLUMNS.format(e="event.")
    + f"from (select arrayJoin(Records) as event from file('{{path}}', JSONEachRow, $$Records Array(Tuple({EVENT}))$$))"
)

BLOB_LOGS = """
select properties.accountName as account, splitByChar('/', assumeNotNull(properties.objectKey))[3] as container,
       location as region, decodeURLComponent(substring(assumeNotNull(properties.objectKey),
           length(assumeNotNull(properties.accountName)) + length(container) + 4)) as key,
       time as at, operationName as operation, statusCode as status, statusText as error,
       properties.responseBodySize as bytes_out, properties.requestBodySize as bytes_in, durationMs as duration_ms,
       identity.requester.objectId as principal, identity.type as auth, callerIpAddress as network,
       correlationId as event_id, properties.operationCount as act_part
from file('{path}', JSONEachRow, $$time DateTime64(3, 'UTC'), category Nullable(String), operationName Nullable(String),
    statusCode Nullable(String), statusText Nullable(String), durationMs Nullable(Int64), callerIpAddress Nullable(String),
    correlationId Nullable(String), location Nullable(String),
    identity Tuple(type Nullable(String), requester Tuple(objectId Nullable(String))),
    properties Tuple(accountName Nullable(String), objectKey Nullable(String), responseBodySize Nullable(Int64),
        requestBodySize Nullable(Int64), operationCount Nullable(Int64))$$)
"""

# Format -> file pattern, query, number column, text column.
FORMATS = {
    "cloudtrail": ("*.json", CLOUDTRAIL, "bytes_out", "key"),
    "cloudtrail-lines": ("*.jsonl", CLOUDTRAIL_LINES, "bytes_out", "key"),
    "blob-logs": ("*.json", BLOB_LOGS, "bytes_out", "key"),
}

SETTINGS = """
 settings max_threads = {threads}, date_time_input_format = 'best_effort', input_format_json_read_numbers_as_strings = 1,
          input_format_json_ignore_unknown_keys_in_named_tuple = 1, input_format_json_defaults_for_missing_elements_in_named_tuple = 1,
          input_format_skip_unknown_fields = 1, output_format_arrow_string_as_string = 1
"""


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
    options = parser.parse_args()
    pattern, query, number, text = FORMATS[options.format]
    path = os.path.join(os.path.abspath(options.path), pattern)
    if not glob.glob(path):
        raise SystemExit(f"expected {pattern} in the folder, found none")
    if "'" in path:
        raise SystemExit("the folder's name may not hold a quote")
    query = query.format(path=path) + SETTINGS.format(threads=options.threads)
    cpu = cpu_seconds()
    begun = time.perf_counter()
    table = chdb.query(query, "ArrowTable")
    seconds, cpu, peak = time.perf_counter() - begun, cpu_seconds() - cpu, peak_kib()
    figures = {
        "rows": table.num_rows, "sum": str(pc.sum(table[number]).as_py() or 0),
        "chars": pc.sum(pc.utf8_length(table[text])).as_py() or 0,
        "seconds": seconds, "cpu_seconds": cpu, "peak_kib": peak,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
