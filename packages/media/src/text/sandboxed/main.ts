import { text } from "node:stream/consumers";
import { fromJson } from "@bufbuild/protobuf";
import { TextOverlaySchema } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { writeTexts } from "../write-texts.js";
import type { FactMessage, Job } from "./job.js";

// The sandboxed program that draws texts: confines whatever a font file may do.

const print = (message: FactMessage) => process.stdout.write(`${JSON.stringify(message)}\n`);

const { texts, canvas, stretch, fonts, folder } = JSON.parse(await text(process.stdin)) as Job;
const overlays = texts.map((one) => fromJson(TextOverlaySchema, one));
const scene = { canvas, stretch, fontPath: async (sha256: string) => fonts[sha256] ?? "" };
try {
  for await (const drawn of writeTexts(overlays, scene, folder)) print({ drawn });
} catch (error) {
  if (!(error instanceof PolyreelError)) throw error;
  const { field, reason, remedy, code: failureCode } = error.failure;
  print({ failed: { code: error.code, field, reason, remedy, failureCode } });
}
