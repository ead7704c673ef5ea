-- runq_holders.sql: for lines that diag-report --rows runq_holders writes
CREATE TABLE runq_holders (
  time TEXT,
  time_ns INTEGER,
  host TEXT,
  boot TEXT,
  file TEXT,
  pid INTEGER,
  tid INTEGER,
  comm TEXT,
  cpu INTEGER,
  holder_pid INTEGER,
  holder_tid INTEGER,
  holder_comm TEXT,
  held_ns INTEGER
);

-- SQLite: .mode tabs, then .import FILE runq_holders_lines
CREATE VIEW runq_holders_lines AS SELECT '' AS line;
CREATE TRIGGER runq_holders_insert INSTEAD OF INSERT ON runq_holders_lines
BEGIN
  INSERT INTO runq_holders VALUES (
    json_extract(NEW.line, '$.time'),
    json_extract(NEW.line, '$.time_ns'),
    json_extract(NEW.line, '$.host'),
    json_extract(NEW.line, '$.boot'),
    json_extract(NEW.line, '$.file'),
    json_extract(NEW.line, '$.pid'),
    json_extract(NEW.line, '$.tid'),
    json_extract(NEW.line, '$.comm'),
    json_extract(NEW.line, '$.cpu'),
    json_extract(NEW.line, '$.holder_pid'),
    json_extract(NEW.line, '$.holder_tid'),
    json_extract(NEW.line, '$.holder_comm'),
    json_extract(NEW.line, '$.held_ns'));
END;
