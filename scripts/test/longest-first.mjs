import { relative } from "node:path";
import { BaseSequencer } from "vitest/node";

/** Files that start earlier come first. */
const ORDER = [
  // All batches of the guide: minutes.
  /^tests\/src\/guide\.test\.ts$/,
  // Small versions of harnesses, as in tests/src/chaos/chaos.slow.test.ts: a minute or more each.
  /^tests\/src\/([^/]+)\/\1\.slow\.test\.ts$/,
  // All services run as processes.
  /^tests\//,
  // The command runs as a process.
  /^cli\//,
];

/**
 * Starts with the files that take longest, so that at the end no worker waits for another one. In a fresh clone vitest knows
 * no durations, and would start with the largest files: the harnesses are among the smallest.
 */
export default class LongestFirst extends BaseSequencer {
  async sort(files) {
    const rankOf = ({ moduleId }) => {
      const path = relative(this.ctx.config.root, moduleId).replaceAll("\\", "/");
      const rank = ORDER.findIndex((pattern) => pattern.test(path));
      return rank === -1 ? ORDER.length : rank;
    };
    return (await super.sort(files)).sort((a, b) => rankOf(a) - rankOf(b));
  }
}
