-- clickhouse.sql - exits of a fleet in ClickHouse: the rows, by day, and counts that are kept up to date
--
-- The rows are ordered for "which service died of what on which machines": a class, a service, then hosts. The counts have
-- one row for each hour, class, service, cause and host: the question about a week reads them alone.
CREATE TABLE exits (
  time String, time_ns Int64, host LowCardinality(String), boot LowCardinality(String), file String,
  pid Int64, tid Int64, ppid Nullable(Int64), start_ns Nullable(Int64), ns_pid Nullable(Int64),
  comm LowCardinality(String), thread_name LowCardinality(String), uid Nullable(Int64),
  cgroup LowCardinality(String), container LowCardinality(String), class LowCardinality(String), cause LowCardinality(String),
  signal Int64, exit_code Int64, core_dumped Int64, is_thread Int64, lifetime_ns Nullable(Int64), user_us Int64, system_us Int64,
  max_rss_bytes Int64, sender_pid Nullable(Int64), sender_comm LowCardinality(String), sender_uid Nullable(Int64), reraised Int64,
  after_signal Nullable(Int64), function String, module LowCardinality(String), source String, address String, cmdline String,
  text String
) ENGINE = MergeTree
PARTITION BY toDate(fromUnixTimestamp64Nano(time_ns, 'UTC'))
ORDER BY (class, comm, host, time_ns)
TTL toDateTime(fromUnixTimestamp64Nano(time_ns, 'UTC')) + INTERVAL 30 DAY;

CREATE TABLE deaths (
  hour DateTime('UTC'), class LowCardinality(String), comm LowCardinality(String), cause LowCardinality(String),
  host LowCardinality(String), sender_comm LowCardinality(String), n UInt64
) ENGINE = SummingMergeTree(n)
PARTITION BY toDate(hour)
ORDER BY (class, comm, cause, host, sender_comm, hour)
TTL hour + INTERVAL 400 DAY;

CREATE MATERIALIZED VIEW deaths_of_exits TO deaths AS
SELECT toStartOfHour(toDateTime(fromUnixTimestamp64Nano(time_ns, 'UTC'))) AS hour, class, comm, cause, host, sender_comm, count() AS n
FROM exits WHERE is_thread = 0 AND class != 'CLEAN'
GROUP BY hour, class, comm, cause, host, sender_comm;
