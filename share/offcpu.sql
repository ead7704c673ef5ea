-- offcpu.sql: for lines that diag-report --rows offcpu writes
CREATE TABLE offcpu (
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
  blocked_ns INTEGER,
  count INTEGER,
  span_ns INTEGER,
  state TEXT,
  waker_pid INTEGER,
  waker_comm TEXT,
  is_interrupt INTEGER,
  is_open INTEGER,
  stack TEXT
);

-- SQLite: .mode tabs, then .import FILE offcpu_lines
CREATE VIEW offcpu_lines AS SELECT '' AS line;
CREATE TRIGGER offcpu_insert INSTEAD OF INSERT ON offcpu_lines
BEGIN
  INSERT INTO offcpu VALUES (
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
    json_extract(NEW.line, '$.blocked_ns'),
    json_extract(NEW.line, '$.count'),
    json_extract(NEW.line, '$.span_ns'),
    json_extract(NEW.line, '$.state'),
    json_extract(NEW.line, '$.waker_pid'),
    json_extract(NEW.line, '$.waker_comm'),
    json_extract(NEW.line, '$.is_interrupt'),
    json_extract(NEW.line, '$.is_open'),
    json_extract(NEW.line, '$.stack'));
END;
