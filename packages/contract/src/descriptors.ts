import { readFileSync } from "node:fs";

/** The contract's serialised FileDescriptorSet, for server reflection. Written by `npm run generate`. */
export const descriptors = (): Uint8Array => readFileSync(new URL("../dist/descriptors.binpb", import.meta.url));
