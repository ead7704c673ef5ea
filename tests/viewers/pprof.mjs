// pprof.mjs - decodes a profile with pprof-format, and prints the sums of its stacks as folded lines
//
//   usage: pprof.mjs MODULES-DIRECTORY PROFILE
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { gunzipSync } from "node:zlib";

const [modules, path] = process.argv.slice(2);
const { Profile } = createRequire(modules + "/")("pprof-format");
const profile = Profile.decode(gunzipSync(readFileSync(path)));
const strings = profile.stringTable.strings;
const functions = new Map(profile.function.map((each) => [each.id, strings[Number(each.name)]]));
const locations = new Map(profile.location.map((each) => [each.id, functions.get(each.line[0].functionId)]));
const lines = profile.sample.map((sample) => {
  const stack = sample.locationId.map((id) => locations.get(id)).reverse().join(";");
  return `${stack} ${sample.value.at(-1)}`;
});
process.stdout.write(lines.map((line) => line + "\n").join(""));
