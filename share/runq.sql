-- runq.sql: for lines that diag-report --rows runq writes
CREATE TABLE runq (
  time TEXT,
  time_ns INTEGER,
  host TEXT,
  boot TEXT,
  file TEXT,
  pid INTEGER,
  tid INTEGER,
  comm TEXT,
  cgroup TEXT,
  cpu INTEGER,
  waited_ns INTEGER,
  cause TEXT,
  waker_pid INTEGER,
  waker_comm TEXT,
  is_interrupt INTEGER,
  is_throttled INTEGER,
  moves INTEGER
);

-- SQLite: .mode tabs, then .import FILE runq_lines
CREATE VIEW runq_lines AS SELECT '' AS line;
CREATE TRIGGER runq_insert INSTEAD OF INSERT ON runq_lines
BEGIN
  INSERT INTO runq VALUES (
    json_extract(NEW.line, '$.time'),
    json_extract(NEW.line, '$.time_ns'),
    json_extract(NEW.line, '$.host'),
    json_extract(NEW.line, '$.boot'),
    json_extract(NEW.line, '$.file'),
    json_extract(NEW.line, '$.pid'),
    json_extract(NEW.line, '$.tid'),
    json_extract(NEW.line, '$.comm'),
    json_extract(NEW.line, '$.cgroup'),
    json_extract(NEW.line, '$.cpu'),
    json_extract(NEW.line, '$.waited_ns'),
    json_extract(NEW.line, '$.cause'),
    json_extract(NEW.line, '$.waker_pid'),
    json_extract(NEW.line, '$.waker_comm'),
    json_extract(NEW.line, '$.is_interrupt'),
    json_extract(NEW.line, '$.is_throttled'),
    json_extract(NEW.line, '$.moves'));
END;
