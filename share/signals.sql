-- signals.sql: for lines that diag-report --rows signals writes
CREATE TABLE signals (
  time TEXT,
  time_ns INTEGER,
  host TEXT,
  boot TEXT,
  file TEXT,
  signal INTEGER,
  code INTEGER,
  origin TEXT,
  result TEXT,
  handled INTEGER,
  pending_ns INTEGER,
  killed INTEGER,
  pid INTEGER,
  comm TEXT,
  uid INTEGER,
  receiver_pid INTEGER,
  receiver_tid INTEGER,
  receiver_comm TEXT,
  receiver_cgroup TEXT
);

-- SQLite: .mode tabs, then .import FILE signals_lines
CREATE VIEW signals_lines AS SELECT '' AS line;
CREATE TRIGGER signals_insert INSTEAD OF INSERT ON signals_lines
BEGIN
  INSERT INTO signals VALUES (
    json_extract(NEW.line, '$.time'),
    json_extract(NEW.line, '$.time_ns'),
    json_extract(NEW.line, '$.host'),
    json_extract(NEW.line, '$.boot'),
    json_extract(NEW.line, '$.file'),
    json_extract(NEW.line, '$.signal'),
    json_extract(NEW.line, '$.code'),
    json_extract(NEW.line, '$.origin'),
    json_extract(NEW.line, '$.result'),
    json_extract(NEW.line, '$.handled'),
    json_extract(NEW.line, '$.pending_ns'),
    json_extract(NEW.line, '$.killed'),
    json_extract(NEW.line, '$.pid'),
    json_extract(NEW.line, '$.comm'),
    json_extract(NEW.line, '$.uid'),
    json_extract(NEW.line, '$.receiver_pid'),
    json_extract(NEW.line, '$.receiver_tid'),
    json_extract(NEW.line, '$.receiver_comm'),
    json_extract(NEW.line, '$.receiver_cgroup'));
END;
