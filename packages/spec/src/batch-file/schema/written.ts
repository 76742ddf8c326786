import { DurationSchema } from "@bufbuild/protobuf/wkt";
import { SourceSchema } from "@polyreel/contract";
import type { JsonSchema } from "./json-schema.js";

/** 3s, 500ms, 1m30s, 2.5: as `parseDuration` reads them. */
const DURATION = String.raw`(\d+(\.\d+)?|(?=\d)(\d+h)?(\d+m)?(\d+(\.\d+)?s)?(\d+(\.\d+)?ms)?)`;

/** The schemas of messages that are written as one value: beside `writtenForms`, which reads them. */
export const writtenSchemas: Readonly<Record<string, (keywords: JsonSchema, whole: () => JsonSchema) => JsonSchema>> = {
  /** Bounds hold for numbers; of texts only the sign is told. */
  [DurationSchema.typeName]: (bounds) => {
    const negative = "minimum" in bounds || "exclusiveMinimum" in bounds ? "" : "-?";
    return {
      anyOf: [
        { type: "string", pattern: `^\\s*${negative}${DURATION}\\s*$` },
        { type: "number", ...bounds },
      ],
    };
  },
  /** The path of a file or a URL; the message itself where a server has the bytes already. */
  [SourceSchema.typeName]: (_keywords, whole) => ({ anyOf: [{ type: "string", minLength: 1 }, whole()] }),
};
