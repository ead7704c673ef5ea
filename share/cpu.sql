-- cpu.sql: for lines that diag-report --rows cpu writes
CREATE TABLE cpu (
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
  period_ns INTEGER,
  count INTEGER,
  span_ns INTEGER,
  events INTEGER,
  stack TEXT
);

-- SQLite: .mode tabs, then .import FILE cpu_lines
CREATE VIEW cpu_lines AS SELECT '' AS line;
CREATE TRIGGER cpu_insert INSTEAD OF INSERT ON cpu_lines
BEGIN
  INSERT INTO cpu VALUES (
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
    json_extract(NEW.line, '$.period_ns'),
    json_extract(NEW.line, '$.count'),
    json_extract(NEW.line, '$.span_ns'),
    json_extract(NEW.line, '$.events'),
    json_extract(NEW.line, '$.stack'));
END;
