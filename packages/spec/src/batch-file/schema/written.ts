import { DurationSchema } from "@bufbuild/protobuf/wkt";
import { SourceSchema } from "@polyreel/contract";
import type { JsonSchema } from "./json-schema.js";

/** 3s, 500ms, 1m30s, 2.5: as accepted by `parseDuration`. */
const DURATION = String.raw`(\d+(\.\d+)?|(?=\d)(\d+h)?(\d+m)?(\d+(\.\d+)?s)?(\d+(\.\d+)?ms)?)`;

/** Schemas of messages that are written as one value; `writtenForms` reads them. */
export const writtenSchemas: Readonly<Record<string, (keywords: JsonSchema, whole: () => JsonSchema) => JsonSchema>> = {
  /** Bounds apply to numbers; for strings only the sign is checked. */
  [DurationSchema.typeName]: (bounds) => {
    const negative = "minimum" in bounds || "exclusiveMinimum" in bounds ? "" : "-?";
    return {
      anyOf: [
        { type: "string", pattern: `^\\s*${negative}${DURATION}\\s*$` },
        { type: "number", ...bounds },
      ],
    };
  },
  /** The path of a file or a URL; or the message itself if a server already has the bytes. */
  [SourceSchema.typeName]: (_keywords, whole) => ({ anyOf: [{ type: "string", minLength: 1 }, whole()] }),
};
