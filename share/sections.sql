-- sections.sql: for lines that diag-report --rows sections writes
CREATE TABLE sections (
  time TEXT,
  time_ns INTEGER,
  host TEXT,
  boot TEXT,
  file TEXT,
  id INTEGER,
  outer_id INTEGER,
  pid INTEGER,
  tid INTEGER,
  comm TEXT,
  source TEXT,
  label TEXT,
  duration_ns INTEGER,
  threshold_ns INTEGER,
  ended TEXT,
  user_ns INTEGER,
  kernel_ns INTEGER,
  fault_ns INTEGER,
  interrupt_ns INTEGER,
  runnable_ns INTEGER,
  blocked_ns INTEGER,
  worst_call TEXT
);

-- SQLite: .mode tabs, then .import FILE sections_lines
CREATE VIEW sections_lines AS SELECT '' AS line;
CREATE TRIGGER sections_insert INSTEAD OF INSERT ON sections_lines
BEGIN
  INSERT INTO sections VALUES (
    json_extract(NEW.line, '$.time'),
    json_extract(NEW.line, '$.time_ns'),
    json_extract(NEW.line, '$.host'),
    json_extract(NEW.line, '$.boot'),
    json_extract(NEW.line, '$.file'),
    json_extract(NEW.line, '$.id'),
    json_extract(NEW.line, '$.outer_id'),
    json_extract(NEW.line, '$.pid'),
    json_extract(NEW.line, '$.tid'),
    json_extract(NEW.line, '$.comm'),
    json_extract(NEW.line, '$.source'),
    json_extract(NEW.line, '$.label'),
    json_extract(NEW.line, '$.duration_ns'),
    json_extract(NEW.line, '$.threshold_ns'),
    json_extract(NEW.line, '$.ended'),
    json_extract(NEW.line, '$.user_ns'),
    json_extract(NEW.line, '$.kernel_ns'),
    json_extract(NEW.line, '$.fault_ns'),
    json_extract(NEW.line, '$.interrupt_ns'),
    json_extract(NEW.line, '$.runnable_ns'),
    json_extract(NEW.line, '$.blocked_ns'),
    json_extract(NEW.line, '$.worst_call'));
END;
