// `npm run test:versions`: the demo and the tests of contract, platform and media with other Nodes and the newest
// nats-server, here. Faster than `npm run test:systems`, which runs all tests and makes whole systems.
import "./setup/node-version.mjs";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { SetupError } from "./setup/run.mjs";
import { main, setUp } from "./setup.mjs";
import { buildNatsServer, fetchNode, NODES, runWith } from "./systems/programs.mjs";

const USAGE = `Usage: npm run test:versions -- [NODE ...]

Runs the demo and the tests of contract, platform and media with the newest nats-server and each Node:

${Object.entries(NODES)
  .map(([name, version]) => `  ${name.padEnd(8)}${version}`)
  .join("\n")}

All of them where none is named. Needs npm and Go.`;

const COMMANDS = [
  ["node", "cli/bundle/demo.js"],
  ["node", "node_modules/vitest/vitest.mjs", "run", "packages/contract", "packages/platform", "packages/media"],
];

await main(async () => {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { help: { type: "boolean" } } });
  if (values.help) return console.log(USAGE);
  const unknown = positionals.find((name) => !Object.hasOwn(NODES, name));
  if (unknown) throw new SetupError(`There is no Node "${unknown}"; there are ${Object.keys(NODES).join(", ")}.`);

  await setUp({ tests: true });
  const folder = mkdtempSync(join(tmpdir(), "polyreel-versions-"));
  const results = [];
  try {
    const nats = join(folder, "nats-server");
    await buildNatsServer(nats);
    for (const name of positionals.length > 0 ? positionals : Object.keys(NODES)) {
      const node = join(folder, name);
      mkdirSync(node);
      await fetchNode(node, NODES[name]);
      results.push([NODES[name], await runAll([node, nats])]);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(`\n${results.map(([version, result]) => `Node ${version.padEnd(10)}${result}`).join("\n")}`);
  return results.every(([, result]) => result === "passed") ? 0 : 1;
});

/** Runs the commands with the programs of the folders; returns the result. */
async function runAll(folders) {
  await runWith(folders, ["sh", "-c", 'echo; echo "== Node $(node --version), $(nats-server --version)"']);
  const failed = [];
  for (const command of COMMANDS) {
    const code = await runWith(folders, command);
    if (code !== 0) failed.push(`${command.join(" ")} ended with exit code ${code}`);
  }
  return failed.length === 0 ? "passed" : `failed: ${failed.join("; ")}`;
}
