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
];

/**
 * Starts with the files that take longest, so that at the end no worker waits for another one. In a fresh clone vitest knows
 * no durations, and would start with the largest files: the harnesses are among the smallest. Files that share a process come
 * last, together: it ends before a file with a process of its own.
 */
export default class LongestFirst extends BaseSequencer {
  async sort(files) {
    const rankOf = ({ moduleId, project }) => {
      if (!project.config.isolate) return ORDER.length + 1;
      const path = relative(this.ctx.config.root, moduleId).replaceAll("\\", "/");
      const rank = ORDER.findIndex((pattern) => pattern.test(path));
      return rank === -1 ? ORDER.length : rank;
    };
    return (await super.sort(files)).sort((a, b) => rankOf(a) - rankOf(b));
  }
}
