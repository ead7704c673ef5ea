-- lost.sql: for lines that diag-report --rows lost writes
CREATE TABLE lost (
  time TEXT,
  time_ns INTEGER,
  until_ns INTEGER,
  host TEXT,
  boot TEXT,
  file TEXT,
  kind TEXT,
  reason TEXT,
  cpu INTEGER,
  count INTEGER
);

-- SQLite: .mode tabs, then .import FILE lost_lines
CREATE VIEW lost_lines AS SELECT '' AS line;
CREATE TRIGGER lost_insert INSTEAD OF INSERT ON lost_lines
BEGIN
  INSERT INTO lost VALUES (
    json_extract(NEW.line, '$.time'),
    json_extract(NEW.line, '$.time_ns'),
    json_extract(NEW.line, '$.until_ns'),
    json_extract(NEW.line, '$.host'),
    json_extract(NEW.line, '$.boot'),
    json_extract(NEW.line, '$.file'),
    json_extract(NEW.line, '$.kind'),
    json_extract(NEW.line, '$.reason'),
    json_extract(NEW.line, '$.cpu'),
    json_extract(NEW.line, '$.count'));
END;
