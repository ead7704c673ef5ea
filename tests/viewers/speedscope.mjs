// speedscope.mjs - opens profiles in speedscope, in Chromium, and prints the largest total that it shows of a function
//
//   usage: speedscope.mjs MODULES-DIRECTORY CHROMIUM PROFILE...
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, chromium_path, ...profiles] = process.argv.slice(2);
const { chromium } = createRequire(modules + "/")("playwright-core");
const browser = await chromium.launch({ executablePath: chromium_path, args: ["--no-sandbox", "--allow-file-access-from-files"] });
const results = [];
for (const path of profiles) {
  const page = await browser.newPage();
  const messages = [];
  let import_ms = 0;
  page.on("pageerror", (error) => messages.push(String(error)));
  page.on("console", (message) => { import_ms = Number(/^import: ([0-9.]+) ms/.exec(message.text())?.[1] ?? import_ms); });
  await page.goto(pathToFileURL(join(modules, "speedscope/dist/release/index.html")).href);
  const start = performance.now();
  await page.setInputFiles("input[type=file]", path);
  const tab = page.getByText("Sandwich").first();
  await tab.waitFor({ timeout: 240000 });
  const opened_ms = performance.now() - start;
  await tab.click();
  // There is no row if all times are 0.
  await page.waitForSelector("table tr td", { timeout: 10000 }).catch(() => {});
  const cells = await page.$$eval("table tr td", (found) => found.map((cell) => cell.textContent));
  const totals = cells.map((text) => /^([0-9,.]+)(\D*) \(/.exec(text)).filter(Boolean);
  const profiles_shown = Number(/\(1\/(\d+)\)/.exec(await page.innerText("body"))?.[1] ?? 1);
  results.push({ path, profiles_shown, opened_ms, import_ms, messages, total: Math.max(...totals.map((found) => Number(found[1].replaceAll(",", "")))), shown: cells.filter((text) => /^[0-9].* \(/.test(text)) });
  await page.close();
}
await browser.close();
console.log(JSON.stringify(results));
