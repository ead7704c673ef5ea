// duckdb.mjs - loads rows into DuckDB, asks questions, and prints times, answers and types as JSON
//
//   usage: duckdb.mjs MODULES-DIRECTORY ROWS-FILE exits.sql QUESTIONS.json
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [modules, rows, sql, questions] = process.argv.slice(2);
const { DuckDBInstance } = createRequire(modules + "/")("@duckdb/node-api");
const types = { TEXT: "VARCHAR", INTEGER: "BIGINT" };
const columns = [...readFileSync(sql, "utf8").matchAll(/^ {2}(\w+) (TEXT|INTEGER),?$/gm)].map(([, name, type]) => [name, types[type]]);
const connection = await (await DuckDBInstance.create(":memory:")).connect();
const ask = async (text) => (await connection.runAndReadAll(text)).getRowObjectsJson();

let start = performance.now();
const schema = columns.map(([name, type]) => `${name}: '${type}'`).join(", ");
await connection.run(`CREATE TABLE exits AS SELECT * FROM read_ndjson('${rows}', columns = {${schema}}, auto_detect = false)`);
const load_ms = performance.now() - start;
const answers = [];
start = performance.now();
for (const question of JSON.parse(readFileSync(questions, "utf8")))
  answers.push(await ask(question.sql));
const ask_ms = performance.now() - start;
const count = Number((await ask("SELECT count(*) AS n FROM exits"))[0].n);
const found = await ask("DESCRIBE exits");
console.log(JSON.stringify({ load_ms, ask_ms, cpu_ms: process.cpuUsage().user / 1000 + process.cpuUsage().system / 1000, count, answers,
                             types: Object.fromEntries(found.map((row) => [row.column_name, row.column_type])) }));
