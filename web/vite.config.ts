import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

/**
 * The router looks for React's `use`, which Preact does not have, and does without it. Its directives are for servers
 * that render pages.
 */
const HARMLESS: ReadonlySet<string | undefined> = new Set(["IMPORT_IS_UNDEFINED", "MODULE_LEVEL_DIRECTIVE"]);

/** Writes each asset compressed beside it, so that gateways need not compress it for each visitor. */
const precompress: Plugin = {
  name: "precompress",
  writeBundle: async ({ dir = "" }) => {
    const assets = join(dir, "assets");
    for (const name of await readdir(assets)) {
      const bytes = await readFile(join(assets, name));
      await writeFile(join(assets, `${name}.gz`), gzipSync(bytes, { level: 9 }));
      await writeFile(join(assets, `${name}.br`), brotliCompressSync(bytes));
    }
  },
};

export default defineConfig({
  plugins: [precompress],
  base: "/ui/",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2023",
    assetsInlineLimit: 0, // The page's content security policy has no data: URLs for scripts and styles.
    modulePreload: { polyfill: false },
    rolldownOptions: {
      onLog: (level, log, report) => {
        if (!HARMLESS.has(log.code)) report(level === "warn" ? "error" : level, log);
      },
    },
  },
});
