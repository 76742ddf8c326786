import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeSheet } from "../guide/sheet.js";

// `npm run demo-picture`: makes the README's picture of videos of the demo, which `npm run demo` has rendered.

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** Videos that share blocks: two in a row. */
const VIDEOS = [
  "sunrise_facts_shop_slt_sunny",
  "trio_facts_store_slt_sunny",
  "pattern_ice_shop_slt_sunny",
  "sunrise_review_store_slt_sunny",
];
/** In hook, body and call to action, each when its caption is complete. */
const MOMENTS = [0.3, 0.56, 0.97];

const tiles = VIDEOS.flatMap((name) => MOMENTS.map((at) => ({ file: join(ROOT, ".demo/out", `${name}.mp4`), at })));
await writeFile(join(ROOT, "docs/demo.jpg"), await makeSheet(tiles, { width: 1600, columns: 6 }));
