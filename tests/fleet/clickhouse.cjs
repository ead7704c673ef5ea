// clickhouse.cjs - loads rows into ClickHouse by the schema of docs/fleet.md, and asks its materialized counts
//
//   usage: clickhouse.cjs MODULES-DIRECTORY ROWS-FILE SCHEMA.sql QUESTIONS.json DATA-DIRECTORY
const { readFileSync } = require("node:fs");
const { createRequire } = require("node:module");

const [modules, rows, schema, questions, data] = process.argv.slice(2);
const { Session } = createRequire(modules + "/")("chdb");
const session = new Session(data);
const run = (text) => session.query(text, "JSONEachRow");

for (const statement of readFileSync(schema, "utf8").replace(/--.*$/gm, "").split(";"))
  if (statement.trim())
    run(statement);
let start = performance.now();
run(`INSERT INTO exits SELECT * FROM file('${rows}', 'JSONEachRow') SETTINGS input_format_null_as_default = 1, max_partitions_per_insert_block = 1000`);
const load_ms = performance.now() - start;
start = performance.now();
const answers = JSON.parse(readFileSync(questions, "utf8")).map((question) =>
  run(question.clickhouse).trim().split("\n").filter(Boolean).map((line) => JSON.parse(line)));
const ask_ms = performance.now() - start;
const count = Number(JSON.parse(run("SELECT count() AS n FROM exits")).n);
const parts = run("SELECT table, sum(rows) AS rows, sum(bytes_on_disk) AS bytes FROM system.parts WHERE active GROUP BY table").trim().split("\n");
console.log(JSON.stringify({ load_ms, ask_ms, count, answers, parts: parts.map((line) => JSON.parse(line)) }));
session.cleanup?.();
