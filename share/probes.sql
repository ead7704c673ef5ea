-- probes.sql: for lines that diag-report --rows probes writes
CREATE TABLE probes (
  time TEXT,
  time_ns INTEGER,
  host TEXT,
  boot TEXT,
  file TEXT,
  probe TEXT,
  pid INTEGER,
  tid INTEGER,
  comm TEXT,
  cgroup TEXT,
  cpu INTEGER,
  latency_ns INTEGER,
  result INTEGER,
  arguments TEXT,
  stack TEXT
);

-- SQLite: .mode tabs, then .import FILE probes_lines
CREATE VIEW probes_lines AS SELECT '' AS line;
CREATE TRIGGER probes_insert INSTEAD OF INSERT ON probes_lines
BEGIN
  INSERT INTO probes VALUES (
    json_extract(NEW.line, '$.time'),
    json_extract(NEW.line, '$.time_ns'),
    json_extract(NEW.line, '$.host'),
    json_extract(NEW.line, '$.boot'),
    json_extract(NEW.line, '$.file'),
    json_extract(NEW.line, '$.probe'),
    json_extract(NEW.line, '$.pid'),
    json_extract(NEW.line, '$.tid'),
    json_extract(NEW.line, '$.comm'),
    json_extract(NEW.line, '$.cgroup'),
    json_extract(NEW.line, '$.cpu'),
    json_extract(NEW.line, '$.latency_ns'),
    json_extract(NEW.line, '$.result'),
    json_extract(NEW.line, '$.arguments'),
    json_extract(NEW.line, '$.stack'));
END;
