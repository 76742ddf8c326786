import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { VERSION } from "@polyreel/platform";
import { runHarness } from "../testing/run-harness.js";
import { ARCHIVE, packData } from "./archive.js";
import { record } from "./record.js";

// `npm run release:data`: records what this release leaves behind, for later ones to open.

await runHarness({
  usage: `Usage: npm run release:data

Runs all services, kills them in the middle of their work, and packs store, stream and a dump of the database into
${ARCHIVE}, which is committed with the release. Needs PostgreSQL's programs.`,
  numbers: {},
  async run() {
    const folder = await mkdtemp(join(tmpdir(), "polyreel-release-data-"));
    try {
      await record(folder);
      return { report: { release: VERSION, archive: ARCHIVE, bytes: await packData(folder) }, problems: [] };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
});
process.exit(); // The clients keep connections open for a while.
