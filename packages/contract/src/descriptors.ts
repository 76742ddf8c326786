import { readFileSync } from "node:fs";

/** The contract's FileDescriptorSet, serialised: what server reflection answers with. Written by `npm run generate`. */
export const descriptors = (): Uint8Array => readFileSync(new URL("../dist/descriptors.binpb", import.meta.url));
