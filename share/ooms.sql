-- ooms.sql: for lines that diag-report --rows ooms writes
CREATE TABLE ooms (
  time TEXT,
  time_ns INTEGER,
  host TEXT,
  boot TEXT,
  file TEXT,
  victim_pid INTEGER,
  victim_comm TEXT,
  victim_cgroup TEXT,
  asker_pid INTEGER,
  asker_comm TEXT,
  limit_cgroup TEXT,
  limit_bytes INTEGER,
  usage_bytes INTEGER,
  anonymous_bytes INTEGER,
  file_bytes INTEGER,
  score_adjust INTEGER
);

-- SQLite: .mode tabs, then .import FILE ooms_lines
CREATE VIEW ooms_lines AS SELECT '' AS line;
CREATE TRIGGER ooms_insert INSTEAD OF INSERT ON ooms_lines
BEGIN
  INSERT INTO ooms VALUES (
    json_extract(NEW.line, '$.time'),
    json_extract(NEW.line, '$.time_ns'),
    json_extract(NEW.line, '$.host'),
    json_extract(NEW.line, '$.boot'),
    json_extract(NEW.line, '$.file'),
    json_extract(NEW.line, '$.victim_pid'),
    json_extract(NEW.line, '$.victim_comm'),
    json_extract(NEW.line, '$.victim_cgroup'),
    json_extract(NEW.line, '$.asker_pid'),
    json_extract(NEW.line, '$.asker_comm'),
    json_extract(NEW.line, '$.limit_cgroup'),
    json_extract(NEW.line, '$.limit_bytes'),
    json_extract(NEW.line, '$.usage_bytes'),
    json_extract(NEW.line, '$.anonymous_bytes'),
    json_extract(NEW.line, '$.file_bytes'),
    json_extract(NEW.line, '$.score_adjust'));
END;
