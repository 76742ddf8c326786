import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** The contract's serialised FileDescriptorSet, for server reflection. Written by `npm run generate`. */
export const descriptors = (): Uint8Array =>
  readFileSync(createRequire(import.meta.url).resolve("@polyreel/contract/descriptors.binpb"));
